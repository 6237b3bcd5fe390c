"""Test outages: Redis killed for 3 s, Redis stopped, a full disk.

Report the responses during each, and the lost changes.

python bench/soak/outages.py
"""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from lab import EXPORTS, TRASH, Redis, Server, call


def watched(server: Server, seconds: float, ids: list[str]) -> tuple[Counter, float, list[str]]:
    """Restore one notification after another.

    Return the statuses, the slowest response, and the acknowledged ids.
    """
    statuses, slowest, done = Counter(), 0.0, []
    ends, connection = time.monotonic() + seconds, server.connect()
    for notification in ids:
        if time.monotonic() > ends:
            break
        began = time.monotonic()
        status, _ = call(connection, "PATCH", f"{TRASH}/{notification}")
        slowest = max(slowest, time.monotonic() - began)
        statuses[status] += 1
        if status == 200:
            done.append(notification)
        time.sleep(0.15)
    connection.close()
    return statuses, slowest, done


def outage(server: Server, break_it, mend_it) -> str:
    server.ask("POST", "/__admin/reset", {})
    ids = [
        notification["id"]
        for notification in server.ask("GET", f"{TRASH}?limit=1000")[1][
            "trashed_push_notifications"
        ]
    ]
    before = watched(server, 1, ids[:5])
    break_it()
    threading.Timer(3, mend_it).start()
    during = watched(server, 2.8, ids[5:20])
    health = server.ask("GET", "/__admin/health")[0]
    time.sleep(1.5)
    after = watched(server, 2, ids[20:])
    trash = server.ask("GET", f"{TRASH}?limit=1000")[1]["trashed_push_notifications"]
    remaining = {notification["id"] for notification in trash}
    acknowledged = before[2] + during[2] + after[2]
    lost = len(remaining & set(acknowledged))
    return (
        f"before {dict(before[0])}, "
        f"meanwhile {dict(during[0])} (slowest {during[1]:.2f} s, health {health}), "
        f"after {dict(after[0])}; {len(acknowledged)} acknowledged, {lost} lost"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        redis = Redis(folder, 16381)
        server = Server("--store", redis.url, "--workers", "2")
        print(
            "Redis killed:  ",
            outage(server, lambda: redis.stop(signal.SIGKILL), redis.start),
            flush=True,
        )
        hang, wake = (
            lambda number=n: os.kill(redis.process.pid, number)
            for n in (signal.SIGSTOP, signal.SIGCONT)
        )
        print("Redis hung:    ", outage(server, hang, wake), flush=True)
        server.stop()
        redis.stop()
    full_disk()


def full_disk() -> None:
    """Fill a small tmpfs while the server runs; needs root."""
    with tempfile.TemporaryDirectory() as folder:
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True
        ).returncode:
            print("disk full:      not tried, a tmpfs could not be mounted")
            return
        try:
            server = Server("--store", f"sqlite:///{folder}/kept.sqlite", "--workers", "2")
            filler = Path(folder) / "filler"

            def fill() -> None:
                with suppress(OSError), filler.open("wb") as file:
                    for _ in range(4000):
                        file.write(b"x" * 1024)
                        file.flush()

            print("disk full:     ", outage(server, fill, lambda: filler.unlink()), flush=True)
            print("reads meanwhile:", server.ask("GET", f"{EXPORTS}/100")[0])
            server.stop()
        finally:
            subprocess.run(["umount", folder], check=False)


if __name__ == "__main__":
    main()
