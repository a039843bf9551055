"""The line of an event stream that has not ended yet: kept in the pieces in which it comes, and joined when it is."""

from __future__ import annotations

from typing import Final

_MOST_PIECES: Final = 8192
_BYTES_A_PIECE: Final = 256
"""Beyond the first ones, a piece may stand for so many bytes: more pieces are joined before the line has ended."""


class LineBuffer:
    """
    The pieces of one line.

    A long line is copied once, and not each time that its buffer has to grow.  Only where there are many pieces for
    their size are they joined early, so that room and copying stay in proportion to the bytes, however they are cut.
    """

    __slots__ = ("_most", "_pieces", "size")

    def __init__(self) -> None:
        self.size = 0
        """In bytes; 0 between two lines."""
        self._pieces: list[bytes] = []
        self._most = _MOST_PIECES

    def add(self, data: bytes) -> None:
        """Take in the next piece; an empty one is none."""
        if data:
            self._pieces.append(data)
            self.size += len(data)
            if len(self._pieces) > self._most:
                self._pieces = [bytes(self)]
                self._most = _MOST_PIECES + self.size // _BYTES_A_PIECE

    def end_with(self, data: bytes) -> bytes:
        """Return the line with *data* behind it, and begin the next one."""
        pieces = self._pieces
        whole = pieces[0] + data if len(pieces) == 1 else b"".join([*pieces, data])
        self.size, self._pieces, self._most = 0, [], _MOST_PIECES
        return whole

    def startswith(self, mark: bytes) -> bool:
        """Return whether the line begins with *mark*, a single byte."""
        return bool(self._pieces) and self._pieces[0].startswith(mark)

    def __bytes__(self) -> bytes:
        """Return what there is of it."""
        return b"".join(self._pieces)
