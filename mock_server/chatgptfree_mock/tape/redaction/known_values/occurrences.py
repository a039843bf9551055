r"""
Where a known value is, around runs of letters and digits that it shares with a text: as it is, or escaped.

Runs that are near each other are searched in one go: a long value that repeats itself has a run at each of its words.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.known_values.letter_runs import RUN
from chatgptfree_mock.tape.redaction.text.character_text import whole_characters
from chatgptfree_mock.tape.redaction.text.findings import Span, unescaped

_ESCAPES: Final = LazyPattern(r"[\\%&+\x80-\xff]")
"""One of these is in each spelling of a value that is not the value itself."""
_HEX_OF_LETTER: Final = "(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"
ESCAPED_LETTERS: Final = tuple(
    (sign, LazyPattern(sign.replace("\\", r"\\") + pattern))
    for sign, pattern in (
        ("%", f"(?:25)*{_HEX_OF_LETTER}"),
        ("\\u00", _HEX_OF_LETTER),
        ("\\x", _HEX_OF_LETTER),
        ("#", f"(?:[xX]0*{_HEX_OF_LETTER}|0*(?:4[89]|5[0-7]|6[5-9]|[789][0-9]|1[012][0-9]));"),
    )
)
"""Escapes where none is needed, of a letter or a digit: their sign, and the whole."""
_WORD: Final = 600
_WORD_AROUND: Final = LazyPattern(rf"[^\s\"'<>]{{0,{_WORD}}}")
_LONGEST_SPELLING: Final = 420
"""The most characters that spell one other than a letter or a digit: four codings in one another take as many."""
_MOST_RUNS: Final = 8
"""The number of runs of a value, the longest ones, that are searched in another spelling of it."""


def places_of(text: str, value: str, runs: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Return where *value* is in *text* without any escapes, next to one of *runs*, and the runs in none of these."""
    places = list(_written_alike(text, value, runs))
    others = list(_outside(runs, places))
    if others and not (value.isascii() and " " not in value):
        pattern = meaning(value)
        for first, last in _windows(text, len(value), others):
            places += (found.span() for found in pattern.finditer(text, first, last))
        others = list(_outside(others, sorted(places)))
    return places, others


def _written_alike(text: str, value: str, runs: Sequence[Span]) -> Iterator[Span]:
    for first, last in _windows(text, len(value), runs):
        at = text.find(value, first, last)
        while at >= 0:
            yield at, at + len(value)
            at = text.find(value, at + len(value), last)


def _windows(text: str, length: int, runs: Iterable[Span]) -> Iterator[Span]:
    """Yield the parts of *text* in which a value of *length* characters may overlap one of *runs*."""
    return merged((max(0, start - length + 1), min(len(text), end + length - 1)) for start, end in runs)


def _outside(runs: Sequence[Span], places: Sequence[Span]) -> Iterator[Span]:
    """Yield those of *runs* that none of *places* overlaps; both are in order."""
    remaining = iter(places)
    place = next(remaining, None)
    for start, end in sorted(runs):
        while place is not None and place[1] <= start:
            place = next(remaining, None)
        if place is None or place[0] >= end:
            yield start, end


@lru_cache(1024)
def meaning(value: str) -> re.Pattern[str]:
    """Return a pattern for the characters of *value*; in a form, a plus is a blank (WHATWG URL, 5.1)."""
    return re.compile("|".join({re.escape(each).replace(r"\ ", "[ +]") for each in (unescaped(value), value)}))


def regions_around(text: str, value: str, runs: Sequence[Span]) -> Iterator[Span]:
    """Yield the parts of *text* around *runs* of *value* that hold the value if it is escaped."""
    if not runs:
        return
    reach = len(value) + _LONGEST_SPELLING * sum(not (each.isascii() and each.isalnum()) for each in unescaped(value))
    needed = _longest_runs(value)
    for start, end in merged((max(0, start - reach), min(len(text), end + reach)) for start, end in runs):
        first, last = whole_characters(text, start, end)
        region = text[first:last]
        if _ESCAPES.search(region) and all(run in region for run in needed):
            yield first, last


def _longest_runs(value: str) -> tuple[str, ...]:
    return tuple(sorted(set(RUN.findall(value)), key=len, reverse=True)[:_MOST_RUNS])


def words_with_escaped_letters(text: str, literals: Container[bytes]) -> Iterator[Span]:
    """Yield the words of *text* in which letters or digits are escaped; *literals* are the signs that are in it."""
    for sign, pattern in ESCAPED_LETTERS:
        reached = 0
        while escape := pattern.search(text, reached) if sign.encode() in literals else None:
            lead = _WORD_AROUND.match(text[max(reached, escape.start() - _WORD) : escape.start()][::-1])
            word = _WORD_AROUND.match(text, escape.end())
            start, reached = escape.start() - (lead.end() if lead else 0), word.end() if word else escape.end()
            yield whole_characters(text, start, reached)


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield *spans* in order, those that overlap as one."""
    begun: Span | None = None
    for start, end in sorted(spans):
        if begun is None or start > begun[1]:
            if begun is not None:
                yield begun
            begun = start, end
        else:
            begun = begun[0], max(begun[1], end)
    if begun is not None:
        yield begun
