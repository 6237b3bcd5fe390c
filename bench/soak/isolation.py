"""Test 100 sandboxes with contradicting scenarios and changes in parallel.

Then test 10,000 sandboxes with one change each.

python bench/soak/isolation.py [SANDBOXES]
"""

import sys
import time

from lab import EXPORTS, TRASH, Server, call, in_parallel, serving

CLIENTS = 20


def contradictions(server: Server) -> str:
    """Test four kinds of sandboxes; count responses that do not fit the kind of their sandbox."""
    exports = server.ask("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"]
    export_id = next(export["id"] for export in exports if export["status"] == "running")

    def client(index: int) -> tuple[int, int]:
        connection, mismatches, requests = server.connect(), 0, 0
        names = [f"s{number}" for number in range(100) if number % CLIENTS == index]
        for name in names:
            kind = int(name[1:]) % 4
            if kind == 1:
                call(connection, "PUT", "/__admin/scenarios/empty-lists", {}, X_Mock_Sandbox=name)
            elif kind == 2:
                call(
                    connection,
                    "PUT",
                    "/__admin/scenarios/finished-export-cancel",
                    {},
                    X_Mock_Sandbox=name,
                )
            elif kind == 3:
                call(connection, "DELETE", f"{EXPORTS}/{export_id}", X_Mock_Sandbox=name)
        for _ in range(20):
            for name in names:
                kind = int(name[1:]) % 4
                trash = call(connection, "GET", TRASH, X_Mock_Sandbox=name)[1][
                    "trashed_push_notifications"
                ]
                detail = call(connection, "GET", f"{EXPORTS}/{export_id}", X_Mock_Sandbox=name)[1]
                status = detail["push_notification_export"]["status"]
                requests += 2
                mismatches += (trash == []) != (kind == 1)
                mismatches += status != {2: "finished", 3: "canceled"}.get(kind, "running")
        connection.close()
        return mismatches, requests

    mismatches, requests = map(sum, zip(*in_parallel(CLIENTS, client), strict=True))
    return f"{mismatches} of {requests} responses from another sandbox"


def rate(server: Server, seconds: float = 2.0) -> float:
    connection, count, began = server.connect(), 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        call(connection, "GET", f"{EXPORTS}/100")
        count += 1
    connection.close()
    return count / seconds


def many(server: Server, number: int) -> str:
    """Return the size of each sandbox, and whether many sandboxes make `default` slower."""
    before = rate(server)

    def client(index: int) -> None:
        connection = server.connect()
        for sandbox in range(index, number, CLIENTS):
            call(connection, "DELETE", f"{EXPORTS}/100", X_Mock_Sandbox=f"m{sandbox}")
        connection.close()

    in_parallel(CLIENTS, client)
    after = rate(server)
    response = server.ask("GET", "/__admin/sandboxes")[1]
    sizes = [
        sandbox["bytes"] for sandbox in response["sandboxes"] if sandbox["name"].startswith("m")
    ]
    size = sum(sizes) / len(sizes)
    return (
        f"{len(sizes)} of {number} sandboxes kept, {size:.0f} bytes each, "
        f"{response['evicted']} evicted; "
        f"default: {before:.0f}/s before, {after:.0f}/s after (one client)"
    )


def main() -> None:
    with serving("--workers", "2") as server:
        print(contradictions(server), flush=True)
        number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
        print(many(server, number), flush=True)


if __name__ == "__main__":
    main()
