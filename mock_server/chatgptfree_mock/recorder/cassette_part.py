"""
One file of a recording, which may be edited by hand during the recording.

Before each write, the file on the disk is compared with the one written last.  A file that was edited and still loads
becomes the new base, with its comments and layout; one that does not load is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.file_item import FileItem, digest_of, unsaved
from chatgptfree_mock.tape.file_text import FileText
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.repair_plan import repaired_text
from chatgptfree_mock.tape.tokens.block import acting, new_entries, with_entries
from chatgptfree_mock.tape.tokens.token_block import Token
from chatgptfree_mock.tape.whole_file import read_bytes, write_text
from chatgptfree_mock.tape.yaml.reading import RepairLog, read

_ATTEMPTS = 5
_LEAD = ",\n "
"""Characters that may precede an item in its text."""
UNSEEN = b"unseen"
"""The digest of a file that was not read yet, whose contents become the base."""


def digest_on_disk(file: Path) -> bytes | None:
    """
    Return the digest of a file's bytes; None without a file.

    Raises:
        CassetteError: it is not a regular file, or can't be read.
    """
    if not file.exists():
        return None
    if not file.is_file():
        raise CassetteError("not a regular file", file=str(file))
    try:
        with file.open("rb") as data:
            return file_digest(data, "sha256").digest()
    except OSError as exc:
        raise CassetteError(f"can't be read: {exc.strerror}", file=str(file)) from exc


class CassettePart:
    """
    The file at *file*, the *number*th of its recording, at most *limit* bytes.

    *expected* is the digest of the file when the recording began, which may be replaced without a check.
    """

    def __init__(self, file: Path, number: int, *, limit: int, expected: bytes | None) -> None:
        self.file, self.number, self._limit, self._expected = file, number, limit, expected
        self._layout = FileText.new(as_json=file.suffix == ".json")
        self._redacted: list[str] | None = None if expected == UNSEEN else []
        self._written: dict[str, Any] = {}
        self._checked = True
        self.items: list[FileItem] = []
        self.dirty = False

    def put(self, number: int, interaction: Interaction) -> None:
        """Add an exchange, or replace the one with that number."""
        index = next((at for at, item in enumerate(self.items) if item.number == number), len(self.items))
        text = self._layout.piece(interaction, first=index == 0)
        self.items[index : index + 1] = [FileItem(text=text, interaction=interaction, number=number)]
        self.dirty = True

    def rewrite(self, item: FileItem, interaction: Interaction) -> None:
        """
        Replace the contents of an item; in an item of an earlier recording only the changed values are replaced.

        Raises:
            CassetteError, ValueError: an item of an earlier recording cannot be changed like this.
        """
        first = item is self.items[0]
        own = item.number is not None
        item.text = self._layout.piece(interaction, first=first) if own else self._edited(item, interaction)
        item.interaction, item.rewritten = interaction, True
        self.dirty, self._checked = True, False

    def _edited(self, item: FileItem, interaction: Interaction) -> str:
        """Return the text of *item* with the values of *interaction*, edited as a file of this item alone."""
        if item.interaction is None:
            raise ValueError("it was left out")
        lead = item.text[: len(item.text) - len(item.text.lstrip(_LEAD))]
        before, after = Cassette(interactions=(item.interaction,)), Cassette(interactions=(interaction,))
        alone = self._layout.whole({}, [item.text.removeprefix(",")]).encode()
        edited = repaired_text(alone, file=str(self.file), before=before, after=after)
        (text,) = FileText.of(edited.encode(), file=str(self.file)).pieces
        return lead + text.lstrip(_LEAD)

    def holds(self, number: int) -> bool:
        """Return whether the exchange of that number is in this file."""
        return any(item.number == number for item in self.items)

    def sync(self, known: Mapping[int, bytes]) -> list[str]:
        """
        Take over edits of the file; *known* are the digests of exchanges of this recording.

        Return sentences for the user about changes of the file.

        Raises:
            CassetteError: the file was edited and does not load, or nothing can be added to it.
        """
        if self._is_expected():
            return []
        if not self.file.exists():
            self._expected = None
            return self._removed()
        data = read_bytes(self.file, limit=self._limit)
        repair_log = RepairLog()
        cassette = read(data, file=str(self.file), repair_log=repair_log)
        layout = FileText.of(self._fitted(data, cassette, repair_log), file=str(self.file))
        self._adopt(layout, cassette, dict(known))
        self._expected = sha256(data).digest()
        notices = [f"{self.file}: chunk lengths fitted to an edited body - at `{at}`" for at, _ in repair_log.repaired]
        return notices + [f"{left_out}; it is kept as it is" for left_out in cassette.left_out]

    def _fitted(self, data: bytes, cassette: Cassette, repair_log: RepairLog) -> bytes:
        """Return the file's bytes with chunk lengths that fit its bodies again."""
        if not repair_log.repaired:
            return data
        self.dirty = True
        try:
            return repaired_text(data, file=str(self.file), before=cassette, after=cassette).encode()
        except ValueError as exc:
            raise CassetteError(
                f"its chunk lengths do not fit an edited body: {exc}", file=str(self.file), repair="repair it by hand"
            ) from exc

    def _removed(self) -> list[str]:
        self.dirty = True
        saved = any(item.saved for item in self.items)
        return [f"{self.file} was removed during the recording: it is written again"] if saved else []

    def is_gone(self) -> bool:
        """Return whether the file was removed."""
        return any(item.saved for item in self.items) and not self.file.exists()

    def _is_expected(self) -> bool:
        return self._expected != UNSEEN and digest_on_disk(self.file) == self._expected

    def _adopt(self, layout: FileText, cassette: Cassette, known: dict[int, bytes]) -> None:
        interactions = list(_aligned(cassette, len(layout.pieces), str(self.file)))
        waiting = unsaved(self.items)
        self._layout, self._checked = self._with_own_head(layout), False
        self.items = []
        for text, interaction in zip(layout.pieces, interactions, strict=True):
            digest = digest_of(interaction) if interaction else b""
            number = next((number for number, each in known.items() if each == digest), None)
            known.pop(number or 0, None)
            self.items.append(FileItem(text=text, interaction=interaction, number=number, saved=True))
        for number, exchange in waiting.items():
            self.put(number, exchange)

    def _with_own_head(self, layout: FileText) -> FileText:
        """Keep `x-recording` if a person has edited it."""
        metadata = layout.recording or {}
        if self._redacted is None:
            self._redacted = list(metadata.get("redacted", ()))
        changed = any(metadata.get(key) != value for key, value in self._written.items())
        return layout.with_fixed_head() if changed else layout

    def text(self, recording: Mapping[str, Any]) -> str:
        """Return the whole file, with *recording* in its `x-recording`."""
        metadata = {**(self._layout.recording or {}), **self._metadata(recording)}
        return self._layout.whole(metadata, [item.text for item in self.items])

    def _metadata(self, recording: Mapping[str, Any]) -> dict[str, Any]:
        metadata = {**recording, "redacted": [*(self._redacted or ()), *recording.get("redacted", ())]}
        return metadata if self.number == 1 else {**metadata, "part": self.number}

    def overflow(self, recording: Mapping[str, Any]) -> list[FileItem]:
        """Remove and return the last exchanges, so many that the rest fits the file's limit."""
        over = len(self.text(recording).encode()) - self._limit
        at = len(self.items)
        while over > 0 and at > 1 and self.items[at - 1].number is not None:
            at -= 1
            over -= len(self.items[at].text.encode())
        if over > 0:
            self._layout = self._layout.with_fixed_head()
        self.items, moved = self.items[:at], self.items[at:]
        return moved

    def save(self, recording: Mapping[str, Any], known: Mapping[int, bytes]) -> list[str]:
        """
        Write the file; see `sync`.

        Raises:
            CassetteError: it can't be written, or was edited and does not load.
        """
        notices: list[str] = []
        for _ in range(_ATTEMPTS):
            notices += self.sync(known)
            text = self.text(recording)
            self._check(text)
            if write_text(self.file, text, ready=self._is_expected):
                break
        else:
            raise CassetteError("another program keeps changing it", file=str(self.file))
        self._expected = sha256(text.encode()).digest()
        self._written = {} if self._layout.recording is None else self._metadata(recording)
        self.dirty = False
        for item in self.items:
            item.saved, item.rewritten = True, False
        return notices

    def seen(self, raw: Mapping[int, Interaction]) -> list[Interaction]:
        """
        Return the interactions of this saved file, as they were before redaction if *raw* has all exchanges of it.

        Raises:
            CassetteError: it was edited, or has interactions that cannot be read.
        """
        cassette = read(read_bytes(self.file, limit=self._limit), file=str(self.file))
        own = {item.number for item in self.items if item.number is not None}
        known = raw if own <= raw.keys() else {}  # else values would be compared with placeholders
        seen = [
            known.get(-1 if item.number is None else item.number, item.interaction)
            for item in self.items
            if item.interaction
        ]
        if cassette.left_out or len(seen) != len(cassette.interactions) or not self._is_expected():
            problem = "tokens are not looked for in a file that was edited or has interactions left out"
            raise CassetteError(
                problem, file=str(self.file), repair="`chatgptfree-mock tokens --write` finds what it can"
            )
        return list(filter(None, seen))

    def add_tokens(self, tokens: Iterable[Token]) -> tuple[int, list[str]]:
        """
        Add the new ones of *tokens* to the `x-tokens` of this saved file.

        Return the number of added tokens, and sentences for the user.

        Raises:
            CassetteError: the block has no place in the file, or cannot be written.
        """
        data = read_bytes(self.file, limit=self._limit)
        cassette = read(data, file=str(self.file))
        able = acting(cassette, tokens)
        new = new_entries(cassette, able.entries)
        if new:
            text = with_entries(data, cassette, new, file=str(self.file))
            if len(text.encode()) > self._limit or not write_text(self.file, text, ready=self._is_expected):
                return 0, [f"{self.file}: x-tokens is not written, as the file is full or was edited"]
            self._expected = sha256(text.encode()).digest()
        return len(new), [f"{self.file}: {note}" for note in able.notes]

    def _check(self, text: str) -> None:
        """Check that a text edited by a person still has the recorded content."""
        if not self._checked:
            data = text.encode()
            if len(data) > self._limit:
                raise CassetteError(f"more than {self._limit:,} bytes after an edit", file=str(self.file))
            cassette = read(data, file=str(self.file))
            found = list(_aligned(cassette, len(self.items), str(self.file)))
            if found != [item.interaction for item in self.items]:
                raise CassetteError("its layout allows no interaction to be added", file=str(self.file))
            self._checked = True


def _aligned(cassette: Cassette, count: int, file: str) -> Iterator[Interaction | None]:
    """Yield the interaction of each of *count* items; None for an item that was left out."""
    places = (re.match(r"\$\.interactions\[(\d+)\]", each.place) for each in cassette.left_out)
    left_out = {int(place[1]) for place in places if place}
    if len(left_out) + len(cassette.interactions) != count:
        raise CassetteError("its layout allows no interaction to be added", file=file, repair="name another file")
    interactions = iter(cassette.interactions)
    for index in range(count):
        yield None if index in left_out else next(interactions)
