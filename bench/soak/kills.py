"""Workers killed every 0.5 s under 16 mutating clients; then the master killed and started again on the same SQLite file.

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

from lab import TRASH, Server, call, in_parallel

CLIENTS = 16


class Client:
    """Restores one notification after another, each in a sandbox of its own round, and remembers what was acknowledged."""

    def __init__(self, index: int) -> None:
        self.index, self.acknowledged, self.errors, self.broken = index, [], [], 0

    def work(self, server: Server, ids: list[str], stop: threading.Event) -> None:
        connection, step = server.connect(), 0
        while not stop.is_set():
            sandbox, wanted = f"c{self.index}-{step // len(ids)}", ids[step % len(ids)]
            try:
                status, _ = call(connection, "PATCH", f"{TRASH}/{wanted}", X_Mock_Sandbox=sandbox)
            except (OSError, http.client.HTTPException):
                # The connection died with its worker: nothing was acknowledged, so that this one is not judged.
                self.broken += 1
                connection.close()
                connection = server.connect()
                time.sleep(0.01)
            else:
                if status == 200:
                    self.acknowledged.append((sandbox, wanted))
                elif status >= 500:
                    self.errors.append(status)
            step += 1
        connection.close()


def judged(server: Server, clients: list[Client], ids: list[str]) -> str:
    lost = 0
    for client in clients:
        by_sandbox: dict[str, list[str]] = {}
        for sandbox, wanted in client.acknowledged:
            by_sandbox.setdefault(sandbox, []).append(wanted)
        connection = server.connect()
        for sandbox, gone in by_sandbox.items():
            listed = call(connection, "GET", f"{TRASH}?limit=1000", X_Mock_Sandbox=sandbox)[1]["trashed_push_notifications"]
            lost += len({each["id"] for each in listed} & set(gone))
        connection.close()
    every = [entry for client in clients for entry in client.acknowledged]
    twice = len(every) - len(set(every))
    errors = sum(len(client.errors) for client in clients)
    broken = sum(client.broken for client in clients)
    return f"{len(every)} acknowledged, {lost} lost, {twice} twice, {errors} answers 5xx, {broken} connections cut"


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8
    with tempfile.TemporaryDirectory() as folder:
        store = ["--store", f"sqlite:///{folder}/kept.sqlite", "--workers", "2"]
        server = Server(*store)
        ids = [each["id"] for each in server.ask("GET", f"{TRASH}?limit=1000")[1]["trashed_push_notifications"]]
        clients, stop = [Client(index) for index in range(CLIENTS)], threading.Event()

        def killer() -> None:
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                time.sleep(0.5)
                with suppress(ProcessLookupError, IndexError):
                    os.kill(server.workers()[0], signal.SIGKILL)
            stop.set()

        thread = threading.Thread(target=killer)
        thread.start()
        in_parallel(CLIENTS, lambda index: clients[index].work(server, ids, stop))
        thread.join()
        print(f"a worker killed every 0.5 s for {seconds:g} s: {judged(server, clients, ids)}", flush=True)

        clients, stop = [Client(index + 100) for index in range(CLIENTS)], threading.Event()
        threading.Timer(2, lambda: (os.kill(server.process.pid, signal.SIGKILL), stop.set())).start()
        in_parallel(CLIENTS, lambda index: clients[index].work(server, ids, stop))
        server.process.wait()
        time.sleep(12)  # orphaned workers see that their master is gone
        again = Server(*store)
        print(f"the master killed and started again: {judged(again, clients, ids)}", flush=True)
        again.stop()


if __name__ == "__main__":
    main()
