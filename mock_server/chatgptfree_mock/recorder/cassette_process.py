"""
A process of its own that redacts recorded exchanges and writes the cassette.

Redaction takes time, and Python runs one thing at a time in a process: here it delays no stream.  The recorder sends
exchanges over a pipe and gets back what was redacted, or the problem.  The process ignores Ctrl-C and ends when the
pipe closes, so that it never outlives the recorder and always finishes the file.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import load, write_text
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.redaction import Redactor, Rules
from chatgptfree_mock.tape.writing import write, write_interaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the process is told first: where to write, by which rules, and what the file holds already."""

    path: str
    rules: Rules | None
    old: Cassette


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Exchanges by number, and what `x-recording` says but for what was redacted."""

    fresh: dict[int, Interaction]
    recording: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was redacted so far, and why the file could not be written, if it could not."""

    redacted: list[str]
    problem: str = ""


@dataclass
class CassetteWriter:
    """The content of one cassette, redacted: earlier exchanges again when a later one proves something secret."""

    path: Path
    rules: Rules | None
    old: Cassette
    redactor: Redactor = field(init=False)
    clean: dict[int, Interaction] = field(init=False, default_factory=dict)
    texts: dict[int, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.redactor = Redactor(self.rules, earlier=self.old.interactions)
        self.old_texts = [write_interaction(each) for each in self.old.interactions]

    def write(self, batch: Batch) -> Outcome:
        """Redact the exchanges of *batch* and write the whole file."""
        known = self.redactor.knows
        for number, interaction in batch.fresh.items():
            self.clean[number] = self.redactor.redact(interaction)
            self.texts[number] = write_interaction(self.clean[number])
        if self.redactor.knows > known:
            self._redact_earlier()
        redacted = self.redactor.report()
        try:
            write_text(self.path, self._text(batch.recording | {"redacted": redacted}))
        except CassetteError as exc:
            return Outcome(redacted=redacted, problem=exc.problem)
        return Outcome(redacted=redacted)

    def _redact_earlier(self) -> None:
        for number, interaction in self.clean.items():
            again = self.redactor.redact_again(interaction)
            if again is not interaction:
                self.clean[number] = again
                self.texts[number] = write_interaction(again)

    def _text(self, recording: dict[str, Any]) -> str:
        head = write(Cassette(recording=dict(self.old.recording) | recording)).removesuffix(" []\n")
        return f"{head}\n" + "".join([*self.old_texts, *(self.texts[number] for number in sorted(self.texts))])


class CassetteProcess:
    """The process, as the recorder uses it: `write` blocks until the file is on the disk; call it in a thread."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._lost: dict[int, Interaction] = {}

    def write(self, batch: Batch) -> Outcome:
        """
        Write *batch* to the file.

        Raises:
            CassetteError: the file can't be written, or the process ended before its time; what was there stays.
        """
        batch = Batch(fresh=self._lost | batch.fresh, recording=batch.recording)
        process = self._running()
        try:
            _send(process.stdin, batch)
            outcome = _receive(process.stdout)
        except OSError:
            outcome = None
        if not isinstance(outcome, Outcome):
            self.close()
            self._lost = batch.fresh
            self._start = self._as_on_disk()
            raise CassetteError("the process that writes it ended before its time", file=self._start.path)
        self._lost = {}
        if outcome.problem:
            raise CassetteError(outcome.problem, file=self._start.path)
        return outcome

    def close(self) -> None:
        """Let the process end; it has nothing left to do."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                if process.stdin:
                    process.stdin.close()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _as_on_disk(self) -> Start:
        """Return what a new process begins with: what its predecessor has written so far."""
        path = Path(self._start.path)
        old = load(path) if path.exists() else self._start.old
        return Start(path=self._start.path, rules=self._start.rules, old=old)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-P", "-m", "chatgptfree_mock.recorder.cassette_process"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
            _send(self._process.stdin, self._start)
        return self._process


def _send(pipe: IO[bytes] | None, value: object) -> None:
    if pipe is None:
        raise OSError("the pipe is closed")
    data = pickle.dumps(value, protocol=5)
    pipe.write(struct.pack("!Q", len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> object:
    """Return the next value, or None if the other side has closed the pipe."""
    head = pipe.read(8) if pipe else b""
    if len(head) < 8 or pipe is None:
        return None
    (size,) = struct.unpack("!Q", head)
    data = pipe.read(size)
    return pickle.loads(data) if len(data) == size else None  # noqa: S301 - from the process that started this one


def main() -> None:
    """Serve one recorder over standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    start = _receive(source)
    if not isinstance(start, Start):
        return
    writer = CassetteWriter(Path(start.path), start.rules, start.old)
    while isinstance(batch := _receive(source), Batch):
        _send(target, _written(writer, batch))


def _written(writer: CassetteWriter, batch: Batch) -> Outcome:
    try:
        return writer.write(batch)
    except Exception as exc:  # noqa: BLE001 - what can't be redacted must not be written, and the recorder has to know
        return Outcome(redacted=[], problem=f"an exchange can't be redacted: {exc!r}")


if __name__ == "__main__":
    # Values are pickled by the name of their module, which is not `__main__`.
    from importlib import import_module

    import_module("chatgptfree_mock.recorder.cassette_process").main()
