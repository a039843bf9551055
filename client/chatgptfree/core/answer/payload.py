"""
JSON as such sites send it: read strictly first, then with patience, then extracted from the text around it.

Patience takes what Python's own reader takes and more: control characters in strings, lone halves of surrogate
pairs, `NaN`, bytes that are not UTF-8 (as U+FFFD).  Nothing here fails on any input, and nothing takes more
than a fixed number of passes over it.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from chatgptfree.core.protocol.nesting import is_too_deep

_PATIENT: Final = json.JSONDecoder(strict=False)
_BEGINNING: Final = re.compile(r'\{\s*"')
_BROKEN_OFF: Final = re.compile(r"|u[0-9a-fA-F]{0,3}|t(ru?)?|f(a(ls?)?)?|n(ul?)?|-")
"""A rest that shows a missing end after the failing position: half an escape, half a word."""
_TRIES: Final = 24
"""The number of possible starts of an object that are tried."""


class _Unreadable(enum.Enum):
    MALFORMED = enum.auto()
    CUT_OFF = enum.auto()


MALFORMED: Final = _Unreadable.MALFORMED
"""This is not JSON."""
CUT_OFF: Final = _Unreadable.CUT_OFF
"""This would be JSON, had it not ended too early."""

Unreadable: TypeAlias = Literal[_Unreadable.MALFORMED, _Unreadable.CUT_OFF]


class Found(Struct, frozen=True, kw_only=True):
    """An object among other things."""

    value: dict[str, Any]
    before: str
    after: str


def load(data: bytes) -> Any | Unreadable:
    """Return the one value that *data* holds, blanks around it aside; what is nested too deep is malformed."""
    if is_too_deep(data):
        return MALFORMED
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _load_patiently(data.decode(errors="replace").strip("\ufeff \t\r\n"))


def load_object(data: bytes) -> dict[str, Any] | None:
    """Return the object that *data* holds, also if it is written as a string once more; None if it holds none."""
    value = load(data)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = load(value.encode(errors="surrogatepass"))
    return value if isinstance(value, dict) else None


def find_object(
    text: str, *, last: bool = False, fits: Callable[[dict[str, Any]], bool] = lambda _: True
) -> Found | None:
    """
    Return the first object with at least one key in *text* that *fits*, whatever surrounds it.

    What is within an object, whole or cut off, is a part of it.  With *last*, only an object that nothing but
    blanks follows counts, and it may be where another one has broken off.
    """
    end = 0
    for place in islice(_BEGINNING.finditer(text), _TRIES):
        if place.start() < end:
            continue
        try:
            value, end = _PATIENT.raw_decode(text, place.start())
        except json.JSONDecodeError as error:
            if _is_cut_off(error) and not last:
                return None
            continue
        except (ValueError, RecursionError):
            continue
        if not is_too_deep(text[place.start() : end]) and fits(value) and not (last and text[end:].strip()):
            return Found(value=value, before=text[: place.start()], after=text[end:])
    return None


def _load_patiently(text: str) -> Any | Unreadable:
    try:
        return _PATIENT.decode(text)
    except json.JSONDecodeError as error:
        begun = text[:1] in ("{", "[", '"')
        return CUT_OFF if begun and _is_cut_off(error) else MALFORMED
    except (ValueError, RecursionError):
        return MALFORMED


def _is_cut_off(error: json.JSONDecodeError) -> bool:
    """Return whether all was JSON up to the place where the text ends."""
    return error.msg.startswith("Unterminated string") or _BROKEN_OFF.fullmatch(error.doc, error.pos) is not None
