"""
The event-stream decoder, to the letter of the WHATWG rules.

There are two steps, so that a fast reader may do the second one itself: bytes become *blocks* (all lines of one event
and a blank one, line ends as LF), blocks become events.  Every byte is read a fixed number of times, however the stream
is cut.  An event is returned as soon as its blank line was received; an unfinished last event is never returned, but
`unfinished` has it.  Comments take no memory; a line or an event over the limit sets `overflow` and ends the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from chatgptfree.core.protocol.line_buffer import LineBuffer
from chatgptfree.errors import TooLargeError
from chatgptfree.messages import Limits

_MARK: Final = b"\xef\xbb\xbf"
_LF: Final = 10
_CR: Final = 13
_DIGITS: Final = re.compile("[0-9]{1,18}")
"""A longer number of milliseconds is longer than anybody waits, and Python refuses to read very long ones."""


class ServerSentEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event of a stream, as a browser's EventSource dispatches it."""

    event: str = "message"
    """The type of the event; `message` by default."""
    data: str = ""
    """The values of the fields `data`, joined by line feeds; empty by default."""
    id: str = ""
    """The last id that the stream has set, in this event or before; empty by default."""
    retry: int | None = None
    """The time before a reconnection in milliseconds, if this event sets it; else None."""


class EventStreamDecoder:
    """Turns the bytes of one event stream into events; *limit* is the size in bytes that no event may exceed."""

    def __init__(self, *, limit: int = Limits().event) -> None:
        self.overflow = False
        """Whether an event was over the limit; nothing comes out after it."""
        self._limit = limit
        self._last_id = ""
        self._start: bytes | None = b""
        self._after_cr = False
        self._lines = bytearray()
        self._tail = LineBuffer()

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take in *data* and return the events that it completes."""
        blocks = self.blocks(data)
        # Looking for one byte is far faster than for two, which shows on a long line.
        end = blocks.find(_LF)
        if end == len(blocks) - 2:
            event = self._event(blocks, end)
            return [] if event is None else [event]
        return [event for block in blocks.split(b"\n\n") if (event := self.event(block)) is not None]

    def blocks(self, data: bytes) -> bytes:
        """
        Take in *data* and return the blocks that it completes, one after the other.

        Every block must go through `event`, unless it is a lone `data` line: ids last beyond their event.
        """
        if self._start is not None:
            data = self._without_mark(self._start + data)
        if self._after_cr or _CR in data:
            data = self._with_line_feeds(data)
        if self.overflow:
            return b""
        if self._tail.size:
            if _LF not in data:
                self._tail.add(data)
                self._check_open_event()
                return b""
            data = self._tail.end_with(data)
        if self._lines and (data.startswith(b"\n") or b"\n\n" in data):
            self._lines += data
            data = bytes(self._lines)
            self._lines.clear()
        end = data.rfind(b"\n\n") + 2
        if end < 2:
            self._hold(data)
            return b""
        if end < len(data):
            rest = data[end:]
            if _LF in rest or len(rest) > self._limit:
                self._hold(rest)
            else:
                self._tail.add(rest)
            data = data[:end]
        return data if len(data) <= self._limit else self._fitting(data)

    def event(self, block: bytes) -> ServerSentEvent | None:
        """Return the event that *block* makes, with its blank line or without; None if it has no data."""
        return self._event(block, block.find(_LF))

    def _event(self, block: bytes, end: int) -> ServerSentEvent | None:
        """Return the event that *block* makes, whose first line ends at *end*, or never if that is below 0."""
        if block.startswith(b"data: ") and (end < 0 or end == len(block) - 2):
            # Not copied once more, because it may be long.
            lone = memoryview(block)[6 : end if end >= 0 else None]
            return ServerSentEvent(data=str(lone, "utf-8", "replace"), id=self._last_id)
        name, retry = "", None
        data: list[str] = []
        # Replacing bytes that are not UTF-8 affects neither line ends nor colons, so decode first.
        for line in block.decode(errors="replace").split("\n"):
            field, colon, value = line.partition(": ")
            if not colon or ":" in field:
                field, _, value = line.partition(":")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
            elif field == "id":
                if "\0" not in value:
                    self._last_id = value
            elif field == "retry" and _DIGITS.fullmatch(value):
                retry = int(value)
        if not data:
            return None
        text = data[0] if len(data) == 1 else "\n".join(data)
        return ServerSentEvent(event=name or "message", data=text, id=self._last_id, retry=retry)

    @property
    def unfinished(self) -> bytes:
        """The lines since the last blank line, comments left out; empty if the stream ended as it should."""
        return bytes(self._lines) + (b"" if self._tail.startswith(b":") else bytes(self._tail))

    def _without_mark(self, start: bytes) -> bytes:
        if len(start) < len(_MARK) and _MARK.startswith(start):
            self._start = start
            return b""
        self._start = None
        return start.removeprefix(_MARK)

    def _with_line_feeds(self, data: bytes) -> bytes:
        # A CR ends its line at once; an LF at the start of the next chunk is then its second half.
        if data:
            data = data.removeprefix(b"\n") if self._after_cr else data
            self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _hold(self, rest: bytes) -> None:
        if _LF in rest:
            rest = self._hold_lines(rest)
        self._tail.add(rest)
        if len(self._lines) + self._tail.size > self._limit:
            self._check_open_event()

    def _hold_lines(self, rest: bytes) -> bytes:
        """Put the whole lines of *rest* aside, and return what follows them."""
        cut = rest.rfind(b"\n") + 1
        lines = rest[:cut]
        if cut > self._limit and self._has_long_line(lines):
            self.overflow = True
        self._lines += without_comments(lines if self._lines else lines.lstrip(b"\n"))
        return rest[cut:]

    def _check_open_event(self) -> None:
        fields = len(self._lines) + (0 if self._tail.startswith(b":") else self._tail.size)
        if self._tail.size > self._limit or fields > self._limit:
            self.overflow = True

    def _fitting(self, blocks: bytes) -> bytes:
        start = 0
        while (end := blocks.find(b"\n\n", start) + 2) >= 2:
            lines = blocks[start : end - 1].lstrip(b"\n")
            if len(lines) > self._limit and (len(without_comments(lines)) > self._limit or self._has_long_line(lines)):
                self.overflow = True
                return blocks[:start]
            start = end
        return blocks

    def _has_long_line(self, lines: bytes) -> bool:
        return any(len(line) > self._limit for line in lines.split(b"\n"))


def decode_events(chunks: Iterable[bytes], *, limit: int = Limits().event) -> Iterator[ServerSentEvent]:
    """
    Decode an event stream that comes in *chunks*: bytes of UTF-8, cut anywhere.

    *limit* is the size in bytes that no event may exceed, by default 8 MiB.

    An event comes out before the chunk after its blank line is pulled; an unfinished last one is dropped,
    as the standard requires.

    Raises:
        TooLargeError: an event has more than *limit* bytes.
    """
    decoder = EventStreamDecoder(limit=limit)
    for chunk in chunks:
        yield from decoder.feed(chunk)
        if decoder.overflow:
            raise TooLargeError(f"an event of the stream is over the limit of {limit} bytes")


def without_comments(lines: bytes) -> bytes:
    """Return *lines*, ended by LF, without those that are comments."""
    if not lines.startswith(b":") and b"\n:" not in lines:
        return lines
    return b"".join(line for line in lines.splitlines(keepends=True) if not line.startswith(b":"))
