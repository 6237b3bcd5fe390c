"""The pytest plugin: a mock server for the tests of an app, and a sandbox for each test (`docs/pytest.md`).

pytest imports this file at each start, in every project where the package is installed, and most runs need nothing of it. So
all but pytest itself is imported by the pytest fixtures that need it: the one exception to the rule that no import hides in a
function.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.testing.sandbox import Sandbox

MODES = ("thread", "process")
"""How the server can run; `testing.RUNNERS` has how each is done."""
OPTIONS = {
    "mockserver": "how to run the mock server: thread (in the pytest process, default) or process",
    "mockserver_url": "URL of a running mock server to use",
    "mockserver_schemas": "folder with one folder per API, each with a blueprint and JSON Schemas",
    "mockserver_fixtures": "folder with one folder per API, each with records, effects and scenarios",
}
"""Each is a flag, with dashes, and an ini option, which is taken where the flag is not given."""
_OWN = pytest.StashKey["Sandbox"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `OPTIONS`."""
    group = parser.getgroup("mockserver", "mockserver: an API to test against")
    for name, text in OPTIONS.items():
        group.addoption(f"--{name.replace('_', '-')}", dest=name, metavar=name.rpartition("_")[2].upper(), help=text)
        parser.addini(name, text, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse a mode that there is not."""
    config.addinivalue_line("markers", "scenario(name, **overrides): switch on a mock server scenario for this test; repeatable.")
    mode = _settings_of(config, "mockserver")
    if mode not in ("", *MODES):
        raise pytest.UsageError(f"--mockserver: expected {' or '.join(MODES)}, got {mode!r}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A scenario that nobody would switch on is a mistake, and is said before the test passes for another reason.

    That of a whole file is for those of its tests that ask for the server.
    """
    for node, mark in item.iter_markers_with_node("scenario"):
        if len(mark.args) != 1 or not isinstance(mark.args[0], str):
            given = ", ".join(map(repr, mark.args)) or "none"
            raise _failed(f"@pytest.mark.scenario: expected the name of one scenario, got {given}")
        if isinstance(node, pytest.Item | pytest.Class) and "mockserver" not in getattr(item, "fixturenames", ()):
            advice = "the test must use the pytest fixture mockserver or mockserver_url"
            raise _failed(f"@pytest.mark.scenario({mark.args[0]!r}): {advice}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the test's journal to the report of its failure, where that does not tell it already."""
    report = yield
    own = item.stash.get(_OWN, None)
    if own is not None and report.failed and call.when != "teardown":
        journal = own.journal()
        if not (call.excinfo and journal in str(call.excinfo.value)):
            # As a part of the failure it is in --junitxml too, and --show-capture does not hide it.
            attach = getattr(report.longrepr, "addsection", lambda *section: report.sections.append(section))
            attach("mockserver journal", journal)
    return report


@pytest.fixture(scope="session")
def mockserver_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """The address of the session's server, for an app that is started once: its requests name their sandbox themselves."""
    from mockserver.testing.server import running

    mode = _settings_of(pytestconfig, "mockserver") or MODES[0]
    folders = {name: path for name in ("schemas", "fixtures") if (path := _folder(pytestconfig, f"mockserver_{name}"))}
    with ExitStack() as ended_with_it:
        with _in_words("cannot use the mock server"):
            address = ended_with_it.enter_context(running(mode, _settings_of(pytestconfig, "mockserver_url"), folders))
        yield address


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, mockserver_server: str) -> Iterator["Sandbox"]:
    """A sandbox of a running mock server that is this test's own, with the scenarios of its markers."""
    from mockserver.testing.sandbox import Sandbox

    own = Sandbox.of_test(mockserver_server, request.node.nodeid)
    request.node.stash[_OWN] = own
    try:
        for mark in reversed(list(request.node.iter_markers("scenario"))):  # those of the class, and then those of the test
            with _in_words(f"@pytest.mark.scenario({mark.args[0]!r})"):
                own.scenario(*mark.args, **mark.kwargs)
        yield own
    finally:  # also when the second of two markers is refused
        with _in_words("cannot reset the sandbox"):
            own.reset()  # a sandbox that is as at the start takes no room


@pytest.fixture
def mockserver_url(mockserver: "Sandbox") -> str:
    """The base URL of this test's sandbox, for the app under test."""
    return mockserver.url


def _settings_of(config: pytest.Config, name: str) -> str:
    return str(config.getoption(name) or config.getini(name))


def _folder(config: pytest.Config, name: str) -> str:
    """A folder as a whole path: the flag's from where pytest was called, the ini option's from its file; none for the shipped."""
    if given := config.getoption(name):
        return str(config.invocation_params.dir / given)
    there = config.inipath.parent if config.inipath else config.rootpath
    return str(there / ini) if (ini := config.getini(name)) else ""


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """Tell what the mock server refuses, and not the lines of its own that refused it."""
    from mockserver.errors import MockServerError

    try:
        yield
    except MockServerError as error:
        raise _failed(f"{what}: {error}") from None


def _failed(told: str) -> BaseException:
    """A failure whose report is these words alone."""
    return pytest.fail.Exception(told, pytrace=False)
