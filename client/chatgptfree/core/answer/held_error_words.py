"""
Errors that plugin 1.x tells word by word, as if they were an answer.

Each word is an event named `message` with nothing but a piece of text in it, pasted without escaping, and an
end without a place for text follows.  The model's API never writes either.  So such words are held back until
the end proves what they are; until then they may still turn out to be text of a site that nobody knows.
"""

from __future__ import annotations

from typing import Final

from chatgptfree.core.answer import payload

_HEAD: Final = b'event: message\ndata: {"choices":[{"delta":{"content":"'
_TAIL: Final = b'"}}]}'


class HeldErrorWords:
    """Blocks that are held back, at most *limit* bytes of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._blocks: list[bytes] = []
        self._words: list[bytes] = []
        self._open = False

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def __str__(self) -> str:
        return b"".join(self._words).decode(errors="replace")

    @property
    def overflow(self) -> bool:
        """Whether more is held than an answer may have."""
        return self._size > self._limit

    def take(self, block: bytes) -> bool:
        """Hold *block*, which has no comments, back if it is a word or goes on with one; say whether it was."""
        lines = block.strip(b"\n")
        if self._open and not lines.startswith((b"data:", b"event:")):
            self._add(lines, b"\n\n" + lines if lines else b"")
            return True
        head = lines.find(_HEAD)
        if head < 0:
            return False
        word = lines[head + len(_HEAD) :]
        if not word.endswith(_TAIL) and payload.load_object(lines[head + _HEAD.index(b"{") :]) is not None:
            return False
        self._add(lines, word)
        return True

    def release(self) -> list[bytes]:
        """Give the blocks back: they are no error."""
        blocks = self._blocks
        self._blocks, self._words, self._open, self._size = [], [], False, 0
        return blocks

    def _add(self, lines: bytes, word: bytes) -> None:
        self._blocks.append(lines)
        self._words.append(word.removesuffix(_TAIL))
        self._size += len(lines)
        self._open = not word.endswith(_TAIL)
