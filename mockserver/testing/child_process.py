"""The command line of `mockserver` as a child process that exits with its parent.

`python -m mockserver.testing.child_process serve` runs with a pipe as its standard input. The pipe
closes when the parent exits, even after `kill -9`, on every platform. The server and its workers
then stop as after SIGTERM.
"""

import os
import signal
import sys
from threading import Thread

from mockserver.cli import main
from mockserver.config.processes import CAN_FORK


def exit_with_parent() -> None:
    """Wait until the standard input closes, then send SIGTERM to this process."""
    while os.read(0, 1024):
        pass
    if CAN_FORK:
        os.kill(os.getpid(), signal.SIGTERM)
    else:  # on Windows, `os.kill` would end the process without its handler
        signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=exit_with_parent, name="mockserver-exit-with-parent", daemon=True).start()
    sys.exit(main())
