"""
The text of one answer: what has come out so far, whole characters only.

Text goes through untouched but for one thing: halves of surrogate pairs are joined across pieces, and a half
that stays alone becomes U+FFFD, because such a string can't be printed or sent on.
"""

from __future__ import annotations

import re
from typing import Final

_OWN: Final = 32
"""Bytes that an answer may well say twice."""
_HALVES: Final = re.compile("[\ud800-\udfff]")


class TextBuffer:
    """Collects the text of an answer of at most *limit* bytes, as UTF-8, which takes the least room."""

    def __init__(self, limit: int) -> None:
        self.lone_halves = 0
        """How many halves of surrogate pairs stayed alone."""
        self.overflow = False
        """Whether a piece didn't fit; it and all that follow are left out."""
        self._limit = limit
        self._written = bytearray()
        self._half = ""

    def __bool__(self) -> bool:
        return bool(self._written)

    def __str__(self) -> str:
        return self._written.decode()

    @property
    def doubled(self) -> bool:
        """Return whether the text is twice the same, and too long for that to be an answer's own."""
        half, odd = divmod(len(self._written), 2)
        return not odd and half >= _OWN and self._written.startswith(self._written[half:])

    def add(self, text: str) -> str:
        """Take in a piece and return what may go out: all of it, unless a half of a character stands at an end."""
        try:
            written = text.encode()
        except UnicodeEncodeError:
            written = None
        if self._half or written is None:
            text = self._joined(text)
            written = text.encode()
        if self.overflow or len(self._written) + len(written) > self._limit:
            self.overflow = True
            return ""
        self._written += written
        return text

    def add_all(self, texts: list[str]) -> bool:
        """Take in *texts* that hold no halves of characters, if all of them may go out; say whether they may."""
        written = (texts[0] if len(texts) == 1 else "".join(texts)).encode()
        if self.overflow or self._half or len(self._written) + len(written) > self._limit:
            return False
        self._written += written
        return True

    def close(self) -> str:
        """Say that no more text will come, and return what was waiting for its other half."""
        if not self._half:
            return ""
        self._half = ""
        self.lone_halves += 1
        return self.add("\ufffd")

    def _joined(self, text: str) -> str:
        text = (self._half + text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text, lone = _HALVES.subn("\ufffd", text.removesuffix(self._half))
        self.lone_halves += lone
        return text
