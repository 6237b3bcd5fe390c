"""100 sandboxes with scenarios and changes that contradict each other, in parallel; then 10,000 sandboxes with one change each.

python bench/soak/isolation.py [SANDBOXES]
"""

import sys
import time

from lab import EXPORTS, TRASH, Server, call, in_parallel, serving

CLIENTS = 20


def contradictions(server: Server) -> str:
    """Each sandbox is one of four kinds; every answer has to be that kind's."""
    numbers = [
        e["id"] for e in server.ask("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"] if e["status"] == "running"
    ]

    def client(index: int) -> tuple[int, int]:
        connection, wrong, asked = server.connect(), 0, 0
        names = [f"s{number}" for number in range(100) if number % CLIENTS == index]
        for name in names:
            kind = int(name[1:]) % 4
            if kind == 1:
                call(connection, "PUT", "/__admin/scenarios/empty-lists", {}, X_Mock_Sandbox=name)
            elif kind == 2:
                call(connection, "PUT", "/__admin/scenarios/finished-export-cancel", {}, X_Mock_Sandbox=name)
            elif kind == 3:
                call(connection, "DELETE", f"{EXPORTS}/{numbers[0]}", X_Mock_Sandbox=name)
        for _ in range(20):
            for name in names:
                kind = int(name[1:]) % 4
                listed = call(connection, "GET", TRASH, X_Mock_Sandbox=name)[1]["trashed_push_notifications"]
                status = call(connection, "GET", f"{EXPORTS}/{numbers[0]}", X_Mock_Sandbox=name)[1]["push_notification_export"][
                    "status"
                ]
                asked += 2
                wrong += (listed == []) != (kind == 1)
                wrong += status != {2: "finished", 3: "canceled"}.get(kind, "running")
        connection.close()
        return wrong, asked

    found = in_parallel(CLIENTS, client)
    return f"{sum(wrong for wrong, _ in found)} of {sum(asked for _, asked in found)} answers from another's world"


def rate(server: Server, seconds: float = 2.0) -> float:
    connection, count, began = server.connect(), 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        call(connection, "GET", f"{EXPORTS}/100")
        count += 1
    connection.close()
    return count / seconds


def many(server: Server, number: int) -> str:
    """Bytes of each sandbox, and whether `default` is slower for them."""
    before = rate(server)

    def client(index: int) -> None:
        connection = server.connect()
        for each in range(index, number, CLIENTS):
            call(connection, "DELETE", f"{EXPORTS}/100", X_Mock_Sandbox=f"m{each}")
        connection.close()

    in_parallel(CLIENTS, client)
    after = rate(server)
    listed = server.ask("GET", "/__admin/sandboxes")[1]
    sizes = [each["bytes"] for each in listed["sandboxes"] if each["name"].startswith("m")]
    return (
        f"{len(sizes)} of {number} sandboxes kept, {sum(sizes) / len(sizes):.0f} bytes each, {listed['dropped']} dropped; "
        f"default: {before:.0f}/s before, {after:.0f}/s after (one client)"
    )


def main() -> None:
    with serving("--workers", "2") as server:
        print(contradictions(server), flush=True)
        print(many(server, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), flush=True)


if __name__ == "__main__":
    main()
