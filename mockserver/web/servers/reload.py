"""`--reload`: reload changed files while serving.

If a file is invalid, the error is logged and the previous contract stays.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Protocol

from mockserver.contract.model import Contract
from mockserver.errors import FileMessage, InvalidFiles, UsageError
from mockserver.pipeline.mock_server import MockServer
from mockserver.telemetry import server_log

log = logging.getLogger("mockserver")
INTERVAL = 0.3
"""Seconds between two polls."""
BUG = "this is a bug in the mock server"
FileVersion = tuple[int, int, int, int]
"""Modification time, size, device and inode. A link may change to a file of equal age and size."""


class ContractSource(Protocol):
    """Where a contract comes from."""

    def load(self) -> Contract:
        """Read and check all files.

        Raises:
            InvalidFiles: A file is invalid.
            UsageError: An argument selects no file.
        """

    def paths(self) -> Iterator[Path]:
        """Yield the files that the contract depends on. Some may be missing."""


class FileWatcher:
    """Polls the files of a contract, and reloads the contract when a file has changed."""

    def __init__(self, source: ContractSource, check_command: str, name: str = "") -> None:
        """Watch the files of a source.

        Args:
            source: The source of the contract.
            check_command: The command that prints all messages about the files.
            name: The name of the contract; empty for the main one.
        """
        self._source = source
        self._check_command = check_command
        self._name, self._label = name, ""
        if name:
            self._label = f" {name!r}"
        self._known_versions: dict[Path, FileVersion] = {}

    def load(self) -> Contract:
        """Load the contract, and remember its files. Changes during the load are detected later.

        Raises:
            InvalidFiles: A file is invalid.
            UsageError: An argument selects no file.
        """
        before = self._versions()
        try:
            return self._source.load()
        finally:
            # Only the load finds out which files are included.
            after = self._versions()
            self._known_versions = {path: before.get(path, after[path]) for path in after}

    def start(self, server: MockServer) -> None:
        """Poll in a background thread."""
        Thread(target=self._watch, args=(server,), daemon=True, name="mockserver-reload").start()

    def poll(self, server: MockServer) -> bool:
        """Reload the contract if a file has changed. Return whether a new contract is served."""
        if self._versions() == self._known_versions:
            return False
        try:
            contract = self.load()
            server.use(contract)
        except (InvalidFiles, UsageError, OSError) as error:
            text = "reload failed, still serving the previous contract%s:\n%s"
            log.warning(text, self._label, error)
            server.reload_errors.note(self._name, str(error).splitlines())
            return False
        server.reload_errors.note(self._name, [])
        subject = self._label and f" contract{self._label}"
        log.warning("reloaded%s%s", subject, self._lines(contract.messages))
        return True

    def _watch(self, server: MockServer) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                self.poll(server)
            except Exception:  # continue: the next change may fix it
                text = "reload failed, still serving the previous contract%s; %s"
                log.exception(text, self._label, BUG)
                server.reload_errors.note(self._name, [BUG])

    def _lines(self, messages: Iterable[FileMessage]) -> str:
        """Return a line for each of the first messages."""
        lines = []
        for level, text in server_log.first_messages(messages, self._check_command):
            lines.append(f"\n{level}: {text}")
        return "".join(lines)

    def _versions(self) -> dict[Path, FileVersion]:
        versions: dict[Path, FileVersion] = {}
        for path in self._source.paths():
            try:
                stat = path.stat()
            except OSError:
                continue  # deleted after the listing, or not yet written
            versions[path] = (stat.st_mtime_ns, stat.st_size, stat.st_dev, stat.st_ino)
        return versions
