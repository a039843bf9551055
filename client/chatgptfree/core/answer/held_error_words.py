"""
Errors that plugin 1.x sends word by word, as if they were an answer.

Each word is an event named `message` with one text, pasted into JSON without escaping, and an end without a
place for text follows (recorded: `1.8.93/up_401_s`).  APIs of models write neither.  Such words are held back until
the end proves what they are; until then they may still be text of an unknown site.
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
        self.blocks: list[bytes] = []
        """What is held now."""
        self._words: list[bytes] = []
        self._open = False

    def __str__(self) -> str:
        return b"".join(self._words).decode(errors="replace")

    @property
    def overflow(self) -> bool:
        """Whether more is held than an answer may have."""
        return self._size > self._limit

    def take(self, block: bytes) -> bool:
        """Hold *block*, which has no comments, if it is a word or continues one; return whether it is held."""
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
        """Return the blocks and hold them no longer: they are not an error."""
        blocks = self.blocks
        self.blocks, self._words, self._open, self._size = [], [], False, 0
        return blocks

    def _add(self, lines: bytes, word: bytes) -> None:
        self.blocks.append(lines)
        self._words.append(word.removesuffix(_TAIL))
        self._size += len(lines)
        self._open = not word.endswith(_TAIL)
