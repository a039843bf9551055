"""
Find and end clients that outlive the crash test, even if the crash test itself is killed.

Every process of a client inherits a mark in its environment (found in /proc, on Linux) and belongs to a process group
of its own.  Run as a program, this file is the process of `process_guard.Guard`; each crash test starts one, so it
imports little.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

MARK = "CHATGPTFREE_CRASHTEST_RUN"
"""The environment variable that every process of a client inherits."""

_READ = 65536
FEW = 100
"""Up to this many later processes are asked for one by one; of more, all processes are listed."""
_LOOKS = 50
_PAUSE = 0.005
_EXITING_OR_KERNEL = 0x00000004 | 0x00200000
"""PF_EXITING and PF_KTHREAD of Linux' sched.h, in the field `flags` of /proc/PID/stat (proc(5))."""


def find(mark: str, *, after: int = 0) -> list[int]:
    """
    Return the processes whose mark begins with *mark*; where there is no /proc, none can be found.

    *after*: the id of a process that carries the mark; all others of it have been started after that one, so that only
    those are looked at.
    """
    return _look(mark, after)[0]


def _look(mark: str, after: int) -> tuple[list[int], bool]:
    """Return the processes with the mark, and whether any may have it that is just being started."""
    wanted = f"\0{MARK}={mark}".encode()
    found: list[int] = []
    starting = False
    for number in _processes(after):
        environment = _environment(number)
        if wanted in b"\0" + environment:
            found.append(number)
        elif not environment:
            starting = starting or _is_starting(number)
    return found, starting


def _environment(number: int) -> bytes:
    """Return the environment of a process, each variable with a NUL after it; of one that is not ours, a NUL."""
    try:
        descriptor = os.open(f"/proc/{number}/environ", os.O_RDONLY)
    except OSError:
        return b"\0"
    parts: list[bytes] = []
    try:
        while part := os.read(descriptor, _READ):
            parts.append(part)
    except OSError:
        return b"\0"
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _is_starting(number: int) -> bool:
    """
    Return whether a process without an environment is in the middle of exec(2), and was started after this one.

    Linux takes the old environment away before it shows the new one.  A process that ends has none either.
    """
    state, flags, started = _state(number)
    return state not in {b"Z", b"X"} and not flags & _EXITING_OR_KERNEL and started >= _state(os.getpid())[2]


def _state(number: int) -> tuple[bytes, int, int]:
    """Return the state of a process, its flags, and when it was started: the fields 3, 9 and 22 of proc(5)."""
    try:
        with open(f"/proc/{number}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return b"X", 0, 0
    return fields[0], int(fields[6]), int(fields[19])


def _processes(after: int) -> Iterable[int]:
    """Return the ids of all processes, or of those started *after* one, unless the ids have wrapped around since."""
    try:
        newest = _newest() if after else 0
        if 0 < after <= newest <= after + FEW:
            return range(after + 1, newest + 1)  # asking for each takes less than a list of all processes
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except (OSError, ValueError):
        return []
    return [number for number in numbers if number > after] if newest >= after else numbers


def _newest() -> int:
    """Return the id of the process or thread that was created last: the last field of /proc/loadavg (proc(5))."""
    with open("/proc/loadavg", encoding="ascii") as file:
        return int(file.read().split()[-1])


def end(mark: str, *, after: int = 0) -> None:
    """End all processes whose mark begins with *mark*; see `find` for *after*."""
    # A killed process takes a moment to go, and may have started another one just before; one that is being started
    # shows its mark in a moment.  However long a look at all processes takes on a busy machine: what it finds is ended.
    for _ in range(_LOOKS):
        strays, starting = _look(mark, after)
        if not strays and not starting:
            return
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        time.sleep(_PAUSE)


def end_group(group: int, number: int = signal.SIGKILL) -> None:
    """Send the signal *number* to a process group, if it is still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


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
