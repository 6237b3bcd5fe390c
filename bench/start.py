"""Cold start and memory: from exec to the first answer, and the PSS of all processes, over several starts.

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
    """Seconds to the first answer, and megabytes after it."""
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
    """PSS of a process and its children, in megabytes: pages that they share count once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1]) / 1024
    return own + sum(memory(int(child)) for child in children)


def main() -> None:
    runs = [start() for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 7)]
    for name, values, unit in (("cold start", [s for s, _ in runs], "s"), ("memory (PSS)", [m for _, m in runs], "MB")):
        print(f"{name:13} median {statistics.median(values):.2f} {unit}  (from {min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
