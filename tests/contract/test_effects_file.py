"""Errors in effects.yaml are reported together, with their positions."""

import pytest

from mockserver.contract import effects_file
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles
from mockserver.formats import strict_yaml

HEAD = """\
collections:
  exports: {key: export_id, parent: push_notification_id}
  trash: {key: push_notification_id}
operations:
"""
CANCEL = "  cancel-push-notification-segment-export:\n"
LIST_TRASH = "  list-all-trashed-push-notifications:\n"

INVALID = [
    (
        "unknown operation",
        f"{HEAD}  nope: {{list: exports}}\n",
        "e.yaml:5:3: unknown operation 'nope'; expected one of list-all-",
    ),
    (
        "no kind",
        f"{HEAD}{CANCEL}    to: canceled\n",
        "e.yaml:5:3: the effect has no kind; "
        "expected one of the keys list, retrieve, transition, create, update, remove, got to",
    ),
    (
        "unknown collection",
        f"{HEAD}{CANCEL}    retrieve: export\n",
        "e.yaml:6:15: unknown collection 'export'; expected one of exports, trash",
    ),
    (
        "unknown key",
        f"{HEAD}{CANCEL}    retrieve: exports\n    mising: 404\n",
        "e.yaml:7:5: /operations/cancel-push-notification-segment-export/mising: "
        'expected no other member than "retrieve", "not_found" or "container", '
        'got undocumented member "mising"',
    ),
    (
        "wrong type",
        f"{HEAD}{CANCEL}    retrieve: exports\n    not_found: soon\n",
        "e.yaml:7:16: /operations/cancel-push-notification-segment-export/not_found: "
        'expected integer, got string "soon"',
    ),
    (
        "undocumented status",
        f"{HEAD}{CANCEL}    retrieve: exports\n    not_found: 410\n",
        "e.yaml:7:16: the blueprint does not document status 410 for this operation; "
        "expected one of 200, 404, 400",
    ),
    (
        "undocumented status of a rejection",
        f"{HEAD}{CANCEL}    transition: exports\n    to: canceled\n    reject: {{finished: 409}}\n",
        "e.yaml:8:24: the blueprint does not document status 409 for this operation; "
        "expected one of 200, 404, 400",
    ),
    (
        "a variable that the template does not have",
        f"{HEAD}  restore-a-trashed-push-notification:\n    remove: exports\n",
        "e.yaml:5:3: /push_notifications/trash/{push_notification_id} has no variable "
        "'export_id', which identifies",
    ),
    (
        "search by an unknown variable",
        f"{HEAD}{LIST_TRASH}    list: trash\n    search: {{text: name}}\n",
        "e.yaml:7:14: /push_notifications/trash{?limit,offset,searched_text} has no variable "
        "'text'; expected one of",
    ),
    (
        "no operations",
        "collections: {}\n",
        'e.yaml:1:1: /: expected member "operations", got none of that name',
    ),
    ("a list", "- a\n", "e.yaml:1:1: /: expected object, got array"),
]


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_an_error_is_reported_with_its_position(
    contract: Contract, text: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as caught:
        effects_file.read_effects(strict_yaml.parse_yaml(text.encode(), "e.yaml"), contract.apis[0])
    assert str(caught.value).startswith(message)


def test_all_errors_are_reported_together(contract: Contract) -> None:
    text = f"{HEAD}{CANCEL}    retrieve: exports\n    not_found: 410\n  nope: {{list: exports}}\n"
    with pytest.raises(InvalidFiles) as caught:
        effects_file.read_effects(strict_yaml.parse_yaml(text.encode(), "e.yaml"), contract.apis[0])
    assert len(caught.value.errors) == 2
