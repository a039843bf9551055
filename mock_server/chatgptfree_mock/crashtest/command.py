"""
Run a client as a process, as a user's shell would, and return in any case.

The client has no terminal, no standard input, its own process group, a time limit and a limit on its output; processes
that it leaves behind are ended with it.
"""

from __future__ import annotations

import errno
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast
from uuid import uuid4

import msgspec

from chatgptfree_mock.crashtest import leftover_processes
from chatgptfree_mock.crashtest.leftover_processes import MARK
from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.process_guard import Guard
from chatgptfree_mock.errors import SettingsError

_GRACE = 0.3
_READ = 65536
_STDERR_KEPT = 64 * 1024
_SPARE = 1024 * 1024
_LOOK = 0.005
"""Seconds between two checks of a process, if the system has no event for its end."""
_DEADLINE_LOOK = 0.05
"""Seconds between two checks of a deadline, which may come nearer: that of a client whose requests are a storm."""

Deadline = Callable[[], float]
"""Returns the time of `time.monotonic` until which a client may run; it may change while the client runs."""


class UnfitArgumentError(SettingsError):
    """A value cannot be an argument of a command: it is too long, or has a NUL or half a character in it."""


class _Pipe(msgspec.Struct):
    """One output stream of a running client, and the bytes read from it so far."""

    limit: int
    taken: bytearray = msgspec.field(default_factory=bytearray)
    over: bool = False

    def take(self, data: bytes) -> None:
        room = self.limit - len(self.taken)
        self.taken += data[:room]
        self.over = self.over or len(data) > room


def room(expected_bytes: int) -> int:
    """Return the bytes of a client's output that are kept: twice *expected_bytes* and 1 MiB."""
    return 2 * expected_bytes + _SPARE


def run(
    command: Sequence[str],
    *,
    seconds: float,
    expected_bytes: int,
    folder: Path | None = None,
    guard: Guard | None = None,
    variables: Mapping[str, str] | None = None,
    deadline: Deadline | None = None,
) -> Observed:
    """
    Run *command* for at most *seconds* and return the result.

    A client that prints more than the limit (see `room`) is stopped.  *guard* ends it if this process is killed.
    *variables* are added to its environment.  *deadline* returns, whenever it is asked, until when the client may run;
    by default *seconds* from the start.

    Raises:
        UnfitArgumentError: a word of it can't be an argument.
        SettingsError: it can't be started.
    """
    mark = uuid4().hex if guard is None else guard.new_mark()
    process = _start(command, folder, {**(variables or {}), MARK: mark})
    if guard is not None:
        guard.watch(process.pid)
    out, err = _Pipe(room(expected_bytes)), _Pipe(_STDERR_KEPT)
    end = time.monotonic() + seconds
    try:
        timed_out = not _watch(process, out, err, deadline or (lambda: end))
    finally:
        _end(process, mark)
        if guard is not None:
            guard.forget(process.pid)
        for stream in (process.stdout, process.stderr):
            cast("IO[bytes]", stream).close()
    text, binary = _decode(bytes(out.taken))
    return Observed(
        status=process.returncode,
        stdout=text,
        stderr=err.taken.decode("utf-8", "replace"),
        timed_out=timed_out,
        seconds=seconds,
        too_much_output=out.over,
        binary=binary,
    )


def _start(command: Sequence[str], folder: Path | None, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running the given command is what this is for
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env=_environment(variables),
        )
    except (OSError, ValueError) as exc:
        raise _not_started(command, exc) from exc


def _environment(variables: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return the environment with *variables*, as bytes: decoding and encoding it takes longer than a fork."""
    return {**os.environb, **{os.fsencode(name): os.fsencode(value) for name, value in variables.items()}}


def _not_started(command: Sequence[str], exc: OSError | ValueError) -> SettingsError:
    longest = max(len(word.encode("utf-8", "replace")) for word in command)
    if isinstance(exc, OSError) and exc.errno == errno.E2BIG:
        return UnfitArgumentError(f"an argument of {longest} bytes is more than this system passes to a command")
    if isinstance(exc, OSError):
        return SettingsError(f"can't start `{command[0]}`: {exc.strerror}")
    return UnfitArgumentError("an argument with a NUL or half a character in it cannot be passed to a command")


def _watch(process: subprocess.Popen[bytes], out: _Pipe, err: _Pipe, deadline: Deadline) -> bool:
    """Read both streams until the process has ended (True), or the limit of time or output is reached (False)."""
    with selectors.DefaultSelector() as selector, _exit_event(process) as exited:
        for stream, pipe in ((process.stdout, out), (process.stderr, err)):
            os.set_blocking(cast("IO[bytes]", stream).fileno(), False)
            selector.register(cast("IO[bytes]", stream), selectors.EVENT_READ, pipe)
        if exited is not None:
            selector.register(exited, selectors.EVENT_READ)
        longest = _LOOK if exited is None else _DEADLINE_LOOK
        while not out.over:
            ended = process.poll() is not None
            # A child that outlives its parent may keep the streams open; only their present contents count.
            wait = 0.0 if ended else min(max(deadline() - time.monotonic(), 0), longest)
            if not _read(selector, wait) and ended:
                return True
            if not ended and time.monotonic() >= deadline():
                return False
    return True


def _read(selector: selectors.BaseSelector, seconds: float) -> bool:
    """Read for at most *seconds*, and return whether a stream had data or ended."""
    found = [key for key, _ in selector.select(seconds) if key.data is not None]
    for key in found:
        data = os.read(key.fd, _READ)
        cast("_Pipe", key.data).take(data)
        if not data:
            selector.unregister(key.fileobj)
    return bool(found)


@contextmanager
def _exit_event(process: subprocess.Popen[bytes]) -> Iterator[int | None]:
    """Return a descriptor that is readable once *process* has ended; None if the system has none, such as macOS."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # Linux before 5.3 has none either
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _await(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the process, its group, and whatever left the group."""
    if process.poll() is None:
        leftover_processes.end_group(process.pid, signal.SIGTERM)
        _await(process, _GRACE)
    leftover_processes.end_group(process.pid)
    process.wait()
    leftover_processes.end(mark, after=process.pid)


def _decode(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), True
