"""Measure cold start (from exec to the first response) and memory (PSS of all processes) over several starts.

python bench/start.py [RUNS]
"""

import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PORT = 18081
URL = f"http://127.0.0.1:{PORT}/api/push_notifications/trash"


def start() -> tuple[float, float]:
    """Return the seconds to the first response, and the megabytes after it."""
    began = time.perf_counter()
    command = [str(Path(sys.executable).parent / "mockserver"), "serve", "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        request = urllib.request.Request(URL, headers={"X-Access-Token": "bench"})
        while True:
            try:
                urllib.request.urlopen(request, timeout=5).read()
                break
            except OSError:
                time.sleep(0.002)
        return time.perf_counter() - began, memory(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def memory(pid: int) -> float:
    """Return the PSS of a process and its children, in megabytes. Shared pages count once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    megabytes = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024
    return megabytes + sum(memory(int(child)) for child in children)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds, megabytes = zip(*(start() for _ in range(count)), strict=True)
    for name, values, unit in (("cold start", seconds, "s"), ("memory (PSS)", megabytes, "MB")):
        print(f"{name:13} median {statistics.median(values):.2f} {unit}  (from {min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
