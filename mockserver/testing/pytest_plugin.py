"""The pytest plugin: a mock server for the tests of an app, and a sandbox for each test.

`docs/pytest.md` describes it.

pytest imports this file at every start, in every project where the package is installed. Most runs
do not use it. So the pytest fixtures import everything except pytest inside functions. This is the
only exception to the rule against such imports.
"""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.testing.sandbox import Sandbox

MODES = ("thread", "process")
"""How the server can run; `testing.server.RUNNERS` implements each."""
OPTIONS = {
    "mockserver": "how to run the mock server: thread (in the pytest process, default) or process",
    "mockserver_url": "URL of a running mock server to use",
    "mockserver_schemas": "folder with one folder per API, each with a blueprint and JSON Schemas",
    "mockserver_fixtures": (
        "folder with one folder per API, each with records, effects and scenarios"
    ),
}
"""Option to its help. An option is a flag, with dashes, and an ini option, the flag's default."""
_SANDBOX = pytest.StashKey["Sandbox"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `OPTIONS`."""
    group = parser.getgroup("mockserver", "mockserver: an API to test against")
    for name, text in OPTIONS.items():
        group.addoption(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar=name.rpartition("_")[2].upper(),
            help=text,
        )
        parser.addini(name, text, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and validate the mode."""
    config.addinivalue_line(
        "markers",
        "scenario(name, **overrides): switch on a mock server scenario for this test; repeatable.",
    )
    mode = _option(config, "mockserver")
    if mode not in ("", *MODES):
        raise pytest.UsageError(f"--mockserver: expected {' or '.join(MODES)}, got {mode!r}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose scenario marker has no effect, because it might pass for another reason.

    A marker of a file applies only to its tests that use the server.
    """
    uses_server = "mockserver" in getattr(item, "fixturenames", ())
    for node, mark in item.iter_markers_with_node("scenario"):
        if len(mark.args) != 1 or not isinstance(mark.args[0], str):
            actual = ", ".join(map(repr, mark.args)) or "none"
            raise _failed(f"@pytest.mark.scenario: expected the name of one scenario, got {actual}")
        if isinstance(node, pytest.Item | pytest.Class) and not uses_server:
            advice = "the test must use the pytest fixture mockserver or mockserver_url"
            raise _failed(f"@pytest.mark.scenario({mark.args[0]!r}): {advice}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the journal of the test to the report of its failure, if it is not in it already."""
    report = yield
    sandbox = item.stash.get(_SANDBOX, None)
    if sandbox is not None and report.failed and call.when != "teardown":
        journal = sandbox.journal()
        if not (call.excinfo and journal in str(call.excinfo.value)):
            _attach(report, "mockserver journal", journal)
    return report


def _attach(report: pytest.TestReport, title: str, text: str) -> None:
    """Add a section to the report of a failure."""
    failure: Any = report.longrepr
    if hasattr(failure, "addsection"):
        # A section of the failure is in --junitxml too, and --show-capture does not hide it.
        failure.addsection(title, text)
    else:
        report.sections.append((title, text))


@pytest.fixture(scope="session")
def mockserver_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of the server of the session, for an app that is started once for all tests."""
    from mockserver.testing.server import running

    mode = _option(pytestconfig, "mockserver") or MODES[0]
    url = _option(pytestconfig, "mockserver_url")
    folders = {}
    for name in ("schemas", "fixtures"):
        path = _folder(pytestconfig, f"mockserver_{name}")
        if path:
            folders[name] = path
    with ExitStack() as exit_stack:
        with _without_traceback("cannot use the mock server"):
            address = exit_stack.enter_context(running(mode, url, folders))
        yield address


@pytest.fixture
def mockserver(request: pytest.FixtureRequest, mockserver_server: str) -> Iterator["Sandbox"]:
    """The sandbox of this test on a running mock server, with the scenarios of its markers."""
    from mockserver.testing.sandbox import Sandbox

    sandbox = Sandbox.of_test(mockserver_server, request.node.nodeid)
    with _without_traceback("cannot name the test of the sandbox"):
        sandbox.set_test(request.node.nodeid)
    request.node.stash[_SANDBOX] = sandbox
    # Markers of the class, then markers of the test.
    marks = reversed(list(request.node.iter_markers("scenario")))
    try:
        for mark in marks:
            with _without_traceback(f"@pytest.mark.scenario({mark.args[0]!r})"):
                sandbox.scenario(*mark.args, **mark.kwargs)
        yield sandbox
    finally:  # also after an error in a marker
        with _without_traceback("cannot delete the sandbox"):
            sandbox.delete()


@pytest.fixture
def mockserver_url(mockserver: "Sandbox") -> str:
    """The base URL of the sandbox of this test, for the app under test."""
    return mockserver.url


def _option(config: pytest.Config, name: str) -> str:
    return str(config.getoption(name) or config.getini(name))


def _folder(config: pytest.Config, name: str) -> str:
    """Return the absolute path of a folder option; empty for the shipped folder.

    A flag is relative to the invocation directory, an ini option to its file.
    """
    flag = config.getoption(name)
    if flag:
        return str(config.invocation_params.dir / flag)
    ini_option = config.getini(name)
    if not ini_option:
        return ""
    ini_folder = config.inipath.parent if config.inipath else config.rootpath
    return str(ini_folder / ini_option)


@contextmanager
def _without_traceback(prefix: str) -> Iterator[None]:
    """Report an error of the mock server by its message alone."""
    from mockserver.errors import MockServerError

    try:
        yield
    except MockServerError as error:
        raise _failed(f"{prefix}: {error}") from None


def _failed(message: str) -> BaseException:
    """Return a failure whose report is this message alone."""
    return pytest.fail.Exception(message, pytrace=False)
