"""
Where in a text a secret may be by its name or in another spelling: a first look, many times faster than a reader.

A reader of HTML or JSON takes a microsecond for each attribute or string.  Most of them cannot hold a secret, and only
those with a sign are read.  A sign too many costs time; one too few would leak, so each is wider than its reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, compress
from typing import Final

from chatgptfree_mock.tape.redaction.named_text import name_before
from chatgptfree_mock.tape.redaction.names import may_end_holder, may_end_name
from chatgptfree_mock.tape.redaction.rules import Rules

_SEPARATORS: Final = ("=", ":", '",', "',", "`,")
"""What follows a name; a comma in `setItem("token", "…")`."""
_FIELDS: Final = ("value", "content")
"""Attributes whose secret another one names, and keys whose name is the value of another."""
_FIELD_ENDINGS: Final = tuple({name[-3:] for name in _FIELDS})
_REFERENCE: Final = re.compile(r"&(?!amp;(?:[^#]|\Z))[#A-Za-z]")
"""A character reference, but for an ampersand."""
_JSON_VALUE: Final = re.compile(r"=\s*+[\"']?\s*+[{\[]")


def page_signs(text: str, rules: Rules) -> Iterator[int] | None:
    """Yield where something may be in the HTML *text*, but for what its looks show; None if it may be anywhere."""
    if not rules.names_end_alike(text):
        return None
    return _page_signs(text, rules)


def string_signs(text: str, rules: Rules) -> Iterator[int] | None:
    """Yield where something may be in the decoded strings *text*, but for what its looks show; None if anywhere."""
    if not rules.names_end_alike(text):
        return None
    return _string_signs(text, rules)


def _page_signs(text: str, rules: Rules) -> Iterator[int]:
    for separator in _SEPARATORS:
        yield from _names(text, separator, rules)
    for pattern in (_REFERENCE, _JSON_VALUE):
        for found in pattern.finditer(text):
            yield found.start()
    for mark in ("\\", "%", "(S("):
        yield from _places(text, mark)


def _string_signs(text: str, rules: Rules) -> Iterator[int]:
    yield from _page_signs(text, rules)
    for mark in "<{[":
        yield from _places(text, mark)


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


def _names(text: str, separator: str, rules: Rules) -> Iterator[int]:
    """Yield the places of *separator* that follow the name of a secret or of what holds one."""
    for at in name_ends(text, separator, _may_end):
        name = name_before(text, at)
        if name is None or rules.name(name) or name.lower().endswith(_FIELDS) or rules.holder(name):
            yield at


def name_ends(text: str, separator: str, may_end: Callable[[str], bool], *, every: bool = False) -> Iterator[int]:
    """Yield the places of *separator* before which are four characters that *may_end* a name, or *every* one."""
    if separator not in text:
        return
    pieces = text.split(separator)
    endings = [piece[-4:] for piece in pieces[:-1]]
    distinct = set(endings)
    promising = distinct if every else set(filter(may_end, distinct))
    if promising:
        lengths, step = accumulate(map(len, pieces)), len(separator)
        for number, end in compress(enumerate(lengths), map(promising.__contains__, endings)):
            yield end + number * step


@lru_cache(16384)
def _may_end(ending: str) -> bool:
    shown = ending.rstrip(" \t\r\n\"'`\\")
    return may_end_name(ending) or may_end_holder(shown) or shown.lower().endswith(_FIELD_ENDINGS)
