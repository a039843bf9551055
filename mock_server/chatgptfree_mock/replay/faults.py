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
from typing import Any, Final, Literal

from msgspec import Struct

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.fault_place import FaultPlace
from chatgptfree_mock.replay.fault_words import FAULT_WORDS, WORDS, FaultWord
from chatgptfree_mock.replay.words import duration, milliseconds, nearest, number

Then = Literal["go-on", "reset", "truncate", "end"]
THENS: tuple[Then, ...] = ("go-on", "reset", "truncate", "end")


_OF_TLS: Final = ("no-close-notify", "wrong-name", "expired")
OTHER_TLS_FAULTS: Final = (
    "use `serve --intercept --tls-fault WORD`, in Python `intercept=True, tls_fault=WORD`, or with a recording "
    "`crashtest --cassette PATH --intercept --variant 'tls/*'`; in a scenario `delivery: {tls: WORD}`"
)
"""Advice for a TLS fault that was given as a fault of answers."""
_FRAMINGS: Final = {
    "chunks": "is sent in HTTP chunks",
    "length": "has a Content-Length",
    "closing": "ends with the connection",
}


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
    def word(self) -> FaultWord:
        """The entry for its name."""
        return WORDS[self.name]

    @property
    def ends_response(self) -> bool:
        """Whether nothing of the response follows; a stall of a given duration may go on."""
        goes_on = self.name == "stall" and self.value is not None and self.then == "go-on"
        return self.word.ends_response and not goes_on

    @classmethod
    def parse(cls, text: str) -> Fault:
        """
        Read one word, such as ``reset@50%``.

        Raises:
            DeliveryError: the word does not exist, or its place or value is wrong.
        """
        stem, equals, value = text.strip().partition("=")
        name, at, place = stem.partition("@")
        word = WORDS.get(name)
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
        if word.in_body and where == FaultPlace("head"):
            raise DeliveryError(f"fault: `{name}` acts in the body; `@head` is not a place for it")
        hold, _, then = value.partition(":")
        return cls(
            name=name,
            place=where,
            value=_value(hold, word, text) if equals else word.default,
            then=_then(then, word, text) if then else "go-on",
        )

    def __str__(self) -> str:
        word = self.word
        place = str(self.place) if self.place is not None and self.place != word.place else ""
        if self.value is None or self.value == word.default:
            return self.name + place
        value = duration(self.value) if word.value in ("duration", "hold") else number(self.value)
        then = f":{self.then}" if self.then != "go-on" else ""
        sign = "+" if word.value == "difference" and self.value > 0 else ""
        return f"{self.name}{place}={sign}{value}{then}"


def _value(text: str, word: FaultWord, whole: str) -> float:
    if word.value in ("duration", "hold"):
        return milliseconds(text, what="fault")
    if not re.fullmatch(r"[+-]?\d+" if word.value == "difference" else r"\d+", text):
        raise DeliveryError(f"fault: `{whole}` should be `{word.shown}` with a whole number")
    return int(text)


def _then(text: str, word: FaultWord, whole: str) -> Then:
    if word.value == "hold":
        for then in THENS:
            if text == then:
                return then
    raise DeliveryError(f"fault: `{whole}` should be `{word.shown}`")


def parse_faults(words: str | Iterable[str] | None) -> tuple[Fault, ...]:
    """
    Read faults, separated by commas, from one text or from several; None gives none.

    Raises:
        DeliveryError: a word does not exist, its place or value is wrong, two of them cannot act together, or *words*
            are not texts, or an empty one.
    """
    several = isinstance(words, Iterable) and not isinstance(words, str)
    texts: list[Any] = [] if words is None else [*words] if several else [words]
    if not all(isinstance(text, str) and text.strip(" ,") for text in texts):
        raise DeliveryError(f"fault: give a text such as `reset@50%`, or a list of texts, not {words!r:.60}")
    faults = tuple(Fault.parse(word) for text in texts for word in text.split(",") if word.strip())
    for first, second in combinations(faults, 2):
        if reason := _conflict(first, second):
            raise DeliveryError(f"fault: `{first}` and `{second}` can't act on one response: {reason}; leave one out")
    return faults


def _conflict(first: Fault, second: Fault) -> str:
    """Return why two faults exclude each other; empty if they don't."""
    if first.name == second.name and first.word.once:
        return "only the first would have an effect"
    needs = first.word.framing, second.word.framing
    if needs[0] is None or needs[1] is None or needs[0] == needs[1]:
        return ""
    return f"for the first it {_FRAMINGS[needs[0]]}, for the second it {_FRAMINGS[needs[1]]}"
