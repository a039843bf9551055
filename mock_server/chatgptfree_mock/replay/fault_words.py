"""The words for faults: the place, the value and the meaning of each."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from chatgptfree_mock.replay.fault_place import HALF, FaultPlace


class FaultWord(Struct, frozen=True, kw_only=True):
    """The syntax of a fault."""

    place: FaultPlace | None = None
    """Where it acts by default; None: it has no place."""
    value: Literal["none", "duration", "hold", "difference", "count"] = "none"
    default: float | None = None
    """The default of the value; None where one must be given, or there is none."""
    shown: str
    meaning: str


WORDS: dict[str, FaultWord] = {
    "reset": FaultWord(
        place=HALF,
        shown="reset@PLACE",
        meaning="the connection is reset (TCP RST)",
    ),
    "truncate": FaultWord(
        place=HALF,
        shown="truncate@PLACE",
        meaning="the connection is closed in the middle, without the last chunk or before the announced length",
    ),
    "end": FaultWord(
        place=HALF,
        shown="end@PLACE",
        meaning="the response ends there cleanly, as if it were complete",
    ),
    "drop-final-chunk": FaultWord(
        shown="drop-final-chunk",
        meaning="the connection is closed before the last chunk, of size 0 (RFC 9112, section 7.1)",
    ),
    "extra-bytes": FaultWord(
        value="count",
        default=20,
        shown="extra-bytes[=N]",
        meaning="N more bytes are sent after the end of the response, by default 20",
    ),
    "stall": FaultWord(
        place=HALF,
        value="hold",
        shown="stall@PLACE[=5s[:go-on|:reset|:truncate|:end]]",
        meaning="sending pauses for that long, or until the client gives up; then the rest, or the end that is named",
    ),
    "delay-headers": FaultWord(
        value="duration",
        shown="delay-headers=2s",
        meaning="the head is delayed by that time",
    ),
    "delay-body": FaultWord(
        value="duration",
        shown="delay-body=2s",
        meaning="the body is delayed by that time after the head",
    ),
    "drip": FaultWord(
        place=FaultPlace("bytes"),
        value="duration",
        shown="drip[@PLACE]=20ms",
        meaning="from there on, one byte is sent each such interval",
    ),
    "garble-chunk": FaultWord(
        place=HALF,
        shown="garble-chunk@PLACE",
        meaning="the size of a chunk is not a number",
    ),
    "garble-head": FaultWord(
        shown="garble-head",
        meaning="the head is not HTTP",
    ),
    "wrong-length": FaultWord(
        value="difference",
        default=10,
        shown="wrong-length[=±N]",
        meaning="`Content-Length` is N too high or too low, by default 10 too high",
    ),
    "close-delimited": FaultWord(
        shown="close-delimited",
        meaning="neither length nor chunks: the body ends with the connection (RFC 9112, section 6.3)",
    ),
    "http-1.0": FaultWord(
        shown="http-1.0",
        meaning="the response is HTTP/1.0, and ends with the connection",
    ),
    "chunk-extensions": FaultWord(
        shown="chunk-extensions",
        meaning="chunks carry extensions (RFC 9112, section 7.1.1)",
    ),
    "trailers": FaultWord(
        shown="trailers",
        meaning="fields come after the last chunk (RFC 9112, section 7.1.2)",
    ),
    "stored-headers": FaultWord(
        shown="stored-headers",
        meaning="recorded headers are sent as they are, even where they do not fit the body",
    ),
    "gzip": FaultWord(
        shown="gzip",
        meaning="the body is sent in gzip, whether or not the client takes that",
    ),
    "gzip-cut": FaultWord(
        place=HALF,
        shown="gzip-cut@PLACE",
        meaning="the body is sent in gzip, and the gzip stream is cut",
    ),
}
FAULT_WORDS = {word.shown: word.meaning for word in WORDS.values()}
"""The syntax of each word, and its meaning."""
