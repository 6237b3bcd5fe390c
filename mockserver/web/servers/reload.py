"""`--reload`: reload changed files while serving.

If a file is invalid, the error is logged and the previous contract stays.
"""

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.errors import FileMessage, InvalidFiles, UsageError
from mockserver.formats.files import files_below
from mockserver.pipeline.mock_server import MockServer
from mockserver.telemetry import server_log

log = logging.getLogger("mockserver")
INTERVAL = 0.3
"""Seconds between two polls."""
BUG = "this is a bug in the mock server"
ENDINGS = (".apib", ".json", ".yaml")
FileVersion = tuple[int, int, int, int]
"""Modification time, size, device and inode. A link may change to a file of equal age and size."""


class FileWatcher:
    """Polls the files of a contract, and reloads the contract when a file has changed.

    Create it before the contract is loaded, so that it detects all changes since then.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known_versions = self._versions()

    def start(self, server: MockServer) -> None:
        """Poll in a background thread."""
        Thread(target=self._watch, args=(server,), daemon=True, name="mockserver-reload").start()

    def poll(self, server: MockServer) -> bool:
        """Reload the contract if a file has changed. Return whether a new contract is served."""
        versions = self._versions()
        if versions == self._known_versions:
            return False
        self._known_versions = versions
        try:
            contract = loader.load_contract(self._settings.schemas, self._settings.fixtures)
            server.use(contract, server.store)
        except (InvalidFiles, UsageError) as error:
            log.warning("reload failed, still serving the previous contract:\n%s", error)
            server.reload_errors = tuple(str(error).splitlines())
            return False
        server.reload_errors = ()
        log.warning("reloaded%s", _lines(contract.messages))
        return True

    def _watch(self, server: MockServer) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                self.poll(server)
            except Exception:  # continue: the next change may fix it
                log.exception("reload failed, still serving the previous contract; %s", BUG)
                server.reload_errors = (BUG,)

    def _versions(self) -> dict[Path, FileVersion]:
        versions: dict[Path, FileVersion] = {}
        for folder in (self._settings.schemas, self._settings.fixtures):
            for path in files_below(folder):
                if path.suffix not in ENDINGS:
                    continue
                try:
                    stat = path.stat()
                except OSError:
                    continue  # deleted after the listing
                versions[path] = (stat.st_mtime_ns, stat.st_size, stat.st_dev, stat.st_ino)
        return versions


def _lines(messages: Iterable[FileMessage]) -> str:
    """Return a line for each of the first messages."""
    lines = []
    for level, text in server_log.first_messages(messages, "mockserver check"):
        lines.append(f"\n{level}: {text}")
    return "".join(lines)
