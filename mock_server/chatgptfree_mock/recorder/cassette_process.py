"""
A separate process that redacts recorded exchanges and writes them.

Redaction takes time, and Python runs one thread at a time in a process, so a separate process keeps streams from
waiting.  The recorder sends exchanges over a pipe and gets the outcomes back.  The process ignores Ctrl-C and ends when
the pipe closes, so that it never outlives the recorder and always finishes the file.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from typing import IO, Protocol

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.batch import Batch, Start, WriteOutcome
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter

_NICE = 5
_LENGTH = struct.Struct("!Q")


class Writing(Protocol):
    """The interface of a writer: the process, or a `CassetteWriter` in this process."""

    def write(self, batch: Batch) -> WriteOutcome:
        """Write *batch*; this blocks until it is on the disk, or can't be."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...


class ProcessLostError(CassetteError):
    """The process ended too early; nothing of the batch counts as written."""


class CassetteProcess:
    """The recorder's side of the process, which starts at once."""

    def __init__(self, start: Start) -> None:
        self._path = start.path
        command = [sys.executable, "-P", "-m", __name__]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
        except OSError as exc:
            problem = f"the process that writes it can't be started: {exc.strerror}"
            raise CassetteError(problem, file=str(start.path)) from exc
        with suppress(OSError):  # `write` reports a process that has ended
            _send(self._process.stdin, start)

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    def write(self, batch: Batch) -> WriteOutcome:
        """
        Write *batch*; this blocks until it is on the disk, or can't be.

        Raises:
            ProcessLostError: the process has ended.
        """
        outcome = None
        with suppress(OSError):
            _send(self._process.stdin, batch)
            outcome = _receive(self._process.stdout)
        if not isinstance(outcome, WriteOutcome):
            self.close()
            reason = outcome if isinstance(outcome, str) else f"exit code {self._process.returncode}"
            raise ProcessLostError(f"the process that writes it has ended ({reason})", file=str(self._path))
        return outcome

    def close(self) -> None:
        """Let the process finish its batch, and wait for its end."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._process.wait()


def _send(pipe: IO[bytes] | None, value: object) -> None:
    if pipe is None or pipe.closed:
        raise BrokenPipeError
    data = pickle.dumps(value, protocol=5)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> object:
    """Return the next value, or None if the other side has closed the pipe."""
    head = pipe.read(_LENGTH.size) if pipe else b""
    if len(head) < _LENGTH.size or pipe is None:
        return None
    (size,) = _LENGTH.unpack(head)
    data = pipe.read(size)
    return pickle.loads(data) if len(data) == size else None  # noqa: S301 - from the process that started this one


def main() -> None:
    """Serve one recorder over standard input and output."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    os.nice(_NICE)
    reason = _serve()
    try:
        _send(sys.stdout.buffer, reason)
    except BrokenPipeError:  # the recorder has closed the pipe: what it sent is on the disk
        # Python flushes at exit, and would report that the pipe has no reader.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _serve() -> str:
    """Write all batches, and return why there are no more."""
    try:
        start = _receive(sys.stdin.buffer)
        if isinstance(start, Start):
            writer = CassetteWriter(start)
            while isinstance(batch := _receive(sys.stdin.buffer), Batch):
                _send(sys.stdout.buffer, writer.write(batch))
    except Exception as exc:  # noqa: BLE001 - its state is unknown: another process gets everything again
        return repr(exc)
    return "the recorder has gone"


if __name__ == "__main__":
    # Values are pickled by the name of their module, which is not `__main__`.
    import_module("chatgptfree_mock.recorder.cassette_process").main()
