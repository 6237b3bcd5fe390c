"""`--reload`: changed files are read while serving; a faulty change keeps the old contract, and says why."""

import logging
import time
from pathlib import Path
from threading import Thread

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.errors import InvalidFiles
from mockserver.formats.files import files_below
from mockserver.pipeline.mock_server import MockServer

log = logging.getLogger("mockserver")
INTERVAL = 0.3
"""Seconds between two looks."""
ENDINGS = (".apib", ".json", ".yaml")
FileVersion = tuple[int, int, int, int]
"""When a file was changed, its size, and which file it is: a link may lead to another one, as old and as long."""


class FileWatcher:
    """Looks at the files of a contract, and gives a server the new one when a file has changed.

    Made before the contract is loaded, so that a change between loading and the first look is not missed.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known_versions = self._versions()

    def start(self, server: MockServer) -> None:
        """Look for ever, beside the requests."""
        Thread(target=self._watch, args=(server,), daemon=True, name="mockserver-reload").start()

    def poll(self, server: MockServer) -> bool:
        """Whether a change was found, and taken over."""
        stamps = self._versions()
        if stamps == self._known_versions:
            return False
        self._known_versions = stamps
        try:
            loaded = loader.load_contract(self._settings.schemas, self._settings.fixtures)
        except InvalidFiles as error:
            log.warning("reload failed, still serving the previous contract:\n%s", error)
            return False
        server.use(loaded, server.store)
        log.warning("reloaded%s", "".join(f"\nwarning: {text}" for text in loaded.warnings))
        return True

    def _watch(self, server: MockServer) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                self.poll(server)
            except Exception:  # the thread has to go on: the next change may mend it
                log.exception("reload failed, still serving the previous contract; this is a bug in the mock server")

    def _versions(self) -> dict[Path, FileVersion]:
        stamps: dict[Path, FileVersion] = {}
        for folder in (self._settings.schemas, self._settings.fixtures):
            for path in files_below(folder):
                if path.suffix in ENDINGS:
                    try:
                        stat = path.stat()
                    except OSError:
                        continue  # gone between the listing and the look
                    stamps[path] = (stat.st_mtime_ns, stat.st_size, stat.st_dev, stat.st_ino)
        return stamps
