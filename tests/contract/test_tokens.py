"""Every operation with every shipped token, and the required features of the blueprint."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from helpers.shipped_api import (
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TRASH,
    TRASHED,
)

from mockserver.config.settings import Settings
from mockserver.contract import tokens
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles, UsageError
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app

Ask = Callable[..., Response]
CALLS = {
    LIST_EXPORTS: ("GET", EXPORTS),
    RETRIEVE: ("GET", f"{EXPORTS}/100"),
    CANCEL: ("DELETE", f"{EXPORTS}/100"),
    LIST_TRASH: ("GET", TRASH),
    RESTORE: ("PATCH", f"{TRASH}/{TRASHED}"),
}
# The statuses of: list, retrieve, cancel, list trash, restore.
STATUSES = {
    "any": (200, 200, 200, 200, 200),
    "view-only": (200, 200, 403, 200, 403),
    "edit-only": (403, 403, 200, 200, 200),
    "no-features": (403, 403, 403, 200, 403),
    "expired": (401, 401, 401, 401, 401),
    "": (401, 401, 401, 401, 401),
    "view-only@default": (200, 200, 403, 200, 403),
}


@pytest.mark.parametrize("token", STATUSES, ids=repr)
def test_a_token_may_call_the_operations_of_its_features(
    server: MockServer, ask: Ask, token: str
) -> None:
    for (operation, (method, path)), status in zip(CALLS.items(), STATUSES[token], strict=True):
        server.sandboxes.reset("default")
        response = ask(method, path, **{"x-access-token": token})
        assert response.status == status, operation
        if status == 403:
            problem = orjson.loads(response.body)
            assert problem["documented"] is False
            assert problem["required_features"] == [
                f"push_notifications/{'view' if method == 'GET' else 'edit'}"
            ]
            assert "the blueprint documents no response for this" in problem["detail"]
        if status == 401:
            assert "WWW-Authenticate" in dict(response.headers)


def test_a_403_changes_nothing_and_precedes_errors_of_the_request(
    ask: Ask,
) -> None:
    before = ask("GET", f"{EXPORTS}/100").body
    assert ask("DELETE", f"{EXPORTS}/100", **{"x-access-token": "view-only"}).status == 403
    assert ask("GET", f"{EXPORTS}/100").body == before
    assert ask("GET", f"{EXPORTS}?limit=x", **{"x-access-token": "no-features"}).status == 403


def test_tokens_of_the_settings_are_added_to_the_shipped_ones(contract: Contract) -> None:
    settings = (
        "qa=push_notifications/view+push_notifications/edit",
        "nobody=",
        "old=expired",
        "view-only=push_notifications/edit",
    )
    server = MockServer(contract, Settings(tokens=settings), MemoryStore(SandboxState()))

    def status(token: str, method: str = "DELETE") -> int:
        return server.respond(
            Request(method, f"{EXPORTS}/101", headers={"x-access-token": token})
        ).status

    assert [status(token) for token in ("qa", "nobody", "old", "view-only", "edit-only")] == [
        400,
        403,
        401,
        400,
        400,
    ]


def test_all_unknown_features_are_reported_together(contract: Contract, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        create_app(Settings(tokens=("a=push_notifications/view+nope", "b=never"), store="memory:"))
    assert str(caught.value).splitlines() == [
        "--token a: unknown feature 'nope'; "
        "expected push_notifications/edit, push_notifications/view or expired",
        "--token b: unknown feature 'never'; "
        "expected push_notifications/edit, push_notifications/view or expired",
    ]
    (tmp_path / "tokens.yaml").write_text("a: [nope]\nb: gone\n")
    with pytest.raises(InvalidFiles) as invalid:
        tokens.read_tokens(tmp_path / "tokens.yaml", "tokens.yaml", contract.apis[0])
    assert str(invalid.value).splitlines() == [
        "tokens.yaml:1:5: unknown feature 'nope'; "
        "expected one of push_notifications/edit, push_notifications/view",
        "tokens.yaml:2:4: 'gone' is not a list; expected 'expired', or a list of features in [ ]: "
        "push_notifications/edit, push_notifications/view",
    ]
    (tmp_path / "tokens.yaml").write_text("a: [push_notifications/view, nope]\n")
    with pytest.raises(
        InvalidFiles,
        match=r"tokens.yaml:1:30: unknown feature 'nope'; expected one of push_notifications/edit",
    ):
        tokens.read_tokens(tmp_path / "tokens.yaml", "tokens.yaml", contract.apis[0])
