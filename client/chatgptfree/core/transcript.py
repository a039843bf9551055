"""
The text of one answer: what has come out so far, whole characters only.

Text goes through untouched but for one thing: halves of surrogate pairs are joined across pieces, and a half
that stays alone becomes U+FFFD, because such a string can't be printed or sent on.
"""

from __future__ import annotations

import re
from typing import Final

_HALVES: Final = re.compile("[\ud800-\udfff]")
_BATCH: Final = 1024


class Transcript:
    """Collects the text of an answer of at most *limit* bytes, in little more room than the text itself takes."""

    def __init__(self, limit: int) -> None:
        self.lone_halves = 0
        """How many halves of surrogate pairs stayed alone."""
        self.overflow = False
        """Whether a piece didn't fit; it and all that follow are left out."""
        self._room = limit
        self._pieces: list[str] = []
        self._batches: list[str] = []
        self._half = ""

    def __bool__(self) -> bool:
        return bool(self._pieces or self._batches)

    def __str__(self) -> str:
        return "".join(self._batches) + "".join(self._pieces)

    def add(self, text: str) -> str:
        """Take in a piece and return what may go out: all of it, unless a half of a character stands at an end."""
        if self._half or not text.isascii():
            text = self._whole(text)
            self._room -= len(text.encode())
        else:
            self._room -= len(text)
        if self._room < 0:
            self.overflow = True
            return ""
        if text:
            self._pieces.append(text)
            if len(self._pieces) >= _BATCH:
                self._batches.append("".join(self._pieces))
                self._pieces.clear()
        return text

    def close(self) -> str:
        """Say that no more text will come, and return what was waiting for its other half."""
        if not self._half:
            return ""
        self._half = ""
        self.lone_halves += 1
        return self.add("\ufffd")

    def _whole(self, text: str) -> str:
        text = self._half + text
        self._half = ""
        if not _HALVES.search(text):
            return text
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        text, lone = _HALVES.subn("\ufffd", text)
        self.lone_halves += lone
        return text
