"""
The file that is being recorded: what is in it already, what is added, and how it gets to the disk.

An exchange is on the disk when it has ended: it is redacted, the file is written as a whole beside its place and then
put there, by a process of its own (`cassette_process`), so that no stream waits for it.  If that fails nothing is
lost: what was there stays, the problem is told, and the next exchange or the end tries again.  One recorder per file,
by a lock beside it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from chatgptfree_mock.chat_rules import rules_for
from chatgptfree_mock.clock import Clock
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.cassette_process import Batch, CassetteProcess, Start
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.matching import Candidate, Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request
from chatgptfree_mock.tape.redaction import Rules

if sys.platform != "win32":
    import fcntl


class Mode(StrEnum):
    """When it is recorded: VCR's names."""

    NONE = "none"
    """Never: what is recorded is replayed, anything else is refused."""
    ONCE = "once"
    """If there is no file yet; else as `none`."""
    NEW_EPISODES = "new_episodes"
    """What is recorded is replayed, anything else is recorded as well."""
    ALL = "all"
    """Always; what the file held is replaced."""


class Deck:
    """One cassette that is recorded to, and played from as *mode* allows."""

    def __init__(self, path: Path, *, mode: Mode, site: str, rules: Rules | None, clock: Clock) -> None:
        self.path = path
        exists = path.exists()
        if mode is Mode.NONE and not exists:
            raise CassetteError("there is no such file, and mode `none` records nothing", file=str(path))
        self.records = mode in (Mode.ALL, Mode.NEW_EPISODES) or (mode is Mode.ONCE and not exists)
        self._lock = _Lock(path) if self.records else None
        try:
            old = load(path) if exists and mode is not Mode.ALL else Cassette()
        except CassetteError:
            if self._lock is not None:
                self._lock.release()
            raise
        self._process = CassetteProcess(Start(path=str(path), rules=rules, old=old))
        self._tape: tuple[Candidate, ...] = collect([old], rules_for)
        self._played = [0] * len(self._tape)
        self._site, self._clock = site, clock
        self._redacted: list[str] = []
        self._recorded: set[int] = set()
        self._kept = sorted(rules.keep) if rules else []
        self._fresh: dict[int, Interaction] = {}
        self._saving = asyncio.Lock()
        self._unsaved = False

    def close(self) -> None:
        """Let another recorder have the file."""
        self._process.close()
        if self._lock is not None:
            self._lock.release()

    def find(self, request: Request) -> Interaction | Mismatch:
        """Return what was recorded for *request*, each in its turn, or why nothing was."""
        found = find(request, self._tape, played=self._played)
        if isinstance(found, Mismatch):
            return found
        self._played[found] += 1
        return self._tape[found].interaction

    def put(self, number: int, interaction: Interaction) -> None:
        """Take the exchange of that *number* in, or in again if it went on."""
        self._fresh[number] = interaction
        self._unsaved = True

    @property
    def count(self) -> int:
        """Return how many exchanges were recorded."""
        return len(self._recorded | self._fresh.keys())

    @property
    def redacted(self) -> list[str]:
        """Say what was replaced so far."""
        return self._redacted

    async def save(self) -> None:
        """
        Put all that was taken in on the disk.

        Raises:
            CassetteError: the disk is full or can't be written to; what was there is untouched.
        """
        async with self._saving:
            if self._unsaved:
                fresh, self._fresh = self._fresh, {}
                self._unsaved = False
                try:
                    await asyncio.to_thread(self._write, fresh)
                except CassetteError:
                    self._unsaved = True
                    raise

    def save_now(self) -> None:
        """Do the same without a loop, at the very end."""
        if self._unsaved:
            self._write(self._fresh)
            self._fresh, self._unsaved = {}, False

    def _write(self, fresh: dict[int, Interaction]) -> None:
        now = datetime.fromtimestamp(self._clock.time(), UTC).isoformat(timespec="seconds")
        recording: dict[str, Any] = {"upstream": self._site, "recorded_at": now, "tool": "chatgptfree-mock record"}
        if self._kept:
            recording["kept"] = self._kept
        self._redacted = self._process.write(Batch(fresh=fresh, recording=recording)).redacted
        self._recorded |= fresh.keys()


class _Lock:
    """Says that this file is being recorded to."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f".{path.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as exc:
            raise CassetteError(f"can't be recorded to: {exc.strerror}", file=str(path)) from exc
        try:
            if sys.platform != "win32":
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            owner = os.read(self._handle, 20).decode("ascii", "replace").strip()
            os.close(self._handle)
            raise CassetteError(
                f"another recorder writes to it (process {owner})",
                file=str(path),
                repair="stop it or name another --out",
            ) from exc
        os.truncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        with suppress(FileNotFoundError):
            self._path.unlink()
        os.close(self._handle)
