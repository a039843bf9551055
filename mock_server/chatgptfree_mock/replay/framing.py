"""The framing, length and headers that fit the bytes to be sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.faults import GZIPPED, ONLY_IN_CHUNKS
from chatgptfree_mock.replay.schedule import Framing, drop
from chatgptfree_mock.tape.model import BODILESS, End, Headers, Response

_SWITCHING_PROTOCOLS: Final = 101
_FIRST_FINAL: Final = 200
_RESET_CONTENT: Final = 205
"""The status 205 has no content, but framing as if it had: clients wait for its end (RFC 9110 section 15.3.6)."""


class _StoredHeaders(Struct, frozen=True, gc=False):
    """The first value of each stored header that decides the framing; empty for a missing header."""

    transfer_encoding: str
    content_length: str
    content_encoding: str
    connection: str


# The responses of one site differ in their bodies, rarely in their headers.
@lru_cache(maxsize=64)
def _stored(headers: Headers) -> _StoredHeaders:
    values = {name.lower(): value for name, value in reversed(headers)}
    names = ("transfer-encoding", "content-length", "content-encoding", "connection")
    return _StoredHeaders(*(values.get(name, "") for name in names))


def framing_of(response: Response, delivery: Delivery) -> Framing:
    """Return the framing that a fault of *delivery* demands, else the one that the stored headers announce."""
    stored = _stored_framing(response)
    names = delivery.fault_names
    if stored is Framing.NONE:
        return Framing.NONE
    if names & {"http-1.0", "close-delimited"}:
        return Framing.CLOSE
    if names & ONLY_IN_CHUNKS:
        return Framing.CHUNKED
    return Framing.LENGTH if "wrong-length" in names else stored


def _stored_framing(response: Response) -> Framing:
    stored = _stored(response.headers)
    if response.status == _RESET_CONTENT:
        return Framing.LENGTH
    if response.status in BODILESS or response.status < _FIRST_FINAL:
        return Framing.NONE
    if "chunked" in stored.transfer_encoding.lower():
        return Framing.CHUNKED
    if stored.content_length:
        return Framing.LENGTH
    return Framing.CLOSE if closes(response) else Framing.CHUNKED


def without_forbidden_body(response: Response) -> Response:
    """Return *response* without its body if the status is 205, which forbids a body but not its framing."""
    if response.status != _RESET_CONTENT or not (response.body or response.raw):
        return response
    return replace(response, body=b"", chunks=(), raw=None, raw_chunks=(), codings=())


def closes(response: Response) -> bool:
    """
    Return whether the connection ends with *response*: its headers announce it, or it is only an interim one.

    After 100, 102 or 103 a client waits for the final response (RFC 9110 section 15.2), and there is none.
    """
    interim = response.status < _FIRST_FINAL and response.status != _SWITCHING_PROTOCOLS
    return interim or _stored(response.headers).connection.lower() == "close"


def length_of(response: Response, delivery: Delivery, expected: int, end: End) -> int:
    """
    Return the value of `Content-Length`: *expected*, in bytes, unless a fault falsifies it.

    A response that was recorded broken off announces its full length again.
    """
    stored = _stored(response.headers)
    length = stored.content_length.strip()
    announced = int(length) if length.isdecimal() else expected
    if fault := delivery.fault("wrong-length"):
        return max(0, expected + int(fault.value or 0))
    if "stored-headers" in delivery.fault_names:
        return announced
    as_stored = response.codings or response.raw is not None or not stored.content_encoding
    return max(expected, announced) if end is not End.COMPLETE and as_stored else expected


def headers_of(response: Response, delivery: Delivery) -> Headers:
    """Return the stored headers with a `Content-Encoding` that fits the bytes."""
    if not delivery.fault_names.isdisjoint(GZIPPED):
        return (*drop(response.headers, ["content-encoding"]), ("Content-Encoding", "gzip"))
    as_stored = response.codings or response.raw is not None or "stored-headers" in delivery.fault_names
    if as_stored or not _stored(response.headers).content_encoding:
        return response.headers
    return drop(response.headers, ["content-encoding"])
