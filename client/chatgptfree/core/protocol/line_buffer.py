"""The unfinished line of an event stream: kept in chunks as they arrive, and joined when the line ends."""

from __future__ import annotations

from typing import Final

_MOST_CHUNKS: Final = 8192
_BYTES_A_CHUNK: Final = 256
"""Beyond the first chunks, one is allowed for so many bytes of the line; with more, they are joined early."""


class LineBuffer:
    """
    The chunks of one line.

    A long line is copied once, and not each time that its buffer has to grow.  Only where there are many chunks for
    their size are they joined early, so that memory and copying stay proportional to the bytes, whatever their cuts.
    """

    __slots__ = ("_chunks", "_most", "size")

    def __init__(self) -> None:
        self.size = 0
        """The number of bytes of the unfinished line; 0 between two lines."""
        self._chunks: list[bytes] = []
        self._most = _MOST_CHUNKS

    def add(self, data: bytes) -> None:
        """Take in the next chunk; an empty one is ignored."""
        if data:
            self._chunks.append(data)
            self.size += len(data)
            if len(self._chunks) > self._most:
                self._chunks = [bytes(self)]
                self._most = _MOST_CHUNKS + self.size // _BYTES_A_CHUNK

    def end_with(self, data: bytes) -> bytes:
        """Return the line with *data* after it, and begin the next one."""
        chunks = self._chunks
        whole = chunks[0] + data if len(chunks) == 1 else b"".join([*chunks, data])
        self.size, self._chunks, self._most = 0, [], _MOST_CHUNKS
        return whole

    def startswith(self, mark: bytes) -> bool:
        """Return whether the line begins with *mark*, a single byte."""
        return bool(self._chunks) and self._chunks[0].startswith(mark)

    def __bytes__(self) -> bytes:
        """Return the bytes so far."""
        return b"".join(self._chunks)
