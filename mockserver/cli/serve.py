"""`mockserver serve`: check the contract, then serve it."""

import argparse
import gc
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mockserver import __version__
from mockserver.cli.blueprints.named_sources import NamedSource, contract_sources
from mockserver.cli.blueprints.uploads import complete_api
from mockserver.cli.operation_table import curl, operation_lines
from mockserver.cli.options import add_settings, settings_of
from mockserver.cli.streams import discard_output
from mockserver.cli.tables import writes_to_terminal
from mockserver.config import processes
from mockserver.config.settings import Settings
from mockserver.config.unknown_variables import unknown_variables
from mockserver.contract.api_folder import load_files
from mockserver.contract.loader import combine
from mockserver.contract.model import Contract
from mockserver.errors import StartError, StoreUnavailable, UsageError, run_all
from mockserver.pipeline.factory import make_server
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.uploads import UploadReader, Uploads
from mockserver.telemetry import server_log
from mockserver.web.admin_access import open_admin_warning
from mockserver.web.application import Application
from mockserver.web.servers import single_process
from mockserver.web.servers.reload import FileWatcher
from mockserver.web.servers.sockets import bind
from mockserver.web.servers.stop_signals import exit_on_stop_signal

if processes.CAN_FORK:
    from mockserver.web.servers import gunicorn

ONE_PROCESS = "the server is one process, because this platform cannot fork: docs/platforms.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each setting."""
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal stops the server."""
    exit_on_stop_signal()
    settings = _with_access_log(settings_of(args))
    server_log.configure(settings.log_format)
    sources = contract_sources(settings)
    watchers: list[FileWatcher] = []
    loads = [source.load for source in sources]
    if settings.reload:
        watchers = [FileWatcher(source, source.check_command, source.name) for source in sources]
        loads = [watcher.load for watcher in watchers]
    sockets, application, _ = run_all(
        lambda: bind(settings),
        lambda: _application(settings, loads),
        lambda: _check_shared(settings),
    )
    contracts = [served.contract for served in application.server.contracts]
    address, port = sockets[0].getsockname()[:2]
    uploads = application.server.uploads
    _print_messages(settings, sources, uploads, open_admin_warning(settings, address, port))
    _print_banner(BANNERS[settings.log_format](contracts, settings, port))
    gc.freeze()  # workers share these pages as long as nothing writes to them
    gc.enable()
    if processes.CAN_FORK:
        gunicorn.run(application, sockets, settings.workers, watchers)
    else:
        single_process.run(application, sockets, watchers)
    return 0


def _application(settings: Settings, loads: Iterable[Callable[[], Contract]]) -> Application:
    """Return what is served; each worker opens the store after the fork."""
    server = make_server(settings, *run_all(*loads))
    server.uploads.accept(UploadReader(load_files, combine, complete_api))
    _load_uploads(server)
    return Application(server)


def _load_uploads(server: MockServer) -> None:
    """Load the APIs that an earlier server has kept, so that all workers share them."""
    if not server.store.is_persistent:
        return
    try:
        server.store.open()
    except StoreUnavailable:
        return
    try:
        server.uploads.open(server.store.uploads, shared=False)
    finally:
        server.store.close()


def _with_access_log(settings: Settings) -> Settings:
    """Return the settings with the default of `access_log` resolved: on if stdout is a terminal."""
    if settings.access_log is not None:
        return settings
    return replace(settings, access_log=writes_to_terminal())


def _check_shared(settings: Settings) -> None:
    if settings.workers > 1 and settings.store.startswith("memory:"):
        raise UsageError(
            "--workers: the store memory: belongs to one process, "
            f"so {settings.workers} workers would have different data; "
            "expected --workers 1, or a shared store: sqlite: or redis:"
        )


def _print_messages(
    settings: Settings,
    sources: Iterable[NamedSource],
    uploads: Uploads,
    exposed: str | None,
) -> None:
    """Print what is wrong with the settings and the files."""
    lines = [("warning", text) for text in unknown_variables(os.environ)]
    if not processes.CAN_FORK:
        lines.append(("info", ONE_PROCESS))
    for source, contract in zip(sources, uploads.files, strict=True):
        lines += server_log.first_messages(contract.messages, source.check_command)
    if uploads.loaded:
        names = ", ".join(key.removeprefix("/") for key in uploads.loaded)
        lines.append(("warning", f"The store has uploaded APIs, which are served: {names}."))
    if exposed:
        lines.append(("warning", exposed))
    for level, text in lines:
        server_log.print_line(settings.log_format, level, text)


def _print_banner(text: str) -> None:
    """Print the start message.

    Raises:
        StartError: stdout is not writable.
        BrokenPipeError: stdout is closed.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_output()
        raise StartError(f"cannot write the start message to stdout: {error.strerror}") from error


def _url(settings: Settings, port: int) -> str:
    host = settings.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound  # nosec B104
        host = "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"


def _summary(contract: Contract, url: str) -> str:
    return f"mockserver {__version__} serves {_apis(contract, url)}"


def _apis(contract: Contract, url: str) -> str:
    return ", ".join(f"{api.name} at {url}{api.base_path}" for api in contract.apis)


def _contract_lines(contracts: Iterable[Contract], settings: Settings, url: str) -> list[str]:
    """Return a line for each contract of `--contract`, which names the default one."""
    lines = []
    for contract in contracts:
        if contract.name:
            note = ""
            if contract.name == settings.contract:
                note = " (default)"
            lines.append(f"contract {contract.name}{note}: {_apis(contract, url)}")
    return lines


def _banner(contracts: Sequence[Contract], settings: Settings, port: int) -> str:
    url, main = _url(settings, port), contracts[0]
    lines = [_summary(main, url), ""]
    lines += [f"  {line}" for line in operation_lines(main)]
    lines += ["", f"  panel      {url}/__admin/", f"  docs       {url}/docs"]
    example = curl(main, url)
    if example:
        lines.append(f"  try        {example}")
    lines += [f"  {line}" for line in _contract_lines(contracts, settings, url)]
    return "\n".join([*lines, ""])


def _line(contracts: Sequence[Contract], settings: Settings, port: int) -> str:
    url = _url(settings, port)
    text = "; ".join([_summary(contracts[0], url), *_contract_lines(contracts, settings, url)])
    return server_log.json_line("info", text, url=url)


BANNERS = {"text": _banner, "json": _line}
"""Value of `--log-format` to the start message on stdout."""
