"""Header truth: which framing, length and headers fit the bytes that are sent."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing, drop
from chatgptfree_mock.tape.model import End, Headers, Response

_BODILESS = frozenset({204, 205, 304})
_CHUNKED_ONLY = ("garble-chunk", "drop-final-chunk", "chunk-extensions", "trailers")


def framing_of(response: Response, delivery: Delivery) -> Framing:
    """Return how the end of the body is told: as a fault wants it, else as the stored headers say."""
    stored = _framing(response.status, _told(response.headers))
    named = {fault.name for fault in delivery.faults}
    if stored is Framing.NONE:
        return Framing.NONE
    if named & {"http-1.0", "close-delimited"}:
        return Framing.CLOSE
    if named.intersection(_CHUNKED_ONLY):
        return Framing.CHUNKED
    return Framing.LENGTH if "wrong-length" in named else stored


class _Told(Struct, frozen=True):
    """What stored headers say of the body; the first of each name counts."""

    transfer: str
    length: str
    coding: str
    connection: str


@lru_cache(maxsize=64)
def _told(headers: Headers) -> _Told:
    values = {name.lower(): value for name, value in reversed(headers)}
    names = ("transfer-encoding", "content-length", "content-encoding", "connection")
    return _Told(*(values.get(name, "") for name in names))


def _framing(status: int, told: _Told) -> Framing:
    if status in _BODILESS or status < 200:
        return Framing.NONE
    if "chunked" in told.transfer.lower():
        return Framing.CHUNKED
    if told.length:
        return Framing.LENGTH
    return Framing.CLOSE if told.connection.lower() == "close" else Framing.CHUNKED


@lru_cache(maxsize=64)
def undisturbed(status: int, headers: Headers) -> tuple[Framing, Headers]:
    """Return framing and headers of an answer that is sent whole, without faults, and not encoded."""
    return _framing(status, _told(headers)), _decoded(headers)


def length_of(response: Response, delivery: Delivery, expected: int, end: End) -> int:
    """
    Return what `Content-Length` announces: *expected* bytes, unless a fault lies about it.

    An answer that was recorded broken off announces again what it could not keep.
    """
    told = _told(response.headers)
    stored = told.length.strip()
    announced = int(stored) if stored.isdecimal() else expected
    if fault := delivery.fault("wrong-length"):
        return max(0, expected + int(fault.value or 0))
    if delivery.fault("stored-headers"):
        return announced
    if end is not End.COMPLETE and (response.codings or response.raw is not None or not told.coding):
        return max(expected, announced)
    return expected


def headers_of(response: Response, delivery: Delivery) -> Headers:
    """Return the stored headers, with an encoding that fits the bytes."""
    if delivery.fault("gzip") or delivery.fault("gzip-cut"):
        return (*drop(response.headers, ["content-encoding"]), ("Content-Encoding", "gzip"))
    if response.codings or response.raw is not None or delivery.fault("stored-headers"):
        return response.headers
    return _decoded(response.headers)


def _decoded(headers: Headers) -> Headers:
    return drop(headers, ["content-encoding"]) if _told(headers).coding else headers
