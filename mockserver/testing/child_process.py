"""The command line of `mockserver`, tied to the process that started it: it ends with that one, however that ends.

`python -m mockserver.testing.tied serve`, with a pipe as its standard input. The other end of the pipe closes when its last
holder is gone, by `kill -9` too, on every POSIX system; then the server is told to end, as by SIGTERM. Its workers go with it.
"""

import os
import signal
import sys
from threading import Thread

from mockserver.cli import main


def exit_with_parent() -> None:
    """Wait until the standard input closes, then tell this process to end."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=exit_with_parent, name="mockserver-tied", daemon=True).start()
    sys.exit(main())
