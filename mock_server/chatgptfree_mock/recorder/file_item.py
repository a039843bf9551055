"""An item of a recording's file: its text, and the exchange that is in it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.yaml.writing import write_interaction


class FileItem(msgspec.Struct, kw_only=True):
    """One item of the file's list: its text, its contents, and its number if it is an exchange of this recording."""

    text: str
    interaction: Interaction | None
    number: int | None = None
    saved: bool = False
    rewritten: bool = False
    """Whether it was redacted again since it was saved."""

    @property
    def exchange(self) -> tuple[int, Interaction] | None:
        """Return number and exchange, if it belongs to this recording."""
        return None if self.number is None or self.interaction is None else (self.number, self.interaction)


def unsaved(items: Iterable[FileItem]) -> dict[int, Interaction]:
    """Return the exchanges of this recording that are not on the disk yet, by number."""
    return dict(item.exchange for item in items if item.exchange and not item.saved)


def changed(items: Iterable[FileItem]) -> dict[int, bytes]:
    """Return the digests of the exchanges that are missing or outdated on the disk."""
    waiting = (item.exchange for item in items if item.exchange and (item.rewritten or not item.saved))
    return {number: digest_of(exchange) for number, exchange in waiting}


def digest_of(interaction: Interaction) -> bytes:
    """Return a key that identifies an exchange, whatever the layout of its file."""
    return sha256(write_interaction(interaction).encode()).digest()
