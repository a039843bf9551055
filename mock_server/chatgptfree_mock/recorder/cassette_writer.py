"""
Write the exchanges of one recording, redacted, to its files.

This runs in a separate process (`cassette_process`), on which it does not depend.  A file that would become too large
to load is continued in another one; an exchange is redacted again when a later one proves more secrets.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.batch import Batch, Start, WriteOutcome
from chatgptfree_mock.recorder.cassette_part import UNSEEN, CassettePart, digest_on_disk
from chatgptfree_mock.recorder.file_item import changed, digest_of, unsaved
from chatgptfree_mock.recorder.recorded_tokens import write_tokens
from chatgptfree_mock.recorder.shortened_answer import shortened
from chatgptfree_mock.tape.file_text import FileText
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.redaction import Redactor
from chatgptfree_mock.tape.saving import MAX_PARTS, further_parts, part_file, save_in_parts


class CassetteWriter:
    """Writes one recording, batch by batch."""

    def __init__(self, start: Start) -> None:
        self.path, self._limit = start.path, start.limit
        self._known = dict(start.known)
        self._leftover: dict[int, bytes | None] = {}
        self._raw: dict[int, Interaction] = {}
        """The exchanges before redaction, which hides tokens."""
        old = self._opened() if start.keeps_old else self._replaced()
        self._redactor = Redactor(start.rules, earlier=old)
        self._redactor.learn(old)
        self._reported = set[str]()
        self._beside: list[Path] = []
        """The files written in place of those that could not take an exchange."""
        self._applied = 0
        """The number of redacted values in the files."""
        self._notices: list[str] = []
        for part in self._parts if start.keeps_old else ():
            # Exchanges that were read survive the removal of their file; a file that does not load is reported with a
            # batch.
            with suppress(CassetteError):
                self._notices += part.sync(self._known) if part.file.exists() else []

    def _replaced(self) -> list[Interaction]:
        """Start over; the old exchanges are deleted when the first new one is written."""
        further = _numbers_beside(self.path, self._limit)
        self._leftover = {number: _digest(part_file(self.path, number)) for number in further}
        self._parts = [self._part(1, _digest(self.path))]
        return []

    def _opened(self) -> list[Interaction]:
        """Continue with the existing files, and return their contents; `sync` reports files that cannot be read."""
        held, further = list[Interaction](), list[tuple[int, Cassette]]()
        with suppress(CassetteError):
            if self.path.exists():
                held += load(self.path, limit=self._limit).interactions
            further = further_parts(self.path, limit=self._limit)
        self._parts = [self._part(number, UNSEEN) for number in (1, *(number for number, _ in further))]
        return [*held, *(each for _, cassette in further for each in cassette.interactions)]

    def _part(self, number: int, expected: bytes | None) -> CassettePart:
        return CassettePart(part_file(self.path, number), number, limit=self._limit, expected=expected)

    def write(self, batch: Batch) -> WriteOutcome:
        """Redact the exchanges of *batch*, and write the files that they change."""
        outcome = WriteOutcome(notices=self._notices)
        self._notices = []
        if self._beside and not batch.fresh:
            outcome.redacted, outcome.files = self._redactor.report(), self._files()
            return outcome
        for number, interaction in batch.fresh.items():
            self._take(number, interaction, batch.recording, outcome)
        if batch.fresh and self._redactor.knows > self._applied:
            self._applied = self._redactor.knows
            for part in self._parts:
                self._redact_again(part, outcome)
        recording = {**batch.recording, "redacted": self._redactor.report()}
        self._save_all(recording, outcome)
        if batch.last and outcome.problem:
            self._write_beside(recording, outcome)
        if batch.tokens and not outcome.problem:
            self._add_tokens(recording, outcome)
        outcome.redacted = self._redactor.report()
        outcome.files = self._files()
        return outcome

    def _files(self) -> list[Path]:
        return [*(part.file for part in self._parts if part.items), *self._beside]

    def _add_tokens(self, recording: dict[str, Any], outcome: WriteOutcome) -> None:
        """Write the tokens of the whole recording."""
        parts = [part for part in self._parts if part.items]
        try:
            for part in parts:
                outcome.notices += part.sync(self._known)
        except CassetteError as exc:
            outcome.notices.append(str(exc))
            return
        outcome.tokens, notices = write_tokens(parts, self._raw, recording)
        outcome.notices += notices

    def close(self) -> None:
        """Do nothing; every batch is on the disk."""

    def _take(self, number: int, interaction: Interaction, recording: dict[str, Any], outcome: WriteOutcome) -> None:
        self._raw[number] = interaction
        try:
            clean = self._redactor.redact(interaction)
            fitted = self._fitted(clean, recording)
        except Exception as exc:  # noqa: BLE001 - what can't be redacted is not written, and is reported
            outcome.refused.add(number)
            outcome.notices.append(f"{_name(interaction)} is not recorded: it can't be redacted ({exc!r})")
            return
        if fitted is None:
            outcome.refused.add(number)
            outcome.notices.append(f"{_name(clean)} is not recorded: its request alone is larger than a file may be")
            return
        if fitted is not clean:
            size = len(fitted.response.body) or len(fitted.response.raw or b"")
            outcome.notices.append(
                f"{_name(clean)}: only {size:,} bytes of its answer are recorded, more fit in no file"
            )
        holder = next((part for part in self._parts if part.holds(number)), self._parts[-1])
        holder.put(number, fitted)

    def _redact_again(self, part: CassettePart, outcome: WriteOutcome) -> None:
        """Redact newly proven secrets, also in the file's older exchanges."""
        for index, item in enumerate(part.items):
            again = item.interaction and self._redactor.redact_again(item.interaction)
            if again is None or again is item.interaction:
                continue
            place = f"{part.file}: exchange {index} ({_name(again)}) was there before and holds what is proven secret"
            try:
                part.rewrite(item, again)
            except (CassetteError, ValueError) as exc:
                problem = exc.problem if isinstance(exc, CassetteError) else exc
                notice = f"{place}; it can't be changed ({problem}): redact it by hand"
            else:
                notice = f"{place}: it is redacted there, too"
            if item.number is None and notice not in self._reported:
                self._reported.add(notice)
                outcome.notices.append(notice)

    def _fitted(self, interaction: Interaction, recording: dict[str, Any]) -> Interaction | None:
        """Return the exchange, its answer cut if it is too large for any file; None if it does not fit even then."""
        layout = FileText.new(as_json=self.path.suffix == ".json")
        report = {**recording, "redacted": self._redactor.report(), "part": MAX_PARTS}
        room = self._limit - len(layout.whole(report, []).encode())
        while (size := len(layout.piece(interaction, first=True).encode())) > room:
            response = interaction.response
            if not response.body and not response.raw:
                return None
            interaction = replace(interaction, response=shortened(response, room / size * 0.95))
        return interaction

    def _save_all(self, recording: dict[str, Any], outcome: WriteOutcome) -> None:
        broken: list[CassettePart] = []
        for part in [part for part in self._parts if part.dirty or part.is_gone()]:
            try:
                outcome.notices += part.sync(self._known)
                self._redact_again(part, outcome)
            except CassetteError as exc:
                outcome.problem = outcome.problem or str(exc)
                broken.append(part)
        self._spill(recording, broken, outcome)
        # The last file is saved first: an exchange that moves is written there before it is removed here.
        for part in [part for part in reversed(self._parts) if part.dirty and part not in broken]:
            self._save(part, recording, outcome)
        if not outcome.problem:
            self._remove_leftover(outcome)

    def _save(self, part: CassettePart, recording: dict[str, Any], outcome: WriteOutcome) -> None:
        try:
            new = changed(part.items)
            outcome.notices += part.save(recording, self._known)
        except CassetteError as exc:
            outcome.problem = outcome.problem or str(exc)
            return
        outcome.written |= new
        self._known |= new

    def _spill(self, recording: dict[str, Any], broken: list[CassettePart], outcome: WriteOutcome) -> None:
        """Move the exchanges that make a file too large to the next one."""
        for index in count():
            if index == len(self._parts):
                return
            part = self._parts[index]
            moved = part.overflow(recording) if part.dirty and part not in broken else []
            if moved and index + 1 == len(self._parts):
                self._parts.append(self._further(part.number))
                outcome.notices.append(f"{part.file} is full: the recording goes on in {self._parts[-1].file}")
            for item in moved:
                if item.exchange:
                    self._parts[index + 1].put(*item.exchange)

    def _further(self, number: int) -> CassettePart:
        """Return the file after part *number*; files of that name from elsewhere are skipped."""
        for after in count(number + 1):
            if after in self._leftover:
                return self._part(after, self._leftover.pop(after))
            if not part_file(self.path, after).exists():
                return self._part(after, None)
        raise AssertionError

    def _remove_leftover(self, outcome: WriteOutcome) -> None:
        """Remove the further files of the recording that this one has replaced, unless they were edited meanwhile."""
        for number, digest in self._leftover.items():
            file = part_file(self.path, number)
            if _digest(file) == digest != UNSEEN:
                file.unlink(missing_ok=True)
            else:
                outcome.notices.append(f"{file}, a part of the earlier recording, was edited and is kept")
        self._leftover = {}

    def _write_beside(self, recording: dict[str, Any], outcome: WriteOutcome) -> None:
        """Write exchanges that the file could not take to a separate file."""
        items = [item for part in self._parts for item in part.items]
        held = unsaved(items)
        cassette = Cassette(interactions=tuple(held.values()), recording=recording)
        names = (self.path.with_name(f"{self.path.stem}.recorded{n or ''}{self.path.suffix}") for n in count())
        target = next(name for name in names if not name.exists())
        try:
            files = save_in_parts(target, cassette, limit=self._limit, overwrite=False).files
        except CassetteError:
            return  # report the problem with the file itself
        outcome.written |= {number: digest_of(each) for number, each in held.items()}
        for item in items:
            item.saved = True
        self._beside += files
        where = ", ".join(map(str, files))
        outcome.notices.append(f"{outcome.problem}: it is left as it is, and what is not in it is in {where}")
        outcome.problem = ""


def _numbers_beside(path: Path, limit: int) -> list[int]:
    try:
        return [number for number, _ in further_parts(path, limit=limit)]
    except CassetteError:
        return []


def _digest(file: Path) -> bytes | None:
    """Return the digest of the file; an unreadable one is checked when it is written."""
    try:
        return digest_on_disk(file)
    except CassetteError:
        return UNSEEN


def _name(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.request.uri[:200]}"
