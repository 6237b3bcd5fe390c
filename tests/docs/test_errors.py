"""docs/errors.md lists every problem, and each call in it causes its problem."""

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

from mockserver import errors
from mockserver.config.similar_names import similar_name
from mockserver.errors import (
    PROBLEMS,
    FileMessage,
    InvalidFiles,
    MockServerError,
    Position,
    StartError,
    UsageError,
    Violation,
    run_all,
)

ROW = re.compile(r"^\| `([a-z-]+)` \| (\d+) \| .* \| (.*) \|$", re.MULTILINE)
ROWS = [
    (slug, int(status), call.replace("\\|", "|"))
    for slug, status, call in ROW.findall((ROOT / "docs/errors.md").read_text())
]
CALLS = [(slug, status, call.strip("`")) for slug, status, call in ROWS if call.startswith("`")]


def test_the_catalogue_is_complete() -> None:
    assert sorted((slug, status) for slug, status, _ in ROWS) == sorted(
        (kind.slug, kind.status) for kind in PROBLEMS
    )
    assert len(CALLS) == len(PROBLEMS) - 12


def test_the_docstring_shows_the_tree_of_exceptions() -> None:
    exceptions = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, MockServerError)
    ]
    tree = ["* MockServerError"]
    for kind in exceptions:
        if kind.__bases__ == (MockServerError,):
            tree.append(f"  * {kind.__name__}")
    documented = re.findall(r"^ *\* \w+", str(errors.__doc__), re.MULTILINE)
    assert sorted(documented) == sorted(tree)


def test_a_problem_has_one_name() -> None:
    for kind in PROBLEMS:
        words = re.findall("[A-Z][a-z]+", kind.__name__)
        assert kind.slug == "-".join(words).lower()


@pytest.fixture(scope="module")
def impatient() -> Iterator[str]:
    """Return the URL of a server that waits a second for the rest of a request."""
    with running_server("--workers", "1", "--read-timeout", "1") as process:
        yield process.url


@pytest.mark.server
@pytest.mark.parametrize(("slug", "status", "call"), CALLS, ids=[slug for slug, _, _ in CALLS])
def test_each_call_provokes_its_problem(impatient: str, slug: str, status: int, call: str) -> None:
    token = (
        ""
        if slug == "access-token-missing" or "X-Access-Token" in call
        else " -H 'X-Access-Token: any'"
    )
    call = call.replace("curl ", f"{shlex.quote(require_tool('curl'))} -s{token} ")
    script = f"API={impatient}/api/push_notifications ADMIN={impatient}/__admin\n{call}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert f'"type":"urn:mockserver:problem:{slug}"' in done.stdout
    assert f'"status":{status}' in done.stdout


def test_errors_are_reported_once_in_order_of_position() -> None:
    file_errors = [
        FileMessage(Position("b", 1), "x"),
        FileMessage(Position("a", 10), "y"),
        FileMessage(Position("a", 2, 5), "z"),
        FileMessage(Position("b", 1), "x"),
    ]
    assert str(InvalidFiles(file_errors)) == "a:2:5: z\na:10:1: y\nb:1:1: x"


def test_several_errors_are_one_line_each() -> None:
    def fails(message: str) -> None:
        raise UsageError(message)

    with pytest.raises(ExceptionGroup) as caught:
        run_all(
            lambda: fails("a"),
            lambda: None,
            lambda: run_all(lambda: fails("b"), lambda: fails("c")),
        )
    assert [str(error) for error in caught.value.exceptions] == ["a", "b", "c"]


def test_of_several_steps_the_only_error_is_raised_as_it_is() -> None:
    def fails() -> None:
        raise StartError("a")

    with pytest.raises(StartError, match="a"):
        run_all(lambda: 1, fails)
    assert run_all(lambda: 1, lambda: 2) == [1, 2]


def test_a_violation_says_expected_and_actual() -> None:
    assert str(Violation("", "an object", "null")) == "/: expected an object, got null"


@pytest.mark.parametrize(
    ("name", "candidate"),
    [("nmae", "name"), ("name", "name"), ("x", ""), ("", ""), ("name" * 1000, "")],
    ids=lambda text: text[:9],
)
def test_the_most_similar_name_is_suggested(name: str, candidate: str) -> None:
    assert similar_name(name, {"number", "name", "title"}) == candidate
