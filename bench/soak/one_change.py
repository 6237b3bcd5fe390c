"""Test that 50 clients that cancel the same export at once cause one change.

There are 100 exports, and the clock runs.

python bench/soak/one_change.py [STORE ...]
"""

import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from itertools import chain

from lab import EXPORTS, Redis, Server, call, in_parallel, many_exports, serving

CLIENTS, EXPORT_COUNT = 50, 100


def measured(servers: list[Server]) -> str:
    """Return the results as one line."""
    servers[0].ask("PUT", "/__admin/clock", {"mode": "running"})
    exports = servers[0].ask("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"]
    active = [export["id"] for export in exports if export["status"] in ("waiting", "running")]
    numbers = active[:EXPORT_COUNT]

    def client(index: int) -> list[tuple[int, str]]:
        connection = servers[index % len(servers)].connect()
        responses = [call(connection, "DELETE", f"{EXPORTS}/{number}") for number in numbers]
        connection.close()
        return [(status, str(body)) for status, body in responses]

    by_client = in_parallel(CLIENTS, client)
    statuses = Counter(status for status, _ in chain.from_iterable(by_client))
    same = 0
    for responses in zip(*by_client, strict=True):
        bodies = {body for _, body in responses}
        same += len(bodies) == 1
    journal = servers[-1].ask("GET", "/__admin/requests?transition=true")[1]["requests"]
    transitions = Counter(exchange["transition"]["record"] for exchange in journal)
    once = sum(count == 1 for count in transitions.values())
    changes = f"{len(numbers)} exports: {once} with exactly one transition"
    return f"{changes}, {same} with the same response for all clients; {dict(statuses)}"


def main() -> None:
    names = sys.argv[1:] or ["memory", "sqlite-2", "sqlite-4", "redis"]
    with many_exports(400) as fixtures, tempfile.TemporaryDirectory() as folder:
        options = ["--journal-size", "20000", *fixtures]
        stores = {
            "memory": ["--store", "memory:", "--workers", "1"],
            "sqlite-2": ["--workers", "2"],
            "sqlite-4": ["--workers", "4"],
        }
        for name in names:
            with ExitStack() as stack:
                if name == "redis":
                    redis = Redis(folder, 16380)
                    stack.callback(redis.stop)
                    arguments = [["--store", redis.url, "--workers", "2"]] * 2
                else:
                    arguments = [stores[name]]
                servers = [stack.enter_context(serving(*flags, *options)) for flags in arguments]
                print(f"{name:9} {measured(servers)}", flush=True)


if __name__ == "__main__":
    main()
