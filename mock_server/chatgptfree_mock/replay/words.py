"""The syntax of a delivery's words: durations, numbers, and the error for an unknown word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from chatgptfree_mock import suggestion
from chatgptfree_mock.errors import DeliveryError

_UNITS = {"ms": 1, "s": 1000, "m": 60_000}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the error message that *word* is not one of *words*, with the nearest one."""
    known = list(words)
    stems = {re.split(r"[:@=\[]", each)[0]: each for each in known}
    close = suggestion.nearest(re.split(r"[:@=]", word)[0], stems)
    hint = f"; did you mean `{stems[close]}`?" if close else suggestion.there_are(known)
    return f"no such word: `{word}`{hint}"


def milliseconds(text: str, *, what: str) -> float:
    """
    Read ``20ms``, ``1.5s`` or ``2m`` as milliseconds; *what* names the option for the error message.

    Raises:
        DeliveryError: it is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise DeliveryError(f"{what}: `{text}` is not a duration; write `20ms`, `1.5s` or `2m`")
    return float(match[1]) * _UNITS[match[2]]


def duration(ms: float) -> str:
    """Return *ms* in the shortest form that `milliseconds` reads back."""
    seconds = number(ms / 1000)
    return f"{seconds}s" if ms >= 1000 and float(seconds) * 1000 == ms else f"{number(ms)}ms"


def number(value: float) -> str:
    """Return *value* without an exponent and without a trailing ``.0``."""
    return f"{Decimal(repr(value)):f}".removesuffix(".0")
