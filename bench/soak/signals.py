"""Replace every worker three times under load, and check that no request fails.

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
    request_count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with serving("--workers", "2") as server:
        per_client = request_count // CLIENTS

        def client(_: int) -> tuple[int, int]:
            """Return the number of requests without a 200, and of connections that were closed.

            A worker closes a connection between two requests.
            """
            connection, failed, closed = server.connect(), 0, 0
            for _ in range(per_client):
                try:
                    status = call(connection, "GET", f"{EXPORTS}/100")[0]
                except (OSError, http.client.HTTPException):
                    # A worker that stops may close idle connections (RFC 9112, section 9.5).
                    # Clients repeat the request.
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
        results = in_parallel(CLIENTS, client)
        thread.join()
        failed, closed = map(sum, zip(*results, strict=True))
        requests = f"{per_client * CLIENTS:,} requests"
        results_text = f"{failed} failed, {closed} repeated on a new connection"
        print(f"workers replaced x 3 under {requests}: {results_text}")


if __name__ == "__main__":
    main()
