"""Every worker stopped and replaced three times under load: does any request fail?

python bench/soak/signals.py [REQUESTS]
"""

import http.client
import os
import signal
import sys
import threading
import time

from lab import EXPORTS, call, in_parallel, serving

CLIENTS = 8


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with serving("--workers", "2") as server:
        each = wanted // CLIENTS

        def client(_: int) -> tuple[int, int]:
            """Requests that were answered otherwise than 200, and connections that a worker closed between two requests."""
            connection, failed, closed = server.connect(), 0, 0
            for _ in range(each):
                try:
                    status = call(connection, "GET", f"{EXPORTS}/100")[0]
                except (OSError, http.client.HTTPException):
                    # An idle connection of a worker that ends may be closed (RFC 9112, section 9.5): a client asks again.
                    closed += 1
                    connection.close()
                    connection = server.connect()
                    status = call(connection, "GET", f"{EXPORTS}/100")[0]
                failed += status != 200
            connection.close()
            return failed, closed

        def replace_workers() -> None:
            for _ in range(3):
                time.sleep(1)
                for pid in server.workers():
                    os.kill(pid, signal.SIGTERM)

        thread = threading.Thread(target=replace_workers)
        thread.start()
        found = in_parallel(CLIENTS, client)
        thread.join()
        failed, closed = (sum(column) for column in zip(*found, strict=True))
        print(
            f"workers replaced x 3 under {each * CLIENTS:,} requests: {failed} failed, {closed} asked again on a new connection"
        )


if __name__ == "__main__":
    main()
