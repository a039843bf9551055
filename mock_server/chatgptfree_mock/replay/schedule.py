"""
A performance: an answer ready to be sent, every byte with the time at which it is due.

It knows how its head and its HTTP chunk frames look on the wire, and nothing of sockets; whoever owns one waits until
`head_due`, `dues[i]` and `finish_due` (milliseconds since the request) and writes what `head`, `frames` and `last`
give.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from itertools import accumulate, pairwise

from msgspec import Struct, field

from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.tape.model import End, Headers, header_of

_CRLF = b"\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_HTTP11, _HTTP10, _GARBLED = "HTTP/1.1 {status} {reason}", "HTTP/1.0 {status} {reason}", "HTP/1.1 {status}?? {reason}"
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection"})


class Framing(Enum):
    """What tells the client where the body ends."""

    CHUNKED = "chunked"
    LENGTH = "length"
    CLOSE = "close"
    """The end of the connection."""
    NONE = "none"
    """There is no body, as with 204 and 304."""


class Schedule(Struct, frozen=True, kw_only=True, gc=False):
    """What is sent when; *body* is cut in *sizes*, and piece *i* is due at `dues[i]`."""

    status: int = 200
    reason: str = "OK"
    headers: Headers = ()
    """As stored; the ones that frame the body and the connection mark only their place."""
    framing: Framing = Framing.CHUNKED
    length: int = 0
    """What `Content-Length` announces, if it does."""
    body: bytes = b""
    sizes: tuple[int, ...] = ()
    dues: tuple[float, ...] = ()
    head_due: float | None = 0.0
    """None: nothing at all is sent."""
    finish: End = End.COMPLETE
    finish_due: float = 0.0
    close: bool = False
    """The connection can't be used again, though the answer is complete."""
    http10: bool = False
    garbled: frozenset[int] = frozenset()
    """Pieces whose HTTP chunk frame is spoilt."""
    garbled_head: bool = False
    extensions: bool = False
    trailers: Headers = ()
    after: bytes = b""
    """Sent behind the end of the body."""
    strikes: tuple[tuple[Fault, int], ...] = ()
    """The faults, each with the offset in the whole answer at which it strikes; -1 is before the head."""
    ended_by: Fault | None = None
    """The fault that ends the answer, if one does."""
    framed: list[bytes] = field(default_factory=list)
    """All frames, once they were asked for together: what is played again is ready."""

    def framing_for(self, *, http11: bool) -> Framing:
        """Return the framing towards a client of HTTP/1.1 or 1.0; the latter knows no chunks."""
        return Framing.CLOSE if self.framing is Framing.CHUNKED and not http11 else self.framing

    def keeps(self, *, http11: bool) -> bool:
        """Tell whether the connection may be used again, as far as the head tells."""
        return not self.close and self.framing_for(http11=http11) is not Framing.CLOSE

    def head(self, *, http11: bool = True, keep_alive: bool = True, bodiless: bool = False) -> bytes:
        """
        Return the status line and the headers; those of framing and connection stand where the stored ones stood.

        *bodiless* is for an answer to HEAD: what was recorded as one announces a body that it does not hold.
        """
        framing = self.framing_for(http11=http11)
        told = self._announced(bodiless) if framing is Framing.LENGTH else "chunked"
        if bodiless and framing is Framing.CHUNKED and not header_of(self.headers, "transfer-encoding"):
            framing = Framing.NONE
        keep = keep_alive and not self.close and framing is not Framing.CLOSE
        protocol = _GARBLED if self.garbled_head else _HTTP10 if self.http10 else _HTTP11
        return _head(protocol, self.status, self.reason, self.headers, framing, told, keep, keep and http11)

    def _announced(self, bodiless: bool) -> str:
        stored = header_of(self.headers, "content-length")
        return stored if bodiless and not self.body and stored.isdecimal() else str(self.length)

    @property
    def at_once(self) -> bool:
        """Tell whether all of it is due the moment it begins, so that one write can do."""
        return self.finish is End.COMPLETE and self.finish_due <= 0 and self.head_due is not None and self.head_due <= 0

    def whole(self, *, http11: bool, keep_alive: bool) -> bytes:
        """Return everything from the head to what ends the body, for an answer that has one."""
        framing = self.framing_for(http11=http11)
        head = self.head(http11=http11, keep_alive=keep_alive)
        if framing is Framing.CHUNKED and len(self.sizes) == 1 and not self.extensions and not self.garbled:
            # Not as a frame first, because a page is large.
            return b"".join([head, b"%x\r\n" % len(self.body), self.body, _CRLF, self.last(framing=framing)])
        body = self.frames(0, len(self.sizes), 0, framing=framing)
        return b"".join([head, body, self.last(framing=framing)])

    def frames(self, start: int, stop: int, offset: int, *, framing: Framing) -> bytes:
        """Return the pieces *start* up to *stop*, the first of which begins at *offset*, as they go on the wire."""
        if framing is not Framing.CHUNKED:
            return self.body[offset : offset + sum(self.sizes[start:stop])]
        if stop - start == 1 and not self.extensions and start not in self.garbled:
            return ready_chunk(self.body[offset : offset + self.sizes[start]])
        if stop - start < len(self.sizes):
            return self._framed(start, stop, offset)
        if not self.framed:
            self.framed.append(self._framed(start, stop, offset))
        return self.framed[0]

    def _framed(self, start: int, stop: int, offset: int) -> bytes:
        body = self.body
        ends = list(accumulate(self.sizes[start:stop], initial=offset))
        frame = b"%x;name=value\r\n%b\r\n" if self.extensions else b"%x\r\n%b\r\n"
        frames = [frame % (to - at, body[at:to]) for at, to in pairwise(ends)]
        for index in self.garbled.intersection(range(start, stop)):
            frames[index - start] = b"0x-" + frames[index - start].replace(b"\r\n", b"g\r\n", 1)
        return b"".join(frames)

    def last(self, *, framing: Framing) -> bytes:
        """Return what ends a complete body, and what comes after it."""
        if framing is not Framing.CHUNKED:
            return self.after
        if not self.trailers:
            return _LAST_CHUNK + self.after
        return b"0\r\n" + b"".join(_line(header) + _CRLF for header in self.trailers) + _CRLF + self.after


# A site's answers differ in their bodies; their heads stay the same until the second is over.
@lru_cache(maxsize=64)
def _head(
    protocol: str,
    status: int,
    reason: str,
    headers: Headers,
    framing: Framing,
    told: str,
    keep: bool,
    silent: bool,
) -> bytes:
    """Write a head; *told* says how long the body is, *silent* leaves the connection unmentioned."""
    lines = [("", protocol.format(status=status, reason=reason))]
    waiting = {
        "transfer-encoding": ("Transfer-Encoding", told) if framing is Framing.CHUNKED else None,
        "content-length": ("Content-Length", told) if framing is Framing.LENGTH else None,
        "connection": ("Connection", "keep-alive" if keep else "close"),
    }
    for name, value in headers:
        lower = name.lower()
        if lower in waiting:
            if header := waiting.pop(lower):
                lines.append((name, header[1]))
        elif lower not in _HOP_BY_HOP and lower not in ("transfer-encoding", "content-length"):
            lines.append((name, value))
    if silent:
        waiting.pop("connection", None)
    lines.extend(header for header in waiting.values() if header)
    return _CRLF.join([*map(_line, lines), b"", b""])


def _line(header: tuple[str, str]) -> bytes:
    name, value = header
    text = f"{name}: {value}" if name else value
    return text.replace("\r", " ").replace("\n", " ").encode("utf-8", "surrogateescape")


def ready_chunk(data: bytes) -> bytes:
    """Return *data* in one HTTP chunk frame."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def drop(headers: Headers, names: Iterable[str]) -> Headers:
    """Return *headers* without those of *names*, which are lower case."""
    unwanted = frozenset(names)
    return tuple((name, value) for name, value in headers if name.lower() not in unwanted)
