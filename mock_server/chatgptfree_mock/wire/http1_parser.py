"""
Parse an HTTP/1.1 response incrementally.

Pure, and nothing is lost: HTTP chunks keep their borders, headers their order and case, and bytes that are not HTTP are
returned as `Garbage`, not raised as an exception.  Bytes of a chunk are returned as soon as they arrive.  Responses
before the final one, and trailers behind its body, are left out and named.
"""

from __future__ import annotations

import re

import msgspec

from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.tape.model import End, Headers, header_of

_HEAD_LIMIT = 256 * 1024
_LINE_LIMIT = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/\d\.\d (\d{3})(?: (.*))?$", re.DOTALL)
_LENGTH = re.compile("[0-9]{1,18}")
"""A length that a body can have; Python refuses to read a number of more than 4,300 digits."""
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
"""A line end inside a value, which whoever receives it reads as a space (RFC 9112 section 5.2)."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Status line and headers, as received; bytes that are not UTF-8 are lone surrogates."""

    status: int
    reason: str
    headers: Headers
    framing: Framing
    length: int = 0

    def header(self, name: str) -> str:
        """Return the first value of the header *name*, whatever its case."""
        return header_of(self.headers, name)


class Data(msgspec.Struct, frozen=True):
    """Bytes of the body; *last*: they complete an HTTP chunk (always true without chunks)."""

    data: bytes
    last: bool


class Garbage(msgspec.Struct, frozen=True):
    """Bytes that are not HTTP; everything after them is returned in the same way."""

    data: bytes


ParsedPart = Head | Data | Garbage


class ResponseParser:
    """Parses one response to a request of *method*."""

    def __init__(self, method: str) -> None:
        self._bodiless = method == "HEAD"
        self._buffer = b""
        self._head: Head | None = None
        self._left = 0
        self._at = "head"
        self.interim: list[int] = []
        """The statuses of the answers that came before the response, such as 103 Early Hints, and are left out."""
        self.trailers: list[str] = []
        """The names of the trailer fields, which are left out."""

    @property
    def done(self) -> bool:
        """Whether the response is complete."""
        return self._at == "done"

    def feed(self, data: bytes) -> list[ParsedPart]:
        """Parse received bytes and return their parts."""
        self._buffer += data
        events: list[ParsedPart] = []
        while (event := self._next()) is not None:
            events.append(event)
        return events

    def broken_off(self) -> End:
        """Return how the response ended, if the connection was closed without a reset."""
        if self._at == "done" or (self._at == "close" and self._head is not None):
            return End.COMPLETE
        return End.TRUNCATED

    def _next(self) -> ParsedPart | None:
        match self._at:
            case "head":
                return self._read_head()
            case "length" | "chunk":
                return self._read_data()
            case "close":
                return Data(self._take(len(self._buffer)), last=True) if self._buffer else None
            case "size":
                return self._read_size()
            case "crlf":
                return self._read_chunk_end()
            case "trailers":
                return self._read_trailers()
            case "garbage":
                return Garbage(self._take(len(self._buffer))) if self._buffer else None
            case _:
                return None

    def _take(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _read_head(self) -> ParsedPart | None:
        end = _HEAD_END.search(self._buffer)
        if end is None:
            return self._garbage() if len(self._buffer) > _HEAD_LIMIT or not _may_be_http(self._buffer) else None
        head = _parse_head(self._buffer[: end.start()], bodiless=self._bodiless)
        if head is None:
            return self._garbage()
        self._take(end.end())
        if 100 <= head.status < 200 and head.status != 101:
            self.interim.append(head.status)
            return self._read_head()
        self._head = head
        self._left = head.length
        after = {Framing.CHUNKED: "size", Framing.LENGTH: "length" if head.length else "done", Framing.CLOSE: "close"}
        self._at = after.get(head.framing, "done")
        return head

    def _read_data(self) -> ParsedPart | None:
        if not self._buffer:
            return None
        data = self._take(self._left)
        self._left -= len(data)
        if not self._left:
            self._at = "done" if self._at == "length" else "crlf"
        return Data(data, last=not self._left or self._at == "length")

    def _read_size(self) -> ParsedPart | None:
        line, newline, _ = self._buffer.partition(b"\n")
        if not newline:
            return self._garbage() if len(line) > _LINE_LIMIT else None
        size = re.fullmatch(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?", line, re.DOTALL)
        if size is None:
            return self._garbage()
        self._take(len(line) + 1)
        self._left = int(size[1], 16)
        self._at = "chunk" if self._left else "trailers"
        return self._next()

    def _read_chunk_end(self) -> ParsedPart | None:
        if self._buffer in (b"", b"\r"):
            return None
        if not self._buffer.startswith((b"\r\n", b"\n")):
            return self._garbage()
        self._take(2 if self._buffer[:1] == b"\r" else 1)
        self._at = "size"
        return self._next()

    def _read_trailers(self) -> ParsedPart | None:
        while b"\n" in self._buffer:
            line = self._take(self._buffer.index(b"\n") + 1)
            if line in (b"\r\n", b"\n"):
                self._at = "done"
                return None
            self.trailers.append(_decoded(line.partition(b":")[0].strip()))
        return self._garbage() if len(self._buffer) > _LINE_LIMIT else None

    def _garbage(self) -> ParsedPart | None:
        self._at = "garbage"
        return self._next()


def _may_be_http(start: bytes) -> bool:
    return b"HTTP/1.".startswith(start[:7]) or start.startswith(b"HTTP/1.")


def _parse_head(head: bytes, *, bodiless: bool) -> Head | None:
    first, *lines = _FOLD.sub(b" ", head).replace(b"\r\n", b"\n").split(b"\n")
    status_line = _STATUS_LINE.match(first)
    if status_line is None:
        return None
    headers = tuple(_header(line) for line in lines if b":" in line)
    status = int(status_line[1])
    fields = {name.lower(): value for name, value in reversed(headers)}
    length = fields.get("content-length", "").strip()
    framing = Framing.CLOSE
    if bodiless or status in (204, 304):
        framing = Framing.NONE
    elif "chunked" in fields.get("transfer-encoding", "").lower():
        framing = Framing.CHUNKED
    elif _LENGTH.fullmatch(length):
        framing = Framing.LENGTH
    return Head(
        status=status,
        reason=_decoded(status_line[2] or b""),
        headers=headers,
        framing=framing,
        length=int(length) if framing is Framing.LENGTH else 0,
    )


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.partition(b":")
    return _decoded(name.strip()), _decoded(value.strip())


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
