"""
Secrets in JavaScript: the strings under secret names, never the code around them.

Strings, templates, comments and regular expressions are told apart as a highlighter does it, which is enough to know
whether a quote opens a string.  A value that lies inside another string (`'{"token":"…"}'`) must end inside it as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.redaction.findings import Secret, Span, one
from chatgptfree_mock.tape.redaction.named_text import cookie_pairs, scheme_length
from chatgptfree_mock.tape.redaction.names import needs_query
from chatgptfree_mock.tape.redaction.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.rules import Context
from chatgptfree_mock.tape.redaction.values import Held, counts
from chatgptfree_mock.tape.redaction.views import json_view

_TOKEN: Final = re.compile(
    r"\"(?:[^\"\\\n]++|\\.)*+\"?|'(?:[^'\\\n]++|\\.)*+'?|`(?:[^`\\]++|\\.)*+`?|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
    r"|(?<=[(,=:\[!&|?{};\n])[ ]?/(?![/*])(?:[^/\\\n\[]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\]?)++/",
    re.DOTALL,
)
_ASSIGNED: Final = re.compile(
    r"(?<![\w$.-])(?P<name>[A-Za-z_$][\w$.-]{0,80}+)(?P<closing>\\*[\"'`])?+\]?+"
    r"[ \t\n]?+(?:=(?![=>])|:(?!:))[ \t\n]?+(?P<quote>\\*[\"'`])",
    re.ASCII,
)
_PAIRED: Final = re.compile(
    r"(?<=[(\[ ][\"'`])(?<![:,] [\"'`])(?P<name>[A-Za-z_][\w-]{0,60}+)(?P<mark>[\"'`]),[ ]?(?P<quote>[\"'`])", re.ASCII
)
"""`setItem("token", "…")`, `headers.set("Authorization", "Bearer …")`"""
_ESCAPED: Final = re.compile(r"\\[ux/\"'nrt]")
_COOKIE: Final = re.compile(r"\.cookie\s?=\s?(\\*[\"'`])")
_JOINED_COOKIE: Final = re.compile(r"\.cookie\s?=\s?[\"'`][\w.-]+=[\"'`]\s?\+\s?(?P<quote>[\"'`])")
_LONGEST: Final = 8192


def script_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets under names in the code *text*; what shows by its looks is the caller's."""
    strings: _Strings | None = None
    if _ESCAPED.search(text):
        strings = _Strings(text)
        for start, end in strings.escaped():
            view = json_view(text[start:end])
            yield from view.back(context.nested(view.text), start)
    for pattern in (_ASSIGNED, _PAIRED):
        for found in pattern.finditer(text):
            named = context.rules.name(found["name"])
            if named is None or needs_query(found["name"]):
                continue
            strings = strings or _Strings(text)
            span = strings.value(found.start("quote"), found["quote"])
            if span is None:
                continue
            raw = text[slice(*span)]
            if named.rule == "cookies":
                yield from cookie_pairs(raw, span[0], context)
                continue
            start = span[0] + (scheme_length(raw) if named.rule in ("keys", "authorization") else 0)
            value = json_view(text[start : span[1]]).text
            held = Held.QUOTED if pattern is _ASSIGNED and found["closing"] else Held.CODE
            if counts(named, found["name"], value, held):
                yield one(start, span[1], named.rule, value, f"is the string `{found['name']}` of a script")
    if ".cookie" in text:
        yield from _cookies(text, strings or _Strings(text), context)


def _cookies(text: str, strings: _Strings, context: Context) -> Iterator[Secret]:
    for found in _COOKIE.finditer(text):
        if span := strings.value(found.start(1), found[1]):
            yield from cookie_pairs(text[slice(*span)], span[0], context)
    for found in _JOINED_COOKIE.finditer(text):
        span = strings.value(found.start("quote"), found["quote"])
        if (
            span
            and not is_placeholder(text[slice(*span)])
            and "cookies" not in context.rules.keep
            and re.fullmatch(r"[\w.%+/=~-]{8,}", text[slice(*span)])
        ):
            yield one(*span, "cookies", text[slice(*span)], "is the value of a cookie")


class _Strings:
    """The strings of a script."""

    def __init__(self, text: str) -> None:
        self._text = text
        spans = [each.span() for each in _TOKEN.finditer(text) if each[0].lstrip()[:1] != "/"]
        self._starts, self._ends = [start for start, _ in spans], [end for _, end in spans]

    def escaped(self) -> Iterator[Span]:
        """Yield the inside of each string that spells characters of names and values otherwise."""
        for start, end in zip(self._starts, self._ends, strict=True):
            if end - start > 8 and _ESCAPED.search(self._text, start, end):
                yield start + 1, end - 1

    def value(self, at: int, quote: str) -> Span | None:
        """Return the inside of the string that the *quote* at *at* opens, or None if it opens none."""
        index = bisect_right(self._starts, at) - 1
        if index < 0 or self._ends[index] <= at:
            return None
        first = at + len(quote)
        if self._starts[index] == at:
            end = self._ends[index]
            closed = end - 1 > at and self._text[end - 1] == quote
            return (first, end - 1) if closed else None
        if quote[-1] == self._text[self._starts[index]] and len(quote) == 1:
            return None
        last = self._text.find(quote, first, min(self._ends[index] - 1, first + _LONGEST))
        return (first, last) if last >= 0 else None
