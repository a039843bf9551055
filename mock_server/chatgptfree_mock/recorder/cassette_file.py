"""
The cassette that is being recorded: its earlier contents, the new exchanges, and their way to the disk.

An exchange is written when it has ended.  A separate process (`cassette_process`) redacts it and writes the file, so
that no stream waits; until the process confirms it the exchange is kept here.  If writing fails nothing is lost: the
old file stays, the problem is reported, and writing is tried again with the next exchange and at the end.  A lock
beside the file allows one recorder only.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chatgptfree_mock.clock import Clock
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.batch import Batch, Start, WriteOutcome
from chatgptfree_mock.recorder.cassette_process import CassetteProcess, ProcessLostError, Writing
from chatgptfree_mock.recorder.file_lock import FileLock
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.tape.file_text import FileText
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.matching import Candidate, Mismatch, RulesFor, collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.saving import further_parts
from chatgptfree_mock.tape.whole_file import MAX_BYTES, read_bytes, resolved

_CHANCES = 2
"""The number of writer processes that may end while writing an exchange before it is left out."""


class CassetteFile:
    """
    One cassette that is recorded to, and replayed from if *mode* allows it.

    *limit* is the largest size of one file in bytes; *writing* starts the writer, by default a process.  Exchanges are
    kept here until the writer has confirmed them.
    """

    def __init__(
        self,
        path: Path,
        *,
        mode: Mode,
        site: str,
        rules: Rules | None,
        clock: Clock,
        match: RulesFor | None = None,
        limit: int = MAX_BYTES,
        writing: Callable[[Start], Writing] = CassetteProcess,
    ) -> None:
        self.path = path
        real = _real(path)
        exists = real.exists()
        if mode is Mode.NONE and not exists:
            raise CassetteError(
                "there is no such file, and mode `none` records nothing; mode `once` records it", file=str(path)
            )
        self.records = mode in (Mode.ALL, Mode.NEW_EPISODES) or (mode is Mode.ONCE and not exists)
        self._lock = FileLock(real) if self.records else None
        self._writing: Writing | None = None
        try:
            old = _load(real, limit, adds=self.records) if exists and mode is not Mode.ALL else []
            self._start = Start(path=real, rules=rules, keeps_old=mode is not Mode.ALL, limit=limit)
            self._make_writing = writing
            if self.records:
                self._writing = writing(self._start)
        except CassetteError:
            self.close()
            raise
        self._tape: tuple[Candidate, ...] = collect(old, match)
        self._played = [0] * len(self._tape)
        self._site, self._clock = site, clock
        self._kept = sorted(rules.keep) if rules else []
        self._fresh: dict[int, Interaction] = {}
        self._sent: dict[int, Interaction] = {}
        self._saving = asyncio.Lock()
        self._alone = False
        self.files: list[Path] = []
        """The files that were written."""
        self.redacted: list[str] = []
        """The redactions so far: a line per rule."""
        self.tokens = 0
        """The number of tokens that were found at the end and added to `x-tokens`."""
        self.notices: list[str] = []
        """Notices for the user; the view removes those that it has shown."""

    def close(self) -> None:
        """Release the file for other recorders."""
        if self._writing is not None:
            self._writing.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def replays(self) -> bool:
        """Whether `find` is needed: something was recorded, or nothing is to be."""
        return bool(self._tape) or not self.records

    def find(self, request: Request) -> Interaction | Mismatch:
        """Return the recorded answer to *request* (to repeated ones in turn), or the reason why there is none."""
        found = find(request, self._tape, played=self._played)
        if isinstance(found, Mismatch):
            return found
        self._played[found] += 1
        return self._tape[found].interaction

    def put(self, number: int, interaction: Interaction) -> None:
        """Add the exchange of that *number*, or replace it if it has grown."""
        self._fresh[number] = interaction

    @property
    def count(self) -> int:
        """Return the number of exchanges on the disk."""
        return len(self._start.known)

    @property
    def unsaved(self) -> int:
        """Return the number of exchanges that are not on the disk yet."""
        return len(self._sent.keys() | self._fresh.keys())

    async def save(self) -> None:
        """
        Write all exchanges to the disk.

        Raises:
            CassetteError: the disk is full, the file was edited and does not load, or the like; what is there stays.
        """
        async with self._saving:
            while self.unsaved:
                batch = self._batch(last=False)
                try:
                    outcome = await asyncio.to_thread(self._write, batch)
                except ProcessLostError:
                    self._lost(batch)
                    raise
                self._settle(outcome)

    def save_now(self) -> None:
        """Save without an event loop, at the very end; exchanges that a file cannot take are written beside it."""
        deaths: Counter[int] = Counter()
        while self.unsaved:
            batch = self._batch(last=True)
            try:
                self._settle(self._write(batch))
            except ProcessLostError as exc:
                self._lost(batch)
                deaths.update(batch.fresh.keys())
                self._give_up([number for number in batch.fresh if deaths[number] == _CHANCES], str(exc))
        self._find_tokens()

    def _find_tokens(self) -> None:
        if not (self.records and self.count):
            return
        try:
            outcome = self._write(replace(self._batch(last=True), tokens=True))
        except ProcessLostError as exc:
            self.notices.append(f"its tokens were not looked for: {exc}")
        else:
            self._settle(outcome)
            self.tokens = outcome.tokens

    def _give_up(self, numbers: list[int], reason: str) -> None:
        for number in numbers:
            request = self._fresh.pop(number).request
            self.notices.append(f"{request.method} {request.uri[:200]} is not recorded: {reason}")

    def _batch(self, *, last: bool) -> Batch:
        now = datetime.fromtimestamp(self._clock.time(), UTC).isoformat(timespec="seconds")
        recording: dict[str, Any] = {"upstream": self._site, "recorded_at": now, "tool": "chatgptfree-mock record"}
        if self._kept:
            recording["kept"] = self._kept
        fresh = dict(list(self._fresh.items())[: 1 if self._alone else None])
        self._sent |= fresh
        for number in fresh:
            del self._fresh[number]
        return Batch(fresh=fresh, recording=recording, last=last and not self._fresh)

    def _write(self, batch: Batch) -> WriteOutcome:
        if self._writing is None:
            self._writing = self._make_writing(self._start)
        return self._writing.write(batch)

    def _settle(self, outcome: WriteOutcome) -> None:
        """Drop exchanges that are on the disk, or cannot be written."""
        self._start.known.update(outcome.written)
        for number in outcome.written.keys() | outcome.refused:
            self._sent.pop(number, None)
        self._start = replace(self._start, keeps_old=self._start.keeps_old or bool(outcome.written))
        self.files, self.redacted = outcome.files, outcome.redacted
        self.notices += outcome.notices
        if outcome.problem:
            raise CassetteError(outcome.problem)
        self._sent.clear()

    def _lost(self, batch: Batch) -> None:
        """Give the exchanges of a process that ended to the next one, one by one; the suspected one comes last."""
        self._writing, self._alone = None, True
        waiting = self._sent | self._fresh
        self._fresh = {number: each for number, each in waiting.items() if number not in batch.fresh}
        self._fresh |= {number: waiting[number] for number in batch.fresh}
        self._sent = {}


def _real(path: Path) -> Path:
    """
    Return *path* with links resolved; it must be a regular file or not exist.

    Raises:
        CassetteError: it is neither.
    """
    try:
        real = resolved(path)
    except OSError as exc:
        raise CassetteError(f"can't be recorded to: {exc}", file=str(path)) from exc
    if real.exists() and not real.is_file():
        raise CassetteError(
            "can't be recorded to: not a regular file", file=str(path), repair="name a file, or none for HOST.yaml"
        )
    return real


def _load(path: Path, limit: int, *, adds: bool) -> list[Cassette]:
    """Return the contents of a recording's files; if exchanges will be added, the files must have a place for them."""
    cassettes = [load(path, limit=limit)]
    if adds:
        FileText.of(read_bytes(path, limit=limit), file=str(path))
    return [*cassettes, *(part for _, part in further_parts(path, limit=limit))]
