"""
Faults on the wire, their places, and the words for them.

A word is ``name``, ``name@place``, ``name=value`` or ``name@place=value``; several are separated by commas.  Places
count what is sent: ``@120`` bytes, ``@chunk:3``, ``@event:2``, ``@50%``, ``@300ms``, ``@head`` (before the first byte
of the response) or ``@random`` (drawn from the delivery's seed).  A fault acts right after that much was sent; if the
response is shorter, it acts at the end of the body, in place of the clean end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations
from typing import Final, Literal

from msgspec import Struct

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.words import duration, milliseconds, nearest, number

PlaceUnit = Literal["bytes", "chunk", "event", "percent", "ms", "head", "random"]
Then = Literal["go-on", "reset", "truncate", "end"]
THENS: tuple[Then, ...] = ("go-on", "reset", "truncate", "end")

_COUNTED = re.compile(r"(chunk|event|bytes):?(\d+)|(\d+)(?:bytes|b)?")


class FaultPlace(Struct, frozen=True):
    """
    Where in a response a fault acts.

    *number*: bytes, chunks or events sent before it, a percentage of the body's bytes, or milliseconds since the
    request, as *unit* has it; without meaning for `head` and `random`.
    """

    unit: PlaceUnit
    number: float = 0

    @classmethod
    def parse(cls, text: str) -> FaultPlace:
        """
        Read what follows the ``@``.

        Raises:
            DeliveryError: it is not a place.
        """
        if text == "head":
            return cls("head")
        if text == "random":
            return cls("random")
        if re.fullmatch(r"\d+(\.\d+)?%", text):
            if float(text[:-1]) > 100:
                raise DeliveryError(f"fault: `@{text}` is behind the end of the body; write at most `@100%`")
            return cls("percent", float(text[:-1]))
        if match := _COUNTED.fullmatch(text):
            unit: PlaceUnit = "chunk" if match[1] == "chunk" else "event" if match[1] == "event" else "bytes"
            return cls(unit, int(match[2] or match[3]))
        if re.fullmatch(r"[\d.]+(ms|s|m)", text):
            return cls("ms", milliseconds(text, what="fault"))
        raise DeliveryError(f"fault: `@{text}` is not a place; write {_places()}")

    def __str__(self) -> str:
        match self.unit:
            case "bytes":
                return f"@{number(self.number)}"
            case "percent":
                return f"@{number(self.number)}%"
            case "ms":
                return f"@{duration(self.number)}"
            case "chunk" | "event":
                return f"@{self.unit}:{number(self.number)}"
            case "head" | "random":
                return f"@{self.unit}"


HALF = FaultPlace("percent", 50)


class _Word(Struct, frozen=True, kw_only=True):
    """The syntax of a fault."""

    place: FaultPlace | None = None
    """Where it acts by default; None: it has no place."""
    value: Literal["none", "duration", "hold", "difference", "count"] = "none"
    default: float | None = None
    """The default of the value; None where one must be given, or there is none."""
    shown: str
    meaning: str


_OF_TLS: Final = ("no-close-notify", "wrong-name", "expired")
OTHER_TLS_FAULTS: Final = (
    "use `serve --intercept --tls-fault WORD`, in Python `intercept=True, tls_fault=WORD`, or with a recording "
    "`crashtest --cassette PATH --intercept --variant 'tls/*'`; in a scenario `delivery: {tls: WORD}`"
)
"""Advice for a TLS fault that was given as a fault of answers."""
_WORDS: dict[str, _Word] = {
    "reset": _Word(
        place=HALF,
        shown="reset@PLACE",
        meaning="the connection is reset (TCP RST)",
    ),
    "truncate": _Word(
        place=HALF,
        shown="truncate@PLACE",
        meaning="the connection is closed in the middle, without the last chunk or before the announced length",
    ),
    "end": _Word(
        place=HALF,
        shown="end@PLACE",
        meaning="the response ends there, cleanly, as if that were all",
    ),
    "drop-final-chunk": _Word(
        shown="drop-final-chunk",
        meaning="the connection is closed before the last chunk, of size 0 (RFC 9112, section 7.1)",
    ),
    "extra-bytes": _Word(
        value="count",
        default=20,
        shown="extra-bytes[=N]",
        meaning="N bytes more come behind the end of the response, by default 20",
    ),
    "stall": _Word(
        place=HALF,
        value="hold",
        shown="stall@PLACE[=5s[:go-on|:reset|:truncate|:end]]",
        meaning="nothing comes for that long, or until the client gives up; then the rest, or the end that is named",
    ),
    "delay-headers": _Word(
        value="duration",
        shown="delay-headers=2s",
        meaning="the head comes that much later",
    ),
    "delay-body": _Word(
        value="duration",
        shown="delay-body=2s",
        meaning="the body comes that much later than the head",
    ),
    "drip": _Word(
        place=FaultPlace("bytes"),
        value="duration",
        shown="drip[@PLACE]=20ms",
        meaning="from there on, one byte at a time, that far apart",
    ),
    "garble-chunk": _Word(
        place=HALF,
        shown="garble-chunk@PLACE",
        meaning="the size of a chunk is not a number",
    ),
    "garble-head": _Word(
        shown="garble-head",
        meaning="the head is not HTTP",
    ),
    "wrong-length": _Word(
        value="difference",
        default=10,
        shown="wrong-length[=±N]",
        meaning="`Content-Length` is N too high or too low, by default 10 too high",
    ),
    "close-delimited": _Word(
        shown="close-delimited",
        meaning="neither length nor chunks: the body ends with the connection (RFC 9112, section 6.3)",
    ),
    "http-1.0": _Word(
        shown="http-1.0",
        meaning="the response is HTTP/1.0, and ends with the connection",
    ),
    "chunk-extensions": _Word(
        shown="chunk-extensions",
        meaning="chunks carry extensions (RFC 9112, section 7.1.1)",
    ),
    "trailers": _Word(
        shown="trailers",
        meaning="fields come after the last chunk (RFC 9112, section 7.1.2)",
    ),
    "stored-headers": _Word(
        shown="stored-headers",
        meaning="recorded headers are sent as they are, even where they do not fit the body",
    ),
    "gzip": _Word(
        shown="gzip",
        meaning="the body is sent in gzip, whether or not the client takes that",
    ),
    "gzip-cut": _Word(
        place=HALF,
        shown="gzip-cut@PLACE",
        meaning="the body is sent in gzip, and the gzip stream is cut",
    ),
}
_CHUNKED, _BY_CLOSING = "is sent in HTTP chunks", "ends with the connection"
ONLY_IN_CHUNKS: Final = frozenset({"garble-chunk", "drop-final-chunk", "chunk-extensions", "trailers"})
"""Faults that act only on a response in HTTP chunks."""
GZIPPED: Final = frozenset({"gzip", "gzip-cut"})
"""Faults that compress the body first."""
_FRAMES = {
    **dict.fromkeys(ONLY_IN_CHUNKS, _CHUNKED),
    **dict.fromkeys(("close-delimited", "http-1.0"), _BY_CLOSING),
    "wrong-length": "has a Content-Length",
}
"""The framing that each of these faults needs; a response has only one (RFC 9112, section 6.3)."""
_ONCE = frozenset({"wrong-length", "extra-bytes"})
"""A second one of these would have no effect."""
_ENDING = frozenset({"reset", "truncate", "end", "drop-final-chunk", "gzip-cut", "stall"})
FAULT_WORDS = {word.shown: word.meaning for word in _WORDS.values()}
"""The syntax of each word, and its meaning."""
FAULT_PLACES: Final = {
    "@120": "after so many bytes of the body",
    "@chunk:3": "after so many chunks",
    "@event:2": "after so many events",
    "@50%": "after so much of the body",
    "@300ms": "so long after the request",
    "@head": "before the first byte of the response",
    "@random": "at a place drawn from the seed of the delivery",
}
"""The syntax of each place, and its meaning."""


class Fault(Struct, frozen=True, kw_only=True):
    """
    One thing that goes wrong.

    *name*: as in `FAULT_WORDS`.  *place*: where it acts; None where the word has no place.  *value*: milliseconds or
    bytes, as the word has it; None where it has none.
    """

    name: str
    place: FaultPlace | None = None
    value: float | None = None
    then: Then = "go-on"
    """What follows a stall; without a value the stall lasts until the client gives up."""

    @property
    def ends_response(self) -> bool:
        """Whether nothing of the response follows; a stall of a given duration may go on."""
        return self.name in _ENDING and not (self.name == "stall" and self.value is not None and self.then == "go-on")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """
        Read one word, such as ``reset@50%``.

        Raises:
            DeliveryError: the word does not exist, or its place or value is wrong.
        """
        stem, equals, value = text.strip().partition("=")
        name, at, place = stem.partition("@")
        word = _WORDS.get(name)
        if word is None and (name.startswith("tls") or name in _OF_TLS):
            raise DeliveryError(f"fault: `{text.strip()}` is a fault of TLS, not of an answer: {OTHER_TLS_FAULTS}")
        if word is None:
            raise DeliveryError(f"fault: {nearest(text, FAULT_WORDS)}")
        if at and word.place is None:
            raise DeliveryError(f"fault: `{name}` has no place; write `{word.shown}`")
        if bool(equals) and word.value == "none":
            raise DeliveryError(f"fault: `{name}` has no value; write `{word.shown}`")
        if not equals and word.value == "duration":
            raise DeliveryError(f"fault: `{name}` needs a duration; write `{word.shown}`")
        where = FaultPlace.parse(place) if at else word.place
        if name in ("drip", "garble-chunk", "gzip-cut") and where == FaultPlace("head"):
            raise DeliveryError(f"fault: `{name}` acts in the body; `@head` is not a place for it")
        hold, _, then = value.partition(":")
        return cls(
            name=name,
            place=where,
            value=_value(hold, word, text) if equals else word.default,
            then=_then(then, word, text) if then else "go-on",
        )

    def __str__(self) -> str:
        word = _WORDS[self.name]
        place = str(self.place) if self.place is not None and self.place != word.place else ""
        if self.value is None or self.value == word.default:
            return self.name + place
        value = duration(self.value) if word.value in ("duration", "hold") else number(self.value)
        then = f":{self.then}" if self.then != "go-on" else ""
        sign = "+" if word.value == "difference" and self.value > 0 else ""
        return f"{self.name}{place}={sign}{value}{then}"


def _places() -> str:
    *others, last = (f"`{place}`" for place in FAULT_PLACES)
    return f"{', '.join(others)} or {last}"


def _value(text: str, word: _Word, whole: str) -> float:
    if word.value in ("duration", "hold"):
        return milliseconds(text, what="fault")
    if not re.fullmatch(r"[+-]?\d+" if word.value == "difference" else r"\d+", text):
        raise DeliveryError(f"fault: `{whole}` should be `{word.shown}` with a whole number")
    return int(text)


def _then(text: str, word: _Word, whole: str) -> Then:
    if word.value == "hold":
        for then in THENS:
            if text == then:
                return then
    raise DeliveryError(f"fault: `{whole}` should be `{word.shown}`")


def parse_faults(words: str | Iterable[str] | None) -> tuple[Fault, ...]:
    """
    Read faults, separated by commas, from one text or from several; None gives none.

    Raises:
        DeliveryError: a word does not exist, its place or value is wrong, or two of them cannot act together.
    """
    texts = [words] if isinstance(words, str) else list(words or ())
    faults = tuple(Fault.parse(word) for text in texts for word in text.split(",") if word.strip())
    for first, second in combinations(faults, 2):
        if reason := _conflict(first.name, second.name):
            raise DeliveryError(f"fault: `{first}` and `{second}` can't act on one response: {reason}; leave one out")
    return faults


def _conflict(first: str, second: str) -> str:
    """Return why two faults of these names exclude each other; empty if they don't."""
    if first == second and first in _ONCE:
        return "only the first would have an effect"
    needs = _FRAMES.get(first), _FRAMES.get(second)
    return "" if None in needs or needs[0] == needs[1] else f"for the first it {needs[0]}, for the second it {needs[1]}"
