"""
Run a client as a process, as a user's shell would, and come back whatever it does.

No terminal, no standard input, a process group of its own; a time limit, a limit on what it may print; and whatever it
leaves behind is ended with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, cast
from uuid import uuid4

from chatgptfree_mock.crashtest.verdict import Observed
from chatgptfree_mock.errors import SettingsError

MARK: Final = "CHATGPTFREE_CRASHTEST_RUN"
"""An environment variable that every process of a run inherits, so that strays can be found."""

_GRACE = 0.3
_LOOKS = 50
_READ = 65536
_STDERR_KEPT = 64 * 1024
_SPARE = 1024 * 1024


@dataclass(slots=True)
class _Pipe:
    """One stream of a running client, and what came out of it so far."""

    limit: int
    taken: bytearray = field(default_factory=bytearray)
    over: bool = False

    def take(self, data: bytes) -> None:
        room = self.limit - len(self.taken)
        self.taken += data[:room]
        self.over = self.over or len(data) > room


def check(command: Sequence[str]) -> None:
    """
    Make sure that *command* can be started.

    Raises:
        SettingsError: it is empty, does not exist, or names no `{url}`.
    """
    if not command:
        raise SettingsError("no command: give it after `--`, with `{url}` and `{message}` where they belong")
    if shutil.which(command[0]) is None:
        raise SettingsError(f"no such command: `{command[0]}` is neither on the PATH nor an executable file")
    if not any("{url}" in word for word in command):
        raise SettingsError("the command never names `{url}`: without it the client can't find the mock")


def fill(command: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Put the *values* into the `{names}` of *command*; other braces stay as they are."""
    filled = []
    for word in command:
        for name, value in values.items():
            word = word.replace("{" + name + "}", value)
        filled.append(word)
    return filled


def run(command: Sequence[str], *, seconds: float, expected_bytes: int, folder: Path | None = None) -> Observed:
    """
    Run *command* for at most *seconds* and return what it did.

    Output is kept up to a mebibyte more than twice *expected_bytes*; a client that prints more is stopped.

    Raises:
        SettingsError: it can't be started.
    """
    mark = uuid4().hex
    try:
        process = subprocess.Popen(  # noqa: S603 - running the given command is what this is for
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd=folder,
            env={**os.environ, MARK: mark},
        )
    except OSError as exc:
        raise SettingsError(f"can't start `{command[0]}`: {exc.strerror}") from exc
    out, err = _Pipe(2 * expected_bytes + _SPARE), _Pipe(_STDERR_KEPT)
    try:
        timed_out = not _watch(process, out, err, time.monotonic() + seconds)
    finally:
        _end(process, mark)
        for stream in (process.stdout, process.stderr):
            cast("IO[bytes]", stream).close()
    text, binary = _decode(bytes(out.taken))
    return Observed(
        status=process.returncode,
        stdout=text,
        stderr=err.taken.decode("utf-8", "replace"),
        timed_out=timed_out,
        too_much_output=out.over,
        binary=binary,
    )


def _watch(process: subprocess.Popen[bytes], out: _Pipe, err: _Pipe, deadline: float) -> bool:
    """Read both streams until the process has ended (True), or the time or the room has (False)."""
    with selectors.DefaultSelector() as selector:
        for stream, pipe in ((process.stdout, out), (process.stderr, err)):
            os.set_blocking(cast("IO[bytes]", stream).fileno(), False)
            selector.register(cast("IO[bytes]", stream), selectors.EVENT_READ, pipe)
        while not out.over:
            ended = process.poll() is not None
            # A child that outlives its parent may hold the streams open; what is in them now is all that counts.
            wait = 0.0 if ended else min(max(deadline - time.monotonic(), 0), 0.02 if selector.get_map() else 0.005)
            if not selector.get_map() and not ended:
                _await(process, wait)
                ended = process.poll() is not None
            ready = selector.select(wait) if selector.get_map() else []
            for key, _ in ready:
                data = os.read(key.fd, _READ)
                cast("_Pipe", key.data).take(data)
                if not data:
                    selector.unregister(key.fileobj)
            if ended and not ready:
                return True
            if not ended and time.monotonic() >= deadline:
                return False
    return True


def _await(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the process, its group, and whatever left the group."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM)
        _await(process, _GRACE)
    _signal(process.pid, signal.SIGKILL)
    process.wait()
    # A killed process takes a moment to go, and may have started another one just before. However long a look at all
    # processes takes on a busy machine: what it finds is ended.
    for _ in range(_LOOKS):
        if not (strays := _strays(mark)):
            return
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        time.sleep(0.005)


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _strays(mark: str) -> list[int]:
    """Return the processes that still carry *mark*; where there is no /proc, none can be found."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def _decode(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), True
