"""
Decode one HTTP/1 response (RFC 9112) from its bytes, however these were packed.

An HTTP library reads a packet as a whole: where something in it is damaged, it drops what it found before the damage.
`ResponseDecoder` is fed bytes and returns what they complete, in order, so what came first is always delivered first,
and the same bytes have the same outcome wherever they are cut.

What follows a whole body (bytes after the Content-Length, trailers, garbage after the last chunk) can't change the
answer any more.  It is ignored, and the connection is not used again.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Generator
from typing import Final, TypeAlias

from msgspec import Struct

from chatgptfree.core.protocol.response_head import DamagedError, Head, head_of, length_of

HEAD_LIMIT: Final = 256 * 1024
"""Bytes that a head may have, interim responses before it included."""
_LINE_LIMIT: Final = 16 * 1024
"""Bytes that the line before a chunk may have; it holds a number and extensions, which are not used in practice."""

_START: Final = b"HTTP/1."
_CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?")
_CHUNK_LINE_BEGUN: Final = re.compile(rb"[0-9A-Fa-f]{0,15}|[0-9A-Fa-f]{1,15}[ \t]*(?:;[^\r\n]*)?\r?")


class Complete(Struct, frozen=True):
    """The body is whole; *reusable*: nothing came after it, so that another response may follow."""

    reusable: bool


class Damage(Struct, frozen=True):
    """The bytes are not HTTP, for the reason in *words*: after a `Head` the body is cut, else nothing came."""

    words: str


Part: TypeAlias = Head | bytes | Complete | Damage


class Progress(enum.Enum):
    """How far a response has come."""

    NOTHING = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()
    OVER = enum.auto()


class ResponseDecoder:
    """
    Decodes one response to a GET or a POST.

    `feed` takes the next bytes, `close` the end of the connection; both return the parts that are complete now:
    one `Head`, the bytes of the body with its framing taken off, then `Complete` or `Damage`.
    """

    def __init__(self) -> None:
        self.progress = Progress.NOTHING
        self._buffer = bytearray()
        self._closed = False
        self._parts: list[Part] = []
        self._steps = self._run()
        next(self._steps)

    def feed(self, data: bytes) -> list[Part]:
        """Decode the next bytes."""
        if self.progress is Progress.OVER or not data:
            return []
        if self.progress is Progress.NOTHING:
            self.progress = Progress.HEAD
        self._buffer += data
        return self._advance()

    def close(self) -> list[Part]:
        """Handle a clean close of the connection; within a head no part is complete then."""
        if self.progress is not Progress.BODY:
            return []
        self._closed = True
        return self._advance()

    def _advance(self) -> list[Part]:
        next(self._steps)
        parts, self._parts = self._parts, []
        return parts

    def _run(self) -> Generator[None, None, None]:
        try:
            yield from self._response()
        except DamagedError as error:
            self._parts.append(Damage(str(error)))
        self.progress = Progress.OVER
        self._buffer.clear()
        while True:
            yield

    def _response(self) -> Generator[None, None, None]:
        head = yield from self.head_of()
        length = length_of(head)
        self._parts.append(head)
        self.progress = Progress.BODY
        following: tuple[bytes, ...] = (b"",)
        if head.chunked:
            yield from self._chunks()
            following = (b"\r\n", b"\n")
        elif length is not None:
            yield from self._bytes(length)
        else:
            yield from self._until_closed()
            return
        self._parts.append(Complete(reusable=head.reusable and bytes(self._buffer) in following))

    def head_of(self) -> Generator[None, None, Head]:
        """Return the head of the final response; those with a status below 200 only announce it (RFC 9110, 15.2)."""
        size = 0
        while True:
            lines: list[bytes] = []
            while (line := (yield from self._head_line(size, first=not lines))) or not lines:
                size += len(line) + 1
                if line:
                    lines.append(line)
            head = head_of(lines)
            if head.status >= 200 or head.status == 101:
                return head

    def _head_line(self, size: int, *, first: bool) -> Generator[None, None, bytes]:
        while True:
            end = self._buffer.find(b"\n")
            if (len(self._buffer) if end < 0 else end) + size > HEAD_LIMIT:
                raise DamagedError(f"its head is larger than {HEAD_LIMIT} bytes")
            if first and not _may_start(self._buffer):
                raise DamagedError("it does not begin with HTTP/1")
            if end >= 0:
                line = bytes(self._buffer[:end]).removesuffix(b"\r")
                del self._buffer[: end + 1]
                return line
            yield from self._more()

    def _chunks(self) -> Generator[None, None, None]:
        """Decode the chunked coding (RFC 9112, 7.1); the line of the last chunk ends the body."""
        while size := (yield from self._chunk_size()):
            yield from self._bytes(size)
            end = yield from self._byte()
            if end == b"\r":
                end = yield from self._byte()
            if end != b"\n":
                raise DamagedError("the framing of the body is damaged")

    def _chunk_size(self) -> Generator[None, None, int]:
        while True:
            line, found, _ = self._buffer.partition(b"\n")
            whole = _CHUNK_LINE.fullmatch(line)
            if len(line) > _LINE_LIMIT or not (whole if found else _CHUNK_LINE_BEGUN.fullmatch(line)):
                raise DamagedError("the framing of the body is damaged")
            if found and whole:
                del self._buffer[: len(line) + 1]
                return int(whole[1], 16)
            yield from self._more()

    def _bytes(self, count: int) -> Generator[None, None, None]:
        """Pass *count* bytes on as they come."""
        while count:
            data = bytes(self._buffer[:count])
            if data:
                self._parts.append(data)
                del self._buffer[: len(data)]
                count -= len(data)
            else:
                yield from self._more()

    def _byte(self) -> Generator[None, None, bytes]:
        while not self._buffer:
            yield from self._more()
        byte = bytes(self._buffer[:1])
        del self._buffer[:1]
        return byte

    def _until_closed(self) -> Generator[None, None, None]:
        while not self._closed:
            if self._buffer:
                self._parts.append(bytes(self._buffer))
                self._buffer.clear()
            yield
        self._parts.append(Complete(reusable=False))

    def _more(self) -> Generator[None, None, None]:
        yield
        if self._closed:
            raise DamagedError("the connection was closed in the middle of the response")


def _may_start(data: bytearray) -> bool:
    """Check whether *data* may be the start of a status line; empty lines before it are skipped (RFC 9112, 2.2)."""
    start = bytes(data[:64]).lstrip(b"\r\n")[: len(_START)]
    return _START.startswith(start)
