"""
A schedule: one response ready to be sent, each HTTP chunk with the time at which it is due.

A schedule has the bytes of its head, its chunk frames and its end on the wire (RFC 9112); it uses no sockets.
The owner of a socket waits until `head_time`, `send_times[i]` and `end_time` and writes what `head`, `frames` and
`last` return.  All times are in milliseconds since the request.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import Final

from msgspec import Struct

from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.tape.model import End, Headers, header_of

KEPT_BYTES: Final = 64 * 1024
"""The largest body whose schedules and frames are kept for the next time."""
_KEPT_CHUNKS: Final = 4096
"""The largest number of such frames."""
BEFORE_HEAD: Final = -1
"""The offset of a fault that acts before the first byte of the response."""

_CRLF: Final = b"\r\n"
_STATUS_LINE: Final = "HTTP/1.1 {status} {reason}"
_STATUS_LINE_10: Final = "HTTP/1.0 {status} {reason}"
_GARBLED_STATUS_LINE: Final = "HTP/1.1 {status}?? {reason}"
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "proxy-connection"})


class Framing(Enum):
    """How the client finds the end of the body (RFC 9112, section 6.3)."""

    CHUNKED = "chunked"
    LENGTH = "length"
    CLOSE = "close"
    """The body ends with the connection."""
    NONE = "none"
    """The response has no body, as with 204 and 304."""


class ResolvedFault(Struct, frozen=True, kw_only=True, gc=False):
    """A fault with the place in one response at which it acts."""

    fault: Fault
    offset: int
    """Bytes of the whole body that come before it, or `BEFORE_HEAD`."""
    earliest: float = 0.0
    """The earliest time at which it acts, in milliseconds since the request; default 0."""
    shortage: str = ""
    """What the response has too few of, such as `4 chunks`, so that the fault acts at the end; empty: nothing."""


class Schedule(Struct, frozen=True, kw_only=True, gc=False, cache_hash=True):
    """The bytes of one response with their times, and how the response ends."""

    status: int = 200
    reason: str = "OK"
    headers: Headers = ()
    """The stored headers; those about framing and connection only mark the places of the ones that are sent."""
    framing: Framing = Framing.CHUNKED
    """The framing towards a client of HTTP/1.1; see `framing_for`."""
    length: int = 0
    """The value of `Content-Length`, in bytes, if the framing is `LENGTH`."""
    body: bytes = b""
    sizes: tuple[int, ...] = ()
    """The size of each chunk of *body*, in bytes."""
    send_times: tuple[float, ...] = ()
    """When each chunk is due."""
    head_time: float | None = 0.0
    """When the head is due; None: nothing at all is sent."""
    end: End = End.COMPLETE
    """How the response ends, after the last chunk."""
    end_time: float = 0.0
    close: bool = False
    """Whether the connection closes after a complete response."""
    http10: bool = False
    """Whether the status line claims HTTP/1.0."""
    garbled: frozenset[int] = frozenset()
    """Indexes of the chunks whose HTTP frame is spoilt."""
    garbled_head: bool = False
    extensions: bool = False
    """Whether chunk frames have an extension (RFC 9112, section 7.1.1)."""
    trailers: Headers = ()
    after: bytes = b""
    """Bytes sent after the end of the body."""
    faults: tuple[ResolvedFault, ...] = ()
    """All faults of the delivery, in the order in which they were given."""
    ended_by: Fault | None = None
    """The fault that ends the response, if one does."""

    def framing_for(self, *, http11: bool) -> Framing:
        """Return the framing towards a client of HTTP/1.1, or of HTTP/1.0, which has no chunks."""
        return Framing.CLOSE if self.framing is Framing.CHUNKED and not http11 else self.framing

    def keeps(self, *, http11: bool) -> bool:
        """Return whether the connection may be reused after this response."""
        return not self.close and self.framing_for(http11=http11) is not Framing.CLOSE

    def head(self, *, http11: bool = True, keep_alive: bool = True, bodiless: bool = False) -> bytes:
        """
        Return the status line and the headers, with those of framing and connection in place of the stored ones.

        *http11*: whether the client uses HTTP/1.1.  *keep_alive*: whether it asks to use the connection again.
        *bodiless*: whether this answers HEAD; a recorded answer to HEAD announces a body that it does not hold.
        """
        framing = self.framing_for(http11=http11)
        body_header = self._announced_length(bodiless) if framing is Framing.LENGTH else "chunked"
        if bodiless and framing is Framing.CHUNKED and not header_of(self.headers, "transfer-encoding"):
            framing = Framing.NONE
        keep = keep_alive and not self.close and framing is not Framing.CLOSE
        line = _GARBLED_STATUS_LINE if self.garbled_head else _STATUS_LINE_10 if self.http10 else _STATUS_LINE
        return _head(
            line,
            self.status,
            self.reason,
            self.headers,
            framing,
            body_header,
            connection="keep-alive" if keep else "close",
            connection_is_default=keep and http11,
        )

    def _announced_length(self, bodiless: bool) -> str:
        stored = header_of(self.headers, "content-length")
        return stored if bodiless and not self.body and stored.isdecimal() else str(self.length)

    def frames(self, start: int, stop: int, offset: int, *, framing: Framing) -> list[bytes]:
        """
        Return the bytes on the wire for the chunks *start* up to *stop* (excluded), in parts that are to be joined.

        *offset*: of the chunk *start* in the body.  *framing*: that for this client.
        """
        sizes = self.sizes[start:stop]
        if framing is not Framing.CHUNKED:
            return [self.body[offset : offset + sum(sizes)]]
        if len(sizes) == 1 and not self.extensions and not self.garbled:
            # Not as a frame, because a page is large, and would be copied once more.
            return [b"%x\r\n" % sizes[0], self.body[offset : offset + sizes[0]], _CRLF]
        if len(sizes) > _KEPT_CHUNKS or len(self.body) > KEPT_BYTES:
            return _chunk_frames(self, start, stop, offset)
        return [_frames_once(self, start, stop, offset)]

    def chunk_frames(self) -> list[bytes]:
        """Return the HTTP frame of each chunk."""
        return _chunk_frames(self, 0, len(self.sizes), 0)

    def last(self, *, framing: Framing) -> bytes:
        """Return the end of a complete body under *framing*, and the bytes that follow it."""
        if framing is not Framing.CHUNKED:
            return self.after
        trailers = _lines(map(": ".join, self.trailers)) if self.trailers else b""
        return b"0\r\n" + trailers + _CRLF + self.after


def _chunk_frames(schedule: Schedule, start: int, stop: int, offset: int) -> list[bytes]:
    """Return the frames of the chunks *start* up to *stop*, of which the first is at *offset* in the body."""
    form = b"%x;name=value\r\n%b\r\n" if schedule.extensions else b"%x\r\n%b\r\n"
    body, sizes = schedule.body, schedule.sizes[start:stop]
    starts = accumulate(sizes, initial=offset)
    frames = [form % (size, body[at : at + size]) for at, size in zip(starts, sizes, strict=False)]
    for index in [index - start for index in schedule.garbled if start <= index < stop]:
        line, data = frames[index].split(_CRLF, 1)
        frames[index] = b"0x-%bg\r\n%b" % (line, data)
    return frames


# A recorded answer is played many times.
@lru_cache(maxsize=32)
def _frames_once(schedule: Schedule, start: int, stop: int, offset: int) -> bytes:
    return b"".join(_chunk_frames(schedule, start, stop, offset))


# The responses of one site share their heads, which change with the second of their `Date`.
@lru_cache(maxsize=64)
def _head(
    line: str,
    status: int,
    reason: str,
    headers: Headers,
    framing: Framing,
    body_header: str,
    *,
    connection: str,
    connection_is_default: bool,
) -> bytes:
    """
    Write a head; *line* is the form of its status line.

    *body_header* is the value of the header that frames the body.  If *connection_is_default* (RFC 9112, section 9.3),
    *connection* is only written in the place of a stored header.
    """
    pending = {
        "transfer-encoding": ("Transfer-Encoding", body_header) if framing is Framing.CHUNKED else None,
        "content-length": ("Content-Length", body_header) if framing is Framing.LENGTH else None,
        "connection": ("Connection", connection),
    }
    lines = []
    for name, value in headers:
        lower = name.lower()
        if lower in pending:
            if header := pending.pop(lower):
                lines.append((name, header[1]))
        elif lower not in _HOP_BY_HOP and lower not in ("transfer-encoding", "content-length"):
            lines.append((name, value))
    if connection_is_default:
        pending.pop("connection", None)
    lines.extend(header for header in pending.values() if header)
    return _lines([line.format(status=status, reason=reason), *map(": ".join, lines)]) + _CRLF


def _lines(texts: Iterable[str]) -> bytes:
    """Return a line for each of *texts*; a line break within one becomes a blank."""
    lines = [text.replace("\r", " ").replace("\n", " ") + "\r\n" for text in texts]
    return "".join(lines).encode("utf-8", "surrogateescape")


def chunk_frame(data: bytes) -> bytes:
    """Return *data* as one HTTP chunk (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def drop(headers: Headers, names: Iterable[str]) -> Headers:
    """Return *headers* without those of *names*, which are in lower case."""
    unwanted = frozenset(names)
    return tuple((name, value) for name, value in headers if name.lower() not in unwanted)
