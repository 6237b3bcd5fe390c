"""The pytest plugin: a mock server for the tests of an app, and a sandbox for each test.

`docs/pytest.md` describes it.

pytest imports this file at every start, in every project where the package is installed. Most runs
do not use it. So the pytest fixtures import everything except pytest inside functions. This is the
only exception to the rule against such imports.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from apib_mockserver.sandbox import Sandbox
    from apib_mockserver.server import ServerSource

OPTIONS = {
    "mockserver_url": "URL of a running mock server to use (MOCKSERVER_URL)",
    "mockserver_command": "command that starts a mock server on {port} (MOCKSERVER_COMMAND)",
    "mockserver_schemas": (
        "for a server in this process: folder with a folder per API, each with a blueprint and "
        "JSON Schemas"
    ),
    "mockserver_fixtures": (
        "for a server in this process: folder with a folder per API, each with records, effects "
        "and scenarios"
    ),
    "mockserver_scenarios": "for a server in this process: folder with more scenarios",
}
"""Option to its help. An option is a flag, with dashes, and an ini option, the flag's default."""
VARIABLES = {"mockserver_url": "MOCKSERVER_URL", "mockserver_command": "MOCKSERVER_COMMAND"}
"""The options with an environment variable."""
FOLDERS = {
    "mockserver_schemas": "schemas",
    "mockserver_fixtures": "fixtures",
    "mockserver_scenarios": "scenarios_folder",
}
"""The options for a server in this process, with the names of its settings."""
TOKEN_VARIABLE = "MOCKSERVER_ADMIN_TOKEN"  # noqa: S105 (a name)
_SANDBOX = pytest.StashKey["Sandbox"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `OPTIONS`."""
    group = parser.getgroup("mockserver", "mockserver: an API to test against")
    for name, text in OPTIONS.items():
        group.addoption(
            _flag(name),
            dest=name,
            metavar=name.rpartition("_")[2].upper(),
            help=text,
        )
        parser.addini(name, text, default="")


def _flag(name: str) -> str:
    """Return the flag of an option."""
    return f"--{name.replace('_', '-')}"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse folders for a server that does not run in this process."""
    config.addinivalue_line(
        "markers",
        "scenario(name, **overrides): switch on a mock server scenario for this test; repeatable.",
    )
    for name in FOLDERS:
        if config.getoption(name) and _strongest(config, *VARIABLES):
            reason = "a server by URL or command; it serves its own folders"
            raise pytest.UsageError(f"{_flag(name)} does not change {reason}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose scenario marker has no effect, because it might pass for another reason.

    A marker of a file applies only to its tests that use the server.
    """
    uses_server = "mockserver" in getattr(item, "fixturenames", ())
    for node, mark in item.iter_markers_with_node("scenario"):
        if len(mark.args) != 1 or not isinstance(mark.args[0], str):
            actual = ", ".join(map(repr, mark.args)) or "none"
            raise _failed(f"@pytest.mark.scenario: expected the name of one scenario, got {actual}")
        if isinstance(node, (pytest.Item, pytest.Class)) and not uses_server:
            advice = "the test must use the pytest fixture mockserver or mockserver_url"
            raise _failed(f"@pytest.mark.scenario({mark.args[0]!r}): {advice}")


@pytest.hookimpl(hookwrapper=True)  # the newer `wrapper` needs a newer pluggy
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, None]:
    """Attach the journal of the test to the report of its failure, if it is not in it already."""
    outcome = yield
    report = outcome.get_result()
    sandbox = item.stash.get(_SANDBOX, None)
    if sandbox is not None and report.failed and call.when != "teardown":
        journal = _journal(sandbox)
        if not (call.excinfo and journal in str(call.excinfo.value)):
            _attach(report, "mockserver journal", journal)


def _journal(sandbox: Sandbox) -> str:
    """Return the last exchanges of the journal as text, or the reason why it cannot be read."""
    from apib_mockserver.errors import NoResponse, ProblemError
    from apib_mockserver.journal_text import format_journal

    try:
        exchanges = sandbox.requests()
    except (NoResponse, ProblemError, RuntimeError) as error:
        return f"cannot read the journal: {error}"
    if not exchanges:
        return f"no request arrived at {sandbox.api_base}"
    return format_journal(exchanges)


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
    from apib_mockserver.server import running

    with ExitStack() as exit_stack:
        with _without_traceback("cannot use the mock server"):
            server = running(_source(pytestconfig), os.environ.get(TOKEN_VARIABLE))
            url = exit_stack.enter_context(server)
        yield url


@pytest.fixture(scope="session")
def _mockserver_run() -> str:
    """A unique text: processes and runs that share a server do not share sandboxes."""
    return os.urandom(8).hex()


@pytest.fixture
def mockserver(
    request: pytest.FixtureRequest, mockserver_server: str, _mockserver_run: str
) -> Iterator[Sandbox]:
    """The sandbox of this test on a running mock server, with the scenarios of its markers."""
    from apib_mockserver.mock_server import connect

    server = connect(mockserver_server, token=os.environ.get(TOKEN_VARIABLE))
    with _without_traceback("cannot start the sandbox"):
        sandbox = server.start_test(request.node, _mockserver_run)
    request.node.stash[_SANDBOX] = sandbox
    # Markers of the class, then markers of the test.
    marks = reversed(list(request.node.iter_markers("scenario")))
    try:
        for mark in marks:
            with _without_traceback(f"@pytest.mark.scenario({mark.args[0]!r})"):
                sandbox.on(*mark.args, **mark.kwargs)
        yield sandbox
    finally:  # also after an error in a marker
        with _without_traceback("cannot delete the sandbox"):
            sandbox.delete()


@pytest.fixture
def mockserver_url(mockserver: Sandbox) -> str:
    """The base URL of the sandbox of this test, for the app under test."""
    return mockserver.api_base


def _source(config: pytest.Config) -> ServerSource:
    """Return how the session gets its server."""
    from apib_mockserver.server import ServerSource

    server = _strongest(config, *VARIABLES)
    if server is None:
        return ServerSource(settings=_thread_settings(config))
    if server.name == "mockserver_url":
        return ServerSource(url=server.value)
    return ServerSource(command=server.value, folder=str(server.folder))


def _thread_settings(config: pytest.Config) -> dict[str, str]:
    """Return the settings of a server in this process."""
    settings = {}
    for name, setting in FOLDERS.items():
        option = _strongest(config, name)
        if option:
            settings[setting] = str(option.folder / option.value)
    return settings


class _Option(NamedTuple):
    """An option that has a value."""

    name: str
    value: str
    folder: Path
    """The folder to which its paths are relative."""


def _strongest(config: pytest.Config, *names: str) -> _Option | None:
    """Return the strongest of some options that has a value; of equally strong ones, the first.

    A flag is stronger than a variable, and a variable is stronger than an ini option.
    """
    present = config.invocation_params.dir
    ini_folder = config.inipath.parent if config.inipath else config.rootpath
    for read, folder in (
        (config.getoption, present),
        (_variable, present),
        (config.getini, ini_folder),
    ):
        for name in names:
            value = read(name)
            if value:
                return _Option(name, value, folder)
    return None


def _variable(name: str) -> str:
    """Return the value of the environment variable of an option, if it has one."""
    return os.environ.get(VARIABLES.get(name, ""), "")


@contextmanager
def _without_traceback(prefix: str) -> Iterator[None]:
    """Report an error of the mock server by its message alone."""
    from apib_mockserver.errors import NoResponse, ProblemError
    from apib_mockserver.server import ServerUnavailable

    try:
        yield
    except (NoResponse, ProblemError, ServerUnavailable) as error:
        raise _failed(f"{prefix}: {error}") from None


def _failed(message: str) -> BaseException:
    """Return a failure whose report is this message alone."""
    return pytest.fail.Exception(message, pytrace=False)
