"""Check with strace that the server opens no connection and starts no program while it serves.

python bench/soak/quiet.py
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import EXPORTS, TOKEN, TRASH, in_parallel, serving

CALLS = [
    ("GET", EXPORTS, None),
    ("DELETE", f"{EXPORTS}/101", None),
    ("GET", f"{TRASH}?searched_text=http://127.0.0.1:9/x", None),
    ("PUT", "/__admin/scenarios/empty-lists", {}),
    ("DELETE", "/__admin/scenarios/empty-lists", None),
    ("POST", "/__admin/requests/find", {"urlPattern": "/api/.*"}),
    ("GET", "/__admin/requests", None),
    ("GET", "/openapi.json", None),
    ("GET", "/__admin/scenarios/nope", None),
    ("POST", "/__admin/reset", {}),
]


def main() -> int:
    strace = shutil.which("strace")
    if strace is None:
        print("quiet: skipped, since strace is not installed")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        serving("--workers", "2", "--access-log") as server,
    ):
        trace = Path(folder) / "calls"
        pids = []
        for pid in (server.process.pid, *server.workers()):
            pids += ["-p", str(pid)]
        call = [strace, "-f", "-qq", "-e", "trace=connect,execve,accept4", "-o", str(trace), *pids]
        watching = subprocess.Popen(call, stderr=subprocess.DEVNULL)
        try:
            # Until strace is attached.
            while not (trace.exists() and "accept4" in trace.read_text()):
                server.ask("GET", "/__admin/health")
                if watching.poll() is not None:
                    print("quiet: skipped, since strace may not trace other processes here")
                    return 0
            in_parallel(4, lambda _: [server.ask(*arguments, **TOKEN) for arguments in CALLS])
        finally:
            watching.terminate()
            watching.wait()
        lines = trace.read_text().splitlines()
    violations = [line for line in lines if re.search(r"\b(connect|execve)\(", line)]
    accepted = sum("accept4" in line for line in lines)
    print(f"quiet: {accepted} calls accepted; {len(violations)} connect or execve")
    print("\n".join(violations))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
