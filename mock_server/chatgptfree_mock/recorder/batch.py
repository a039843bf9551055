"""What goes to the writer of a recording and back: its start, batches of exchanges, and their outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.whole_file import MAX_BYTES


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The start of a recording: the files, the rules of redaction, and whether old contents stay."""

    path: Path
    rules: Rules | None
    keeps_old: bool
    limit: int = MAX_BYTES
    """Bytes of the largest file."""
    known: dict[int, bytes] = msgspec.field(default_factory=dict)
    """Digests of exchanges that an earlier writer of this recording has written."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Exchanges by number, with `x-recording` except for the redactions."""

    fresh: dict[int, Interaction]
    recording: dict[str, Any]
    last: bool = False
    """This is the last batch: exchanges that a file cannot take are written beside it."""
    tokens: bool = False
    """The recording is over: find and write its tokens."""


class WriteOutcome(msgspec.Struct, kw_only=True):
    """The outcome of a batch."""

    redacted: list[str] = msgspec.field(default_factory=list)
    written: dict[int, bytes] = msgspec.field(default_factory=dict)
    """Digests of the exchanges that are on the disk now, by number."""
    refused: set[int] = msgspec.field(default_factory=set)
    """Numbers of exchanges that can't be written to any file; *notices* have the reasons."""
    files: list[Path] = msgspec.field(default_factory=list)
    notices: list[str] = msgspec.field(default_factory=list)
    tokens: int = 0
    """How many tokens were added to `x-tokens`."""
    problem: str = ""
    """Why an exchange was not written; the next batch tries it again."""
