"""Test whether memory grows with many requests and the journal keeps its limit; needs `wrk`.

python bench/soak/growth.py [REQUESTS]
"""

import re
import subprocess
import sys

from lab import EXPORTS, serving


def load(url: str, seconds: int) -> int:
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-H", "X-Access-Token: soak", url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return int(re.search(r"(\d+) requests in", text)[1])


def main() -> None:
    request_count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with serving("--workers", "2") as server:
        url = f"http://127.0.0.1:{server.port}{EXPORTS}"
        warm = 0
        # Until all caches are full, and the allocator has memory for the largest batch.
        while warm < request_count / 5:
            warm += load(url, 10)
        before, done = server.memory(), 0
        while done < request_count:
            done += load(url, 10)
            print(f"  {done:9,} requests: {server.memory():.1f} MB", flush=True)
        total = server.ask("GET", "/__admin/requests")[1]["meta"]["total"]
        memory = f"{before:.1f} MB before, {server.memory():.1f} MB after (RSS of all)"
        print(f"{done:,} requests: {memory}; {total} in the journal")


if __name__ == "__main__":
    main()
