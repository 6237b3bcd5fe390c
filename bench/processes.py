"""Read CPU time and memory of a process and its descendants from /proc."""

import os
import re
from contextlib import suppress
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
UTIME, STIME = 11, 12
"""Positions in /proc/PID/stat, counted after the name of the command."""
GONE = (FileNotFoundError, ProcessLookupError)
"""A process can end while it is read."""


def process_tree(pid: int) -> list[int]:
    """Return the process and its descendants. A child belongs to the thread that started it."""
    tree = [pid]
    for process in tree:
        with suppress(*GONE):
            for thread in Path(f"/proc/{process}/task").iterdir():
                tree.extend(int(child) for child in (thread / "children").read_text().split())
    return tree


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of the process tree, in user space and in the kernel."""
    ticks = 0
    for process in process_tree(pid):
        with suppress(*GONE):
            numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(numbers[UTIME]) + int(numbers[STIME])
    return ticks / TICKS_PER_SECOND


def pss_megabytes(pid: int) -> float:
    """Return the PSS of the process tree, in MB of 1,024 kB. Shared pages count once."""
    kilobytes = 0
    for process in process_tree(pid):
        with suppress(*GONE):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            kilobytes += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])
    return kilobytes / 1024
