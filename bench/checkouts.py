"""Start the mock server of this checkout or of another one, each with its own packages."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from load import EXPORTS, check_list
from servers import RunningProcess, ask, free_port, running

HEADERS = {"X-Access-Token": "bench"}
BIN = Path(sys.executable).parent
"""Where the programs of this environment are."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder with the source, and the program that it installed."""

    folder: Path
    program: Path


THIS = Checkout(Path(__file__).resolve().parents[1], BIN / "mockserver")


def other_checkout(folder: Path) -> Checkout:
    """Return a checkout that has an environment in `.venv`."""
    program = folder.resolve() / ".venv/bin/mockserver"
    if not program.exists():
        sys.exit(f"bench: {program} does not exist; run `make test` in {folder}")
    return Checkout(folder.resolve(), program)


@dataclass(frozen=True, slots=True)
class OurServer:
    """A mock server that responds."""

    process: RunningProcess
    port: int

    @property
    def exports_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{EXPORTS}"


@contextmanager
def serving(checkout: Checkout, options: Sequence[str]) -> Iterator[OurServer]:
    """Start the server of a checkout, wait for a right list of exports, and stop it afterwards.

    Raises:
        NotMeasurable: It ended, or did not return the list in time.

    """
    port = free_port()
    command = [str(checkout.program), "serve", "--port", str(port), *options]

    def find_mismatch() -> str:
        return check_list(*ask(port, EXPORTS, HEADERS))

    with running(command, find_mismatch, checkout.folder) as process:
        yield OurServer(process, port)
