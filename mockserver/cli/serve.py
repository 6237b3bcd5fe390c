"""`mockserver serve`: check everything, then serve it."""

import argparse
import gc
import os
import sys
from dataclasses import replace

from mockserver import __version__
from mockserver.cli.options import add_settings, settings_of
from mockserver.cli.tables import curl, operation_lines
from mockserver.config import extras
from mockserver.config import settings as config
from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import StartError, UsageError, run_all
from mockserver.telemetry import server_log
from mockserver.web.admin_guard import open_admin_warning
from mockserver.web.app import create_app
from mockserver.web.servers import gunicorn
from mockserver.web.servers.reload import FileWatcher
from mockserver.web.servers.stop_signals import exit_on_stop_signal

SERVERS = {"gunicorn": "mockserver.web.servers.gunicorn:run", "granian": "mockserver.web.servers.granian:run"}
"""What can serve; only the one that does is imported."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every setting is a flag."""
    add_settings(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    exit_on_stop_signal()
    gc.disable()  # until it serves: what is made at the start stays, and to look through it again and again takes time
    settings = _with_exchange_log(settings_of(args))
    server_log.configure(settings.log_format)
    watcher = FileWatcher(settings) if settings.reload else None
    run_server, sockets, app, _ = run_all(
        lambda: extras.import_extra(SERVERS[settings.server], "granian", f"--server {settings.server}"),
        lambda: gunicorn.bind(settings),
        lambda: create_app(settings, open_store=False),
        lambda: _check_shared(settings),
    )
    contract = app.extensions["mockserver"].contract
    address, port = sockets[0].getsockname()[:2]
    exposed = open_admin_warning(settings, address, port)
    for warning in (*config.unknown_variables(os.environ), *contract.warnings, *([exposed] if exposed else [])):
        server_log.warn(settings.log_format, warning)
    _print_banner(BANNERS[settings.log_format](contract, settings, port))
    gc.freeze()  # the worker shares these pages with this process as long as nobody writes into them
    gc.enable()
    run_server(app, sockets, settings.workers, watcher)
    return 0


def _with_exchange_log(settings: Settings) -> Settings:
    """Return the settings with `access_log` decided: on if somebody sits in front of it, unless they say otherwise."""
    if settings.access_log is not None:
        return settings
    return replace(settings, access_log=sys.stdout.isatty())


def _check_shared(settings: Settings) -> None:
    if settings.workers > 1 and settings.store.startswith("memory:"):
        raise UsageError(
            f"--workers: the store memory: belongs to one process, so {settings.workers} workers would have different data; "
            "expected --workers 1, or a shared store: sqlite: or redis:"
        )


def _print_banner(text: str) -> None:
    """Raises `StartError` where stdout takes nothing, and `BrokenPipeError` where nobody reads it."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - or what is unwritten fails again at exit
        raise StartError(f"cannot write the start message to stdout: {error.strerror}") from error


def _url(settings: Settings, port: int) -> str:
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - said, not bound  # nosec B104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _banner(contract: Contract, settings: Settings, port: int) -> str:
    url = _url(settings, port)
    names = ", ".join(f"{api.name} at {url}{api.base_path}" for api in contract.apis)
    lines = [f"mockserver {__version__} serves {names}", ""]
    lines += [f"  {line}" for line in operation_lines(contract)]
    lines += ["", f"  panel      {url}/__admin/", f"  docs       {url}/docs"]
    if example := curl(contract, url):
        lines += [f"  try        {example}"]
    return "\n".join([*lines, ""])


def _line(contract: Contract, settings: Settings, port: int) -> str:
    url = _url(settings, port)
    names = ", ".join(f"{api.name} at {url}{api.base_path}" for api in contract.apis)
    said = f"mockserver {__version__} serves {names}"
    return server_log.json_line("info", said, url=url)


BANNERS = {"text": _banner, "json": _line}
"""Name of `--log-format` to what is said on stdout once it listens."""
