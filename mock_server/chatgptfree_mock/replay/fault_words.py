"""The words for faults: the place, the value and the meaning of each."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from chatgptfree_mock.replay.fault_place import HALF, FaultPlace


class FaultWord(Struct, frozen=True, kw_only=True):
    """The syntax of a fault, and what it needs of a response; without these the journal reports it as applied."""

    place: FaultPlace | None = None
    """Where it acts by default; None: it has no place."""
    value: Literal["none", "duration", "hold", "difference", "count"] = "none"
    default: float | None = None
    """The default of the value; None where one must be given, or there is none."""
    framing: Literal["chunks", "length", "closing"] | None = None
    """The framing that the response has or gets for it; a response has only one (RFC 9112, section 6.3)."""
    needs_body: bool = False
    """Whether it has no effect on a response without a body."""
    in_body: bool = False
    """Whether `@head` is not a place for it."""
    compresses: bool = False
    """Whether the body is compressed first."""
    ends_response: bool = False
    """Whether nothing of the response follows; not so for a stall that goes on."""
    after_body: bool = False
    """Whether it acts after the last byte of the body, so that any earlier end prevents it."""
    once: bool = False
    """Whether a second one would have no effect."""
    shown: str
    meaning: str


WORDS: dict[str, FaultWord] = {
    "reset": FaultWord(
        place=HALF,
        ends_response=True,
        shown="reset@PLACE",
        meaning="the connection is reset (TCP RST)",
    ),
    "truncate": FaultWord(
        place=HALF,
        needs_body=True,
        ends_response=True,
        shown="truncate@PLACE",
        meaning="the connection is closed in the middle, without the last chunk or before the announced length",
    ),
    "end": FaultWord(
        place=HALF,
        needs_body=True,
        ends_response=True,
        shown="end@PLACE",
        meaning="the response ends there cleanly, as if it were complete",
    ),
    "drop-final-chunk": FaultWord(
        framing="chunks",
        needs_body=True,
        ends_response=True,
        shown="drop-final-chunk",
        meaning="the connection is closed before the last chunk, of size 0 (RFC 9112, section 7.1)",
    ),
    "extra-bytes": FaultWord(
        value="count",
        default=20,
        needs_body=True,
        after_body=True,
        once=True,
        shown="extra-bytes[=N]",
        meaning="N more bytes are sent after the end of the response, by default 20",
    ),
    "stall": FaultWord(
        place=HALF,
        value="hold",
        ends_response=True,
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
        needs_body=True,
        shown="delay-body=2s",
        meaning="the body is delayed by that time after the head",
    ),
    "drip": FaultWord(
        place=FaultPlace("bytes"),
        value="duration",
        needs_body=True,
        in_body=True,
        shown="drip[@PLACE]=20ms",
        meaning="from there on, one byte is sent each such interval",
    ),
    "garble-chunk": FaultWord(
        place=HALF,
        framing="chunks",
        needs_body=True,
        in_body=True,
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
        framing="length",
        needs_body=True,
        once=True,
        shown="wrong-length[=±N]",
        meaning="`Content-Length` is N too high or too low, by default 10 too high",
    ),
    "close-delimited": FaultWord(
        framing="closing",
        needs_body=True,
        shown="close-delimited",
        meaning="neither length nor chunks: the body ends with the connection (RFC 9112, section 6.3)",
    ),
    "http-1.0": FaultWord(
        framing="closing",
        shown="http-1.0",
        meaning="the response is HTTP/1.0, and ends with the connection",
    ),
    "chunk-extensions": FaultWord(
        framing="chunks",
        needs_body=True,
        shown="chunk-extensions",
        meaning="chunks carry extensions (RFC 9112, section 7.1.1)",
    ),
    "trailers": FaultWord(
        framing="chunks",
        needs_body=True,
        after_body=True,
        shown="trailers",
        meaning="fields come after the last chunk (RFC 9112, section 7.1.2)",
    ),
    "stored-headers": FaultWord(
        shown="stored-headers",
        meaning="recorded headers are sent as they are, even where they do not fit the body",
    ),
    "gzip": FaultWord(
        needs_body=True,
        compresses=True,
        shown="gzip",
        meaning="the body is sent in gzip, whether or not the client takes that",
    ),
    "gzip-cut": FaultWord(
        place=HALF,
        needs_body=True,
        in_body=True,
        compresses=True,
        ends_response=True,
        shown="gzip-cut@PLACE",
        meaning="the body is sent in gzip, and the gzip stream is cut",
    ),
}
FAULT_WORDS = {word.shown: word.meaning for word in WORDS.values()}
"""The syntax of each word, and its meaning."""
COMPRESSING = frozenset(name for name, word in WORDS.items() if word.compresses)
"""The names of the words that compress the body."""
