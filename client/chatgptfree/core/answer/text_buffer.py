"""
The text of one answer so far, in whole characters.

Text is only changed in one way: halves of surrogate pairs are joined across events, and a half without its other half
becomes U+FFFD, because a string with one can be neither printed nor encoded.
"""

from __future__ import annotations

import re
from typing import Final

_MAY_REPEAT: Final = 32
"""Bytes that an answer may well contain twice."""
_HALVES: Final = re.compile("[\ud800-\udfff]")


class TextBuffer:
    """Collect the text of an answer of at most *limit* bytes, as UTF-8, which takes the least memory."""

    def __init__(self, limit: int) -> None:
        self.lone_halves = 0
        """How many halves of surrogate pairs had no other half."""
        self.overflow = False
        """Whether a text was over the limit; it and all that follow are left out."""
        self._limit = limit
        self._encoded = bytearray()
        self._half = ""

    def __len__(self) -> int:
        """Return the number of bytes."""
        return len(self._encoded)

    def __str__(self) -> str:
        return self._encoded.decode()

    @property
    def doubled(self) -> bool:
        """Whether the text is the same text twice, and too long for an answer to repeat itself."""
        half, odd = divmod(len(self._encoded), 2)
        return not odd and half >= _MAY_REPEAT and self._encoded.startswith(self._encoded[half:])

    def add(self, text: str) -> str:
        """Add *text* and return what can be delivered: all of it, unless half a character is at an end."""
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            encoded = None
        if self._half or encoded is None:
            text = self._joined(text)
            encoded = text.encode()
        if self.overflow or len(self._encoded) + len(encoded) > self._limit:
            self.overflow = True
            return ""
        self._encoded += encoded
        return text

    def add_all(self, texts: list[str]) -> bool:
        """Add *texts*, which hold no halves of characters; False, with nothing added, if they do not all fit."""
        encoded = (texts[0] if len(texts) == 1 else "".join(texts)).encode()
        if self.overflow or self._half or len(self._encoded) + len(encoded) > self._limit:
            return False
        self._encoded += encoded
        return True

    def close(self) -> str:
        """Return U+FFFD if half a character waits for its other half, which will not come; else an empty text."""
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
