"""
Find the offsets of possible secrets in a text by name or spelling: a first check, many times faster than a reader.

A reader of HTML or JSON takes a microsecond for each attribute or string.  Most of them cannot hold a secret, and only
those with a sign are read.  A sign too many costs time; one too few would leak, so each is wider than its reader.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, compress
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.labelled_values import labelled_values
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.names.secret_names import ending_of, may_end_holder, may_end_name, open_endings
from chatgptfree_mock.tape.redaction.running_text.named_calls import called_places
from chatgptfree_mock.tape.redaction.running_text.names_before import name_before
from chatgptfree_mock.tape.redaction.running_text.pattern_search import INSERT, Signs
from chatgptfree_mock.tape.redaction.text.byte_search import DIGITS, offsets_of

_SEPARATORS: Final = ("=", ":", '",', "',", "`,")
"""Separators after a name; a comma in `setItem("token", "…")`."""
_FIELDS: Final = ("value", "content")
"""Attributes whose secret another one names, and keys whose name is the value of another."""
_FIELD_ENDINGS: Final = tuple({name[-3:] for name in _FIELDS})
_REFERENCE: Final = LazyPattern(r"&(?!(?:amp|#0?38);(?:[^#]|\Z)|#82(?:1[67]|2[01]|30);)[#A-Za-z]")
"""A character reference, but for an ampersand, and for the quotes and the ellipsis that WordPress writes."""
_BLANKS: Final = 40
"""The largest number of blanks that are skipped before a string that may be JSON."""
_JSON_VALUES: Final = tuple(
    LazyPattern(rf"{mark}(?:(?<=={mark})|(?<==[\"'\s]{mark})|(?<==[\"'\s]{{2}}{mark})|(?<=[\"'\s]{{3}}{mark}))")
    for mark in (r"\{", r"\[")
)
"""The start of an attribute's value: after an equals sign, or more blanks than are looked at."""


_UNCOMMON: Final = LazyPattern(
    r"<(?![/!]|(?:a|b|br|button|div|em|form|h[1-6]|i|img|input|label|li|link|meta|option|p|path|script|small|span|strong"
    r"|style|svg|t[dhr]|ul)(?![\w:]))(?:\w+:)?(\w+)"
)
"""An element but those that are in each page: most tags are passed over at once."""


def named_elements(text: str, rules: Rules) -> Iterator[tuple[int, str]]:
    """Yield place and name of each element of *text* whose content may be secret: a secret's name, or a field."""
    for name in set(_UNCOMMON.findall(text)):
        named = rules.name(name)
        if name == "textarea" or (named is not None and named.sure):
            for tag in re.finditer(rf"<(?:\w+:)?{name}(?!\w)", text):
                yield tag.start(), name


def page_signs(text: str, rules: Rules, literals: Signs) -> Iterator[int] | None:
    """
    Yield where something may be in the HTML *text*, but for what its looks show; None if it may be anywhere.

    *literals*: what `signs_in` finds in the text.
    """
    return _page_signs(text, rules, literals) if rules.names_end_alike else None


def string_signs(text: str, starts: Sequence[int], rules: Rules, literals: Signs) -> Iterator[int] | None:
    """
    Yield the numbers of the strings in which something may be, as `page_signs` does.

    *text*: the decoded strings, joined; *starts*: where each of them begins.
    """
    return _string_signs(text, starts, rules, literals) if rules.names_end_alike else None


def _page_signs(text: str, rules: Rules, literals: Signs) -> Iterator[int]:
    yield from _common_signs(text, rules, literals)
    yield from _json_values(text)


def _json_values(text: str) -> Iterator[int]:
    for pattern in _JSON_VALUES:
        for found in pattern.finditer(text):
            yield found.start()


def _common_signs(text: str, rules: Rules, literals: Signs) -> Iterator[int]:
    begun = open_endings(text, literals)
    for separator in _SEPARATORS:
        if separator[0] in text:
            yield from _names(text, separator, rules, begun)
    yield from called_places(text, rules)
    for found in _REFERENCE.finditer(text):
        yield found.start()
    for mark in ("\\", "%", "(S("):
        yield from offsets_of(text, mark)


def _string_signs(text: str, starts: Sequence[int], rules: Rules, literals: Signs) -> Iterator[int]:
    def strings(offsets: Iterable[int]) -> set[int]:
        return {bisect_right(starts, at) - 1 for at in offsets}

    yield from strings(_common_signs(text, rules, literals))
    yield from strings(literals.get(INSERT, ()))
    yield from (number for number, at in enumerate(starts) if text[at : at + _BLANKS].lstrip()[:1] in ("{", "[", ""))
    marked = strings(offsets_of(text, "<"))
    if marked:
        yield from marked & strings(_json_values(text))
        yield from strings(secret.spans[0][0] for secret in labelled_values(text, literals, rules))
        yield from strings(at for at, _ in named_elements(text, rules))


def _names(text: str, separator: str, rules: Rules, begun: frozenset[str]) -> Iterator[int]:
    """Yield the offsets of *separator* that follow the name of a secret or of what holds one; see `name_ends`."""
    for at in name_ends(text, separator, _may_end, begun):
        name = name_before(text, at)
        if name is None or (name and (rules.name(name) or name.lower().endswith(_FIELDS) or rules.holder(name))):
            yield at


def name_ends(
    text: str, separator: str, may_end: Callable[[str], bool], begun: frozenset[str], *, every: bool = False
) -> Iterator[int]:
    """
    Yield the offsets of *separator* before which are four characters that *may_end* a name, or four before a number.

    *begun* are other endings that count, as `open_endings` returns them; with *every* all do.
    """
    pieces = text.split(separator)
    del pieces[-1]
    endings = list(map(ending_of, pieces))
    distinct = set(endings)
    promising = distinct if every else {ending for ending in distinct if may_end(ending) or ending in begun}
    numbers = set() if every else {ending for ending in promising if ending.isdigit() and ending not in begun}
    if promising:
        lengths, step = accumulate(map(len, pieces)), len(separator)
        numbered = zip(pieces, enumerate(lengths), strict=True)
        for piece, (number, end) in compress(numbered, map(promising.__contains__, endings)):
            if ending_of(piece) not in numbers or may_end(ending_of(piece.rstrip(DIGITS))):
                yield end + number * step


@lru_cache(16384)
def _may_end(ending: str) -> bool:
    shown = ending.rstrip(" \t\r\n\"'`\\")
    return may_end_name(ending) or may_end_holder(shown) or shown.lower().endswith(_FIELD_ENDINGS)
