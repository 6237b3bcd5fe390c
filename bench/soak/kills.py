"""Kill workers every 0.5 s under 16 writing clients.

Then kill the master, and restart it with the same SQLite file.

python bench/soak/kills.py [SECONDS]
"""

import http.client
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from itertools import chain

from lab import TRASH, Server, call, in_parallel

CLIENTS = 16


class Client:
    """Restore one notification after another, in a new sandbox per round.

    The client collects the acknowledged ones.
    """

    def __init__(self, index: int) -> None:
        self.index, self.acknowledged, self.errors, self.broken = index, [], [], 0

    def work(self, server: Server, ids: list[str], stop: threading.Event) -> None:
        connection, step = server.connect(), 0
        while not stop.is_set():
            sandbox = f"c{self.index}-{step // len(ids)}"
            notification = ids[step % len(ids)]
            try:
                status, _ = call(
                    connection, "PATCH", f"{TRASH}/{notification}", X_Mock_Sandbox=sandbox
                )
            except (OSError, http.client.HTTPException):
                # The connection broke with its worker. Nothing was acknowledged, so this request
                # does not count.
                self.broken += 1
                connection.close()
                connection = server.connect()
                time.sleep(0.01)
            else:
                if status == 200:
                    self.acknowledged.append((sandbox, notification))
                elif status >= 500:
                    self.errors.append(status)
            step += 1
        connection.close()


def summary(server: Server, clients: list[Client]) -> str:
    """Return the number of acknowledged, lost and duplicate changes as one line."""
    lost = 0
    for client in clients:
        by_sandbox: dict[str, list[str]] = {}
        for sandbox, notification in client.acknowledged:
            by_sandbox.setdefault(sandbox, []).append(notification)
        connection = server.connect()
        for sandbox, restored in by_sandbox.items():
            trash = call(connection, "GET", f"{TRASH}?limit=1000", X_Mock_Sandbox=sandbox)[1][
                "trashed_push_notifications"
            ]
            lost += len({notification["id"] for notification in trash} & set(restored))
        connection.close()
    acknowledged = list(chain.from_iterable(client.acknowledged for client in clients))
    duplicates = len(acknowledged) - len(set(acknowledged))
    errors = sum(len(client.errors) for client in clients)
    broken = sum(client.broken for client in clients)
    changes = f"{len(acknowledged)} acknowledged, {lost} lost, {duplicates} twice"
    return f"{changes}, {errors} responses 5xx, {broken} connections broken"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", f"sqlite:///{folder}/kept.sqlite", "--workers", "2"]
        server = Server(*store)
        trash = server.ask("GET", f"{TRASH}?limit=1000")[1]["trashed_push_notifications"]
        ids = [notification["id"] for notification in trash]
        clients, stop = [Client(index) for index in range(CLIENTS)], threading.Event()

        def killer() -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(0.5)
                with suppress(ProcessLookupError, IndexError):
                    os.kill(server.workers()[0], signal.SIGKILL)
            stop.set()

        thread = threading.Thread(target=killer)
        thread.start()
        in_parallel(CLIENTS, lambda index: clients[index].work(server, ids, stop))
        thread.join()
        print(
            f"a worker killed every 0.5 s for {seconds:g} s: {summary(server, clients)}", flush=True
        )

        clients, stop = [Client(index + 100) for index in range(CLIENTS)], threading.Event()
        threading.Timer(
            2, lambda: (os.kill(server.process.pid, signal.SIGKILL), stop.set())
        ).start()
        in_parallel(CLIENTS, lambda index: clients[index].work(server, ids, stop))
        server.process.wait()
        time.sleep(12)  # until orphaned workers notice that their master has exited
        restarted = Server(*store)
        print(f"the master killed and restarted: {summary(restarted, clients)}", flush=True)
        restarted.stop()


if __name__ == "__main__":
    main()
