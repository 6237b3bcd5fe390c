"""Take from Python what Windows does not have. Python imports this file at its start.

`helpers/windows.py` starts such processes. `sys.platform` stays: Python's own modules would import
modules that only Windows has. The server asks for functions instead of names of platforms.
"""

import asyncio
import errno
import fcntl
import os
import select
import selectors
import shutil
import signal
import socket
import subprocess  # it would take the module `msvcrt` below for Windows
import sys
import tempfile
import types
import warnings
from importlib.abc import MetaPathFinder

MODULES = {"fcntl", "grp", "gunicorn", "pwd", "resource", "termios", "uvloop"}
NAMES = {
    os: (
        "fork forkpty register_at_fork getuid geteuid getgid getpgid killpg setsid chown fchmod "
        "mkfifo pidfd_open posix_fallocate pread pwrite sched_getaffinity uname O_CLOEXEC "
        "O_NOFOLLOW O_NONBLOCK O_DIRECTORY nice get_blocking set_blocking sysconf statvfs sync "
        "fdatasync getpgrp setpgid mknod pipe2 readv writev sendfile waitid"
    ),
    select: "epoll poll PIPE_BUF",
    selectors: "EpollSelector PollSelector",
    signal: (
        "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 SIGWINCH SIGXCPU "
        "SIGSTOP SIGCONT SIG_BLOCK SIG_UNBLOCK alarm pthread_kill "
        "pthread_sigmask setitimer sigpending sigwait"
    ),
    socket: "AF_UNIX MSG_DONTWAIT MSG_NOSIGNAL SO_REUSEPORT TCP_QUICKACK",
}
WINDOWS_SIGBREAK = signal.SIGUSR2
CTRL_BREAK_EVENT = 1
_kill, _KILLED = os.kill, signal.SIGKILL
_flock, _LOCK, _TRY, _UNLOCK = fcntl.flock, fcntl.LOCK_EX, fcntl.LOCK_NB, fcntl.LOCK_UN


class Hidden(MetaPathFinder):
    """Finds none of the modules of POSIX."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r} (as on Windows)", name=name)


def locking(descriptor: int, mode: int, _size: int) -> None:
    """See `msvcrt.locking`. A lock belongs to one open file, as a lock of `flock` does."""
    try:
        _flock(descriptor, mode)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


def open_below(path: str) -> bool:
    """Return whether this process has a file open: this one, or one in this folder."""
    real = os.path.realpath(path)
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
        if target == real or target.startswith(f"{real}/"):
            return True
    return False


def refuse_open_files(name: str) -> None:
    """Let a function of `os` refuse the paths of open files, as Windows does."""
    original = getattr(os, name)

    def call(*paths: object, **options: object) -> object:
        for path in paths:
            if open_below(os.fspath(path)):
                raise PermissionError(errno.EACCES, "the file is in use", path)
        return original(*paths, **options)

    setattr(os, name, call)


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """See `socket.socketpair`, which on Windows connects two sockets of TCP."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    return ours, theirs


def no_signal(pid: int, number: int) -> None:
    """See `os.kill`, which on Windows ends the process, or sends Ctrl-C for the number 0."""
    raise AssertionError(f"os.kill({pid}, {number}) would end the process on Windows")


def end_process(process: subprocess.Popen[bytes]) -> None:
    """See `TerminateProcess`: the process has no time for its files."""
    if process.poll() is None:
        _kill(process.pid, _KILLED)


def send_signal(process: subprocess.Popen[bytes], number: int) -> None:
    """See `Popen.send_signal`, which on Windows knows Ctrl-Break and Ctrl-C."""
    if number != CTRL_BREAK_EVENT:
        raise ValueError(f"Unsupported signal: {number}")
    if process.poll() is None:
        _kill(process.pid, WINDOWS_SIGBREAK)


def not_implemented(*_: object) -> None:
    raise NotImplementedError


def hide() -> None:
    signal.SIGBREAK, signal.CTRL_BREAK_EVENT = WINDOWS_SIGBREAK, CTRL_BREAK_EVENT
    for module, names in NAMES.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Hidden())
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.locking = locking
    msvcrt.LK_NBLCK, msvcrt.LK_UNLCK = _LOCK | _TRY, _UNLOCK
    sys.modules["msvcrt"] = msvcrt
    os.kill = no_signal
    for name in ("remove", "rename", "replace", "unlink"):
        refuse_open_files(name)
    shutil._use_fd_functions = False
    tempfile.TemporaryFile = tempfile.NamedTemporaryFile
    selectors.DefaultSelector = selectors.SelectSelector
    # The default loop of Windows has no readers. The loop that has them has no signals.
    asyncio.SelectorEventLoop.add_signal_handler = not_implemented
    asyncio.new_event_loop = not_implemented
    socket.socketpair = socket_pair
    socket.SO_EXCLUSIVEADDRUSE = socket.SO_REUSEADDR
    # Files without an encoding are cp1252 there.
    warnings.filterwarnings("error", category=EncodingWarning, module="mockserver")
    subprocess.Popen.kill = subprocess.Popen.terminate = end_process
    subprocess.Popen.send_signal = send_signal


hide()
