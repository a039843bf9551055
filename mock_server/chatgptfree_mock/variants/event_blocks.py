"""
An event stream as blocks of lines (WHATWG HTML 9.2.5), for rewriting it.

A block ends with a blank line; the bytes after the last blank line are an incomplete block, which a reader discards
(9.2.6).  Lines keep their line ends, so that all blocks joined are the stream again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|$)")
BOM = b"\xef\xbb\xbf"


class Line(Struct, frozen=True):
    """One line: its bytes and its line end, which is empty at the end of the stream."""

    text: bytes
    end: bytes = b"\n"

    @property
    def field(self) -> bytes:
        """Return the name of the field; empty for a comment or a blank line."""
        return self.text.partition(b":")[0]

    @property
    def value(self) -> bytes:
        """Return the value of the field, without the one space that may come before it."""
        return self.text.partition(b":")[2].removeprefix(b" ")


class Block(Struct, frozen=True):
    """The lines of one event, the blank line that dispatches it included."""

    lines: tuple[Line, ...]

    @property
    def whole(self) -> bool:
        """Return whether a blank line ends it."""
        last = self.lines[-1]
        return not last.text and bool(last.end)

    @property
    def has_data(self) -> bool:
        """Return whether a reader gets an event from it."""
        return self.whole and any(line.field == b"data" for line in self.lines)

    @property
    def data(self) -> bytes:
        """Return the data of the event: the values of its data lines, joined with line feeds."""
        return b"\n".join(line.value for line in self.lines if line.field == b"data")

    @property
    def event(self) -> bytes:
        """Return the event's name, empty if it has none."""
        return next((line.value for line in reversed(self.lines) if line.field == b"event"), b"")

    def to_bytes(self) -> bytes:
        """Return the block as it is in the stream."""
        return b"".join(line.text + line.end for line in self.lines)


def split_blocks(body: bytes) -> list[Block]:
    """Return the blocks of an event stream; a BOM at its beginning is left out."""
    blocks: list[Block] = []
    lines: list[Line] = []
    for found in _LINE.finditer(body.removeprefix(BOM)):
        if not found[0]:
            break
        lines.append(Line(found[1], found[2]))
        if not found[1]:
            blocks.append(Block(tuple(lines)))
            lines = []
    return [*blocks, Block(tuple(lines))] if lines else blocks


def join_blocks(blocks: Iterable[Block]) -> bytes:
    """Return *blocks* joined to a stream."""
    return b"".join(block.to_bytes() for block in blocks)
