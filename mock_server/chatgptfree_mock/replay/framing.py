"""The framing, length and headers that fit the bytes to be sent."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.fault_words import COMPRESSING
from chatgptfree_mock.replay.schedule import Framing, drop
from chatgptfree_mock.tape.model import BODILESS, End, Headers, Response

_SWITCHING_PROTOCOLS: Final = 101
_FIRST_FINAL: Final = 200
_RESET_CONTENT: Final = 205
"""The status 205 has no content, but framing as if it had: clients wait for its end (RFC 9110 section 15.3.6)."""

_DEMANDED: Final = {"chunks": Framing.CHUNKED, "length": Framing.LENGTH, "closing": Framing.CLOSE}


class StoredHead(Struct, frozen=True, gc=False):
    """The framing of a response, by its status and stored headers."""

    framing: Framing
    """The framing that they announce."""
    closes: bool
    """
    Whether the connection ends with the response: its headers announce it, or it is only an interim one.

    After 100, 102 or 103 a client waits for the final response (RFC 9110 section 15.2), and there is none.
    """
    content_length: str
    """The first value of this header; empty if there is none, as with the next one."""
    content_encoding: str


# The responses of one site differ in their bodies, rarely in their heads.
@lru_cache(maxsize=64)
def stored_head(status: int, headers: Headers) -> StoredHead:
    """Return the framing by *status* and *headers*."""
    values = {name.lower(): value for name, value in reversed(headers)}
    length = values.get("content-length", "")
    interim = status < _FIRST_FINAL and status != _SWITCHING_PROTOCOLS
    closes = interim or values.get("connection", "").lower() == "close"
    if status == _RESET_CONTENT:
        framing = Framing.LENGTH
    elif status in BODILESS or status < _FIRST_FINAL:
        framing = Framing.NONE
    elif "chunked" in values.get("transfer-encoding", "").lower():
        framing = Framing.CHUNKED
    elif length:
        framing = Framing.LENGTH
    else:
        framing = Framing.CLOSE if closes else Framing.CHUNKED
    return StoredHead(framing, closes, length, values.get("content-encoding", ""))


def framing_of(stored: StoredHead, delivery: Delivery) -> Framing:
    """Return the framing that a fault of *delivery* demands, else the one that the *stored* head announces."""
    if stored.framing is Framing.NONE:
        return stored.framing
    demanded = (_DEMANDED[each.word.framing] for each in delivery.faults if each.word.framing)
    return next(demanded, stored.framing)


def without_forbidden_body(response: Response) -> Response:
    """Return *response* without its body if the status is 205, which forbids a body but not its framing."""
    if response.status != _RESET_CONTENT or not (response.body or response.raw):
        return response
    return replace(response, body=b"", chunks=(), raw=None, raw_chunks=(), codings=())


def length_of(response: Response, stored: StoredHead, delivery: Delivery, expected: int, end: End) -> int:
    """
    Return the value of `Content-Length`: *expected*, in bytes, unless a fault falsifies it.

    A response that was recorded broken off announces its full length again.
    """
    length = stored.content_length.strip()
    announced = int(length) if length.isdecimal() else expected
    if fault := delivery.fault("wrong-length"):
        return max(0, expected + int(fault.value or 0))
    if "stored-headers" in delivery.fault_names:
        return announced
    as_stored = response.codings or response.raw is not None or not stored.content_encoding
    return max(expected, announced) if end is not End.COMPLETE and as_stored else expected


def headers_of(response: Response, stored: StoredHead, delivery: Delivery) -> Headers:
    """Return the headers of *response* with a `Content-Encoding` that fits the bytes."""
    if not delivery.fault_names.isdisjoint(COMPRESSING):
        return (*drop(response.headers, ["content-encoding"]), ("Content-Encoding", "gzip"))
    if not stored.content_encoding or response.codings or response.raw is not None:
        return response.headers
    if "stored-headers" in delivery.fault_names:
        return response.headers
    return drop(response.headers, ["content-encoding"])
