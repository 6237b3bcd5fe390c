"""50 clients cancel the same export at once, for 100 exports, the clock running: each change happens once.

python bench/soak/one_change.py [STORE ...]
"""

import sys
import tempfile
from collections import Counter
from contextlib import ExitStack

from lab import EXPORTS, Redis, Server, call, in_parallel, many_exports, serving

CLIENTS, WANTED = 50, 100


def measured(servers: list[Server]) -> str:
    """One line on what was seen."""
    servers[0].ask("PUT", "/__admin/clock", {"mode": "running"})
    every = servers[0].ask("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"]
    numbers = [each["id"] for each in every if each["status"] in ("waiting", "running")][:WANTED]

    def client(index: int) -> list[tuple[int, str]]:
        connection = servers[index % len(servers)].connect()
        answers = [call(connection, "DELETE", f"{EXPORTS}/{number}") for number in numbers]
        connection.close()
        return [(status, str(body)) for status, body in answers]

    answers = in_parallel(CLIENTS, client)
    statuses = Counter(status for each in answers for status, _ in each)
    same = sum(len({each[index][1] for each in answers}) == 1 for index in range(len(numbers)))
    journal = servers[-1].ask("GET", "/__admin/requests?transition=true")[1]["requests"]
    moved = Counter(exchange["transition"]["record"] for exchange in journal)
    once = sum(count == 1 for count in moved.values())
    return f"{len(numbers)} exports: {once} with exactly one transition, {same} with one and the same answer; {dict(statuses)}"


def main() -> None:
    wanted = sys.argv[1:] or ["memory", "sqlite-2", "sqlite-4", "redis"]
    with many_exports(400) as fixtures, tempfile.TemporaryDirectory() as folder:
        room = ["--journal-size", "20000", *fixtures]
        stores = {
            "memory": ["--store", "memory:", "--workers", "1"],
            "sqlite-2": ["--workers", "2"],
            "sqlite-4": ["--workers", "4"],
        }
        for name in wanted:
            with ExitStack() as stack:
                if name == "redis":
                    redis = Redis(folder, 16380)
                    stack.callback(redis.stop)
                    arguments = [["--store", redis.url, "--workers", "2"]] * 2
                else:
                    arguments = [stores[name]]
                servers = [stack.enter_context(serving(*each, *room)) for each in arguments]
                print(f"{name:9} {measured(servers)}", flush=True)


if __name__ == "__main__":
    main()
