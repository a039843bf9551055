"""
Look up where a value was given out: the first response that holds it, the part of it, and the decodings needed.

Each response is decoded once and split into runs of letters and digits once; a value is searched for only in texts that
hold its longest run, so the work grows linearly with the size of the recording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from chatgptfree_mock.tape.decoding.decodings import views
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.tokens.response_parts import texts
from chatgptfree_mock.tape.tokens.token_block import Source
from chatgptfree_mock.tape.tokens.token_names import words_of

INSIDE: Final = 16
"""A value of at least so many characters may be part of a text, between delimiters."""
_SURELY: Final = 32
"""A value of at least so many characters may follow `_`, as in `$ACTION_ID_…` of Next.js."""
_RUN: Final = LazyPattern(r"[A-Za-z0-9]+")
_OPENS: Final = "\"'`>=:,;([{?&|/\n"
_CLOSES: Final = "\"'`<>&,;)]}#|/?\r\n"


class SourceMatch(Struct, frozen=True, kw_only=True):
    """Where a value was given out, and whether its name is beside it."""

    source: Source
    beside_its_name: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """A value that a request sends under a *name*, looked for in the responses *before* this number."""

    name: str
    value: str
    before: int


def look_up(interactions: Sequence[Interaction], wanted: Iterable[Wanted]) -> dict[Wanted, SourceMatch]:
    """Return where each of *wanted* comes from: the first of *interactions* whose response holds it."""
    waiting: dict[str, list[Wanted]] = {}
    for each in wanted:
        runs = _RUN.findall(each.value)
        if runs:
            waiting.setdefault(max(runs, key=len), []).append(each)
    found: dict[Wanted, SourceMatch] = {}
    last = max((each.before for group in waiting.values() for each in group), default=0)
    for number, interaction in enumerate(interactions[:last]):
        for part, text in texts(interaction.response):
            for chain, view in views(text):
                for anchor in waiting.keys() & set(_RUN.findall(view)):
                    for each in waiting[anchor]:
                        if each not in found and number < each.before and (at := place_of(each.value, view)) >= 0:
                            source = Source(interaction=number, part=part, decodings=list(chain))
                            found[each] = SourceMatch(source=source, beside_its_name=_is_beside(view, at, each))
    return found


def place_of(value: str, text: str) -> int:
    """Return where *value* is a whole value of *text*, or between delimiters if it is long; -1 if nowhere."""
    signs = "".join(set(re.sub(r"[A-Za-z0-9]", "", value)))
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) : at + len(value) + 1]
        if is_whole_value(text, at, after):
            return at
        starts = is_joined(before, value) or not _continues(before, signs.replace("=", ""))
        if len(value) >= INSIDE and starts and not _continues(after, signs):
            return at
        at = text.find(value, at + 1)
    return -1


def is_joined(before: str, value: str) -> bool:
    """Return whether the character *before* a *value* is a `_` that joins it to words, rather than a part of it."""
    return before == "_" and len(value) >= _SURELY and "_" not in value


def _continues(character: str, signs: str) -> bool:
    """Return whether *character* beside a value would belong to it: a letter, a digit, or one of its own *signs*."""
    return bool(character) and (character.isalnum() or character in "_\0" or character in signs)


def is_whole_value(text: str, at: int, after: str) -> bool:
    """Return whether delimiters are on both sides of a value at position *at* of *text*, which *after* follows."""
    before = text[max(0, at - 8) : at]
    opening = before.rstrip(" ")[-1:]
    if opening and opening not in _OPENS:
        return False
    if not opening and before:
        return False
    unquoted = opening == "=" and after.isspace()
    return not after or after in _CLOSES or unquoted


def _is_beside(text: str, at: int, wanted: Wanted) -> bool:
    """Return whether the name, in whatever spelling, is shortly before the value, or the next attribute after it."""
    name = "".join(words_of(wanted.name))
    if len(name) < 2:
        return False
    before = text[max(0, at - 2 * len(wanted.name) - 24) : at]
    end = at + len(wanted.value)
    after = re.match(r"""["']?\s+(?:name|id)\s*=\s*["']?([\w.-]+)""", text[end : end + len(wanted.name) + 24])
    return name in "".join(words_of(before)) or (after is not None and name == "".join(words_of(after[1])))
