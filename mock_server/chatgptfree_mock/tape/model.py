"""
The cassette as values: interactions of a request and a response, and how the response arrived.

`Response` is also what the imitated site answers with, so that recorded and generated answers are delivered alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct, field

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order of the wire; a name may repeat."""

Chunk = tuple[int, int]
"""Milliseconds since the request was sent, and bytes of the body."""


def header_of(headers: Headers, name: str, default: str = "") -> str:
    """Return the first value of the header *name*, whatever its case."""
    wanted, length = name.lower(), len(name)
    for key, value in headers:
        if len(key) == length and key.lower() == wanted:
            return value
    return default


class End(StrEnum):
    """How an answer ended."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    """Closed by the server without the last chunk, or before the announced length."""
    RESET = "reset"
    STALLED = "stalled"
    """Nothing more came, and nobody closed."""
    CLIENT_CLOSED = "client-closed"


BODILESS: Final = frozenset({204, 205, 304})
"""Statuses whose responses have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5)."""


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """What was asked."""

    method: str
    uri: str
    """Absolute."""
    headers: Headers = ()
    body: bytes | None = None


class ChunkSizeError(ValueError):
    """The sizes of a response's chunks do not add up to its body."""


class Response(Struct, frozen=True, kw_only=True, gc=False, cache_hash=True):
    """
    What was answered.

    *chunks* cut *body* (decoded bytes) the way it came in; empty means one chunk at once.
    *raw* holds the bytes of an encoded body as they were on the wire, cut by *raw_chunks*, where they are known.
    """

    status: int = 200
    reason: str = "OK"
    headers: Headers = ()
    body: bytes = b""
    chunks: tuple[Chunk, ...] = ()
    end: End = End.COMPLETE
    ended: int | None = None
    """When it ended, in milliseconds since the request; None: with its last byte, as far as is known."""
    raw: bytes | None = None
    raw_chunks: tuple[Chunk, ...] = ()
    codings: tuple[str, ...] = ()
    """The content codings that *raw* has, in the order in which they were applied; it may be encoded in them again."""
    raw_is_body: bool = False
    """Whether a file holds the encoded bytes as its body, and not the text."""

    def __post_init__(self) -> None:
        if not self.chunks:
            return
        covered = 0
        for _, size in self.chunks:
            covered += size
        if covered != len(self.body):
            raise ChunkSizeError(f"chunks cover {covered} bytes of {len(self.body)}")

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, whatever its case."""
        return header_of(self.headers, name, default)


class Interaction(Struct, frozen=True, kw_only=True):
    """One request and its response."""

    request: Request
    response: Response


class LeftOut(Struct, frozen=True, kw_only=True):
    """A file, or one interaction of a file, that could not be used."""

    file: str | None
    """None: the cassette was not read from a file."""
    place: str
    """The path inside the file, such as ``$.interactions[3].response``; ``$`` is the whole file."""
    problem: str
    repair: str = ""

    def __str__(self) -> str:
        """Return file, problem, place and repair in one line."""
        file = f"{self.file}: " if self.file else ""
        repair = f" ({self.repair})" if self.repair else ""
        return f"{file}left out: {self.problem} - at `{self.place}`{repair}"


class Cassette(Struct, frozen=True, kw_only=True):
    """
    A file of interactions.

    *recording* is the file's `x-recording`: where the interactions come from.  *left_out* are interactions of the file
    that could not be read; they are not among *interactions*.  *tokens* are the entries of its `x-tokens`, in
    plain data; `tokens.record` checks them when the file is read.
    """

    interactions: tuple[Interaction, ...] = ()
    recording: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    tokens: tuple[Mapping[str, Any], ...] = ()

    def __repr__(self) -> str:
        first = self.interactions[0].request if self.interactions else None
        begins = f", the first {first.method} {first.uri}" if first else ""
        return f"<Cassette {self.path or 'without a file'}: {len(self.interactions)} interactions{begins}>"
