"""
Clients that outlive the crash test: find them, end them, also when the crash test itself is killed.

Every process of a client inherits a mark in its environment (found in /proc, on Linux) and belongs to a process group
of its own.  A `Guard` is a process beside the crash test that waits for the end of a pipe: however the crash test ends,
the guard then ends what is left.  Unlike the parent-death signal of Linux, which is for direct children only, this
covers grandchildren, and needs no code between fork and exec of a process with threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import uuid4

MARK: Final = "CHATGPTFREE_CRASHTEST_RUN"
"""The environment variable that every process of a client inherits."""

_READ: Final = 65536
_FEW: Final = 100
_LOOKS = 50
_PAUSE = 0.005


def find(mark: str, *, after: int = 0) -> list[int]:
    """
    Return the processes whose mark begins with *mark*; where there is no /proc, none can be found.

    *after*: the id of a process that carries the mark; all others of it have been started after that one, so that only
    those are looked at.
    """
    wanted = f"\0{MARK}={mark}".encode()
    return [number for number in _processes(after) if wanted in b"\0" + _environment(number)]


def _environment(number: int) -> bytes:
    """Return the environment of a process, each variable with a NUL behind it; nothing of one that is gone."""
    try:
        descriptor = os.open(f"/proc/{number}/environ", os.O_RDONLY)
    except OSError:
        return b""
    parts: list[bytes] = []
    try:
        while part := os.read(descriptor, _READ):
            parts.append(part)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _processes(after: int) -> Iterable[int]:
    """Return the ids of all processes, or of those started *after* one, unless Linux began to count anew since."""
    try:
        # proc(5): the last field of /proc/loadavg is the id of the process or thread that was created last.
        newest = int(Path("/proc/loadavg").read_text().split()[-1]) if after else 0
        if 0 < after <= newest <= after + _FEW:
            return range(after + 1, newest + 1)  # asking for each takes less than a list of all processes
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except (OSError, ValueError):
        return []
    return [number for number in numbers if number > after] if newest >= after else numbers


def end(mark: str, *, after: int = 0) -> None:
    """End all processes whose mark begins with *mark*; see `find` for *after*."""
    # A killed process takes a moment to go, and may have started another one just before.  However long a look at all
    # processes takes on a busy machine: what it finds is ended.
    for _ in range(_LOOKS):
        if not (strays := find(mark, after=after)):
            return
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        time.sleep(_PAUSE)


def end_group(group: int, number: int = signal.SIGKILL) -> None:
    """Send the signal *number* to a process group, if it is still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class Guard:
    """
    A process that ends the clients of this one, once this one is gone; *mark* is what their marks begin with.

    Several threads may use it, each for a client of its own.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def new_mark(self) -> str:
        """Return a mark for one run of a client, and start the guard with the first."""
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 - this very file, run by this very Python
                    [sys.executable, "-I", "-S", str(Path(__file__)), self._mark],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
        return f"{self._mark}-{uuid4().hex}"

    def watch(self, group: int) -> None:
        """Give the guard the process group of a client that runs now."""
        self._send(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Report to the guard that the client with this process group has ended."""
        self._send(f"-{group}\n")

    def _send(self, line: str) -> None:
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                # A guard that was killed guards no more; the run goes on.
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.write(line.encode())
                    self._process.stdin.flush()

    def close(self) -> None:
        """Let the guard end what is left, and go."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            self._process = None


def _guard(mark: str) -> None:
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        change, group = line[:1], int(line[1:])
        groups = groups | {group} if change == b"+" else groups - {group}
    for group in groups:
        end_group(group)
    end(mark)


if __name__ == "__main__":
    _guard(sys.argv[1])
