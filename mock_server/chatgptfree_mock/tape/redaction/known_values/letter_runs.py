"""Runs of letters and digits, by which a known value is looked for: seldom escaped, and what base64 keeps of them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.byte_search import ALPHANUMERIC, class_table
from chatgptfree_mock.tape.redaction.text.findings import Span

_TABLE: Final = class_table(ALPHANUMERIC)
RUN: Final = LazyPattern(r"[A-Za-z0-9]+")
GRAM: Final = 8
STEP: Final = 4
GLUED: Final = GRAM + STEP - 1
"""From this length on a run is found inside a longer one as well."""


def longest_run(value: str) -> str:
    """Return the longest run of *value*, empty if it has none."""
    return max(RUN.findall(value), key=len, default="")


def as_base64(value: str) -> set[str]:
    """Return what base64 makes of *value* alone, in both alphabets and without padding (RFC 4648, 4 and 5)."""
    data = value.encode("latin-1", "replace")
    return {each.decode().rstrip("=") for each in (base64.b64encode(data), base64.urlsafe_b64encode(data))}


def cores_in_base64(value: str) -> Iterator[str]:
    """Yield what base64 makes of *value* at each of the three places where it can begin, without its neighbours."""
    data = value.encode("latin-1", "replace")
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + data).decode().rstrip("=")
        first, last = (0, 2, 3)[lead], len(text) - (1 if (lead + len(data)) % 3 else 0)
        if len(longest := longest_run(text[first:last])) >= GLUED:
            yield longest


def grams(run: str) -> Iterator[str]:
    """Yield the parts of *run* of which one at least begins where one of a run within it does."""
    for at in range(0, len(run) - GRAM + 1, STEP):
        yield run[at : at + GRAM]


def runs_around(places: Iterable[int], text: str) -> Iterator[Span]:
    """Yield from and to of each run of letters and digits in *text* that one of *places* is in."""
    classes, end = text.encode("latin-1", "replace").translate(_TABLE), 0
    for at in sorted(places):
        if at >= end:
            end = classes.find(b"\0", at)
            end = len(classes) if end < 0 else end
            yield classes.rfind(b"\0", 0, at) + 1, end
