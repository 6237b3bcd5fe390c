"""`mockserver serve`: check the contract, then serve it."""

import argparse
import gc
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace

from mockserver import __version__
from mockserver.cli.blueprints.sources import contract_source
from mockserver.cli.options import add_settings, settings_of
from mockserver.cli.tables import curl, operation_lines
from mockserver.config import settings as config
from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.model import Contract
from mockserver.errors import StartError, UsageError, run_all
from mockserver.formats.files import display_path
from mockserver.pipeline.factory import make_server
from mockserver.telemetry import server_log
from mockserver.web.admin_access import open_admin_warning
from mockserver.web.application import Application
from mockserver.web.servers import gunicorn
from mockserver.web.servers.reload import FileWatcher
from mockserver.web.servers.sockets import bind
from mockserver.web.servers.stop_signals import exit_on_stop_signal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each setting."""
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal stops the server."""
    exit_on_stop_signal()
    settings = _with_access_log(settings_of(args))
    server_log.configure(settings.log_format)
    source = contract_source(settings)
    watcher = FileWatcher(source, _check_command(settings)) if settings.reload else None
    load = watcher.load if watcher else source.load
    sockets, application, _ = run_all(
        lambda: bind(settings),
        lambda: _application(settings, load),
        lambda: _check_shared(settings),
    )
    contract = application.server.contract
    address, port = sockets[0].getsockname()[:2]
    _print_messages(settings, contract, open_admin_warning(settings, address, port))
    _print_banner(BANNERS[settings.log_format](contract, settings, port))
    gc.freeze()  # workers share these pages as long as nothing writes to them
    gc.enable()
    gunicorn.run(application, sockets, settings.workers, watcher)
    return 0


def _application(settings: Settings, load: Callable[[], Contract]) -> Application:
    """Return what is served; each worker opens the store after the fork."""
    return Application(make_server(settings, load()))


def _with_access_log(settings: Settings) -> Settings:
    """Return the settings with the default of `access_log` resolved: on if stdout is a terminal."""
    if settings.access_log is not None:
        return settings
    return replace(settings, access_log=sys.stdout.isatty())


def _check_shared(settings: Settings) -> None:
    if settings.workers > 1 and settings.store.startswith("memory:"):
        raise UsageError(
            "--workers: the store memory: belongs to one process, "
            f"so {settings.workers} workers would have different data; "
            "expected --workers 1, or a shared store: sqlite: or redis:"
        )


def _print_messages(settings: Settings, contract: Contract, exposed: str | None) -> None:
    """Print what is wrong with the settings and the files."""
    lines = [("warning", text) for text in config.unknown_variables(os.environ)]
    lines += server_log.first_messages(contract.messages, _check_command(settings))
    if exposed:
        lines.append(("warning", exposed))
    for level, text in lines:
        server_log.print_line(settings.log_format, level, text)


def _check_command(settings: Settings) -> str:
    """Return the command that prints all messages about the files of these settings."""
    command = "mockserver check"
    if settings.files:
        return f"{command} {shlex.join(settings.files)}"
    if settings.schemas.resolve() != SCHEMAS.resolve():
        command += f" --schemas {shlex.quote(display_path(settings.schemas))}"
    if settings.fixtures.resolve() != FIXTURES.resolve():
        command += f" --fixtures {shlex.quote(display_path(settings.fixtures))}"
    return command


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
        # Otherwise the buffered output would fail again at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        raise StartError(f"cannot write the start message to stdout: {error.strerror}") from error


def _url(settings: Settings, port: int) -> str:
    host = settings.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound  # nosec B104
        host = "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"


def _summary(contract: Contract, url: str) -> str:
    names = ", ".join(f"{api.name} at {url}{api.base_path}" for api in contract.apis)
    return f"mockserver {__version__} serves {names}"


def _banner(contract: Contract, settings: Settings, port: int) -> str:
    url = _url(settings, port)
    lines = [_summary(contract, url), ""]
    lines += [f"  {line}" for line in operation_lines(contract)]
    lines += ["", f"  panel      {url}/__admin/", f"  docs       {url}/docs"]
    example = curl(contract, url)
    if example:
        lines.append(f"  try        {example}")
    return "\n".join([*lines, ""])


def _line(contract: Contract, settings: Settings, port: int) -> str:
    url = _url(settings, port)
    return server_log.json_line("info", _summary(contract, url), url=url)


BANNERS = {"text": _banner, "json": _line}
"""Value of `--log-format` to the start message on stdout."""
