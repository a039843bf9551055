"""
Secrets in JavaScript: the strings under secret names, never the code around them.

Strings, templates, comments and regular expressions are recognised as a highlighter does it, which is enough to know
whether a quote opens a string.  A value that lies inside another string (`'{"token":"…"}'`) must end inside it as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import Name, classify_field, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token
from chatgptfree_mock.tape.redaction.running_text.copied_headers import cookie_pairs, scheme_length
from chatgptfree_mock.tape.redaction.running_text.named_calls import called_values
from chatgptfree_mock.tape.redaction.running_text.names_before import name_before
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, secret_at
from chatgptfree_mock.tape.redaction.text.views import json_view

_TOKEN: Final = LazyPattern(
    r"\"(?:[^\"\\\n]++|\\.)*+\"?|'(?:[^'\\\n]++|\\.)*+'?|`(?:[^`\\]++|\\.)*+`?|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
    r"|(?<=[(,=:\[!&|?{};\n])[ ]?/(?![/*])(?:[^/\\\n\[]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\]?)++/",
    re.DOTALL,
)
_ASSIGNED: Final = LazyPattern(
    r"(?<![\w$.-])(?P<name>[A-Za-z_$][\w$.-]{0,80}+)(?P<closing>\\*[\"'`])?+\]?+"
    r"\s*+(?:=(?![=>])|:(?!:))\s*+(?:[\"'](?:[A-Z][A-Za-z]{1,9}[ ])?[\"'](?:\.concat\(|[ ]?\+[ ]?))?+"
    r"(?P<quote>\\*[\"'`])",
    re.ASCII,
)
_PAIRED: Final = LazyPattern(
    r"(?<=[(\[ ][\"'`])(?<![:,] [\"'`])(?P<name>[A-Za-z_][\w-]{0,60}+)(?P<mark>[\"'`]),[ ]?(?P<quote>[\"'`])", re.ASCII
)
"""`setItem("token", "…")`, `headers.set("Authorization", "Bearer …")`"""
_OBJECT_BEGINS: Final = LazyPattern(r"[:=]\s*+\{")
_FLAT: Final = LazyPattern(r"[^{}]{0,4000}+")
_ESCAPED: Final = LazyPattern(r"\\[ux/\"'nrt]")
_COOKIE: Final = LazyPattern(r"\.cookie\s*+=\s*+(\\*[\"'`])")
_JOINED_COOKIE: Final = LazyPattern(r"\.cookie\s*+=\s*+[\"'`][\w.-]+=[\"'`]\s*+\+\s*+(?P<quote>[\"'`])")
_LEAST: Final = 12
"""From this length on a second argument after a name with hyphens need not look like a token."""
_LONGEST: Final = 8192


def script_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets under names in the code *text*; what shows by its looks is the caller's."""
    strings = _Strings(text)
    if _ESCAPED.search(text):
        for start, end in strings.escaped():
            view = json_view(text[start:end])
            yield from view.back(context.nested(view.text), start)
    for pattern in (_ASSIGNED, _PAIRED):
        for found in pattern.finditer(text):
            name = "Authorization" if found["name"].endswith(".Authorization") else found["name"]
            named = context.rules.name(name)
            if named is not None and not needs_query(name) and not _is_pair_of_words(found, strings):
                yield from _assigned_secret(found, name, named, strings, context)
    yield from called_values(text, context)
    yield from _fields(text, strings, context)
    if ".cookie" in text:
        yield from _cookies(text, strings, context)


def _is_pair_of_words(found: re.Match[str], strings: _Strings) -> bool:
    """Return whether two arguments are words of code, as in `credentials("user-pass", "include2")`."""
    if found.re is not _PAIRED.compiled or "-" not in found["name"] or found["name"].lower().startswith("x-"):
        return False
    span = strings.value(found.start("quote"), found["quote"])
    return span is not None and span[1] - span[0] < _LEAST and not is_token(found.string[slice(*span)])


def _fields(text: str, strings: _Strings, context: Context) -> Iterator[Secret]:
    """Yield the secret fields of objects such as `nonces: {chat: "…"}`, whose own names reveal nothing."""
    for begun in _OBJECT_BEGINS.finditer(text):
        holder = name_before(text, begun.start())
        notation = context.rules.holder(holder) if holder else None
        if notation is None or holder is None:
            continue
        fields = _FLAT.match(text, begun.end())
        for found in _ASSIGNED.finditer(text, begun.end(), fields.end() if fields else begun.end()):
            named = classify_field(holder, notation, found["name"])
            if named is not None and (needs_query(found["name"]) or context.rules.name(found["name"]) is None):
                yield from _assigned_secret(found, f"{holder}.{found['name']}", named, strings, context)


def _assigned_secret(
    found: re.Match[str], name: str, named: Name, strings: _Strings, context: Context
) -> Iterator[Secret]:
    """Yield the string that *found* puts under *name*, which *named* describes, if it is a secret."""
    span = strings.value(found.start("quote"), found["quote"])
    if span is None:
        return
    raw = found.string[slice(*span)]
    if named.rule == "cookies":
        yield from cookie_pairs(raw, span[0], context)
        return
    start = span[0] + (scheme_length(raw) if named.rule in ("keys", "authorization") else 0)
    value = json_view(found.string[start : span[1]]).text
    notation = Notation.QUOTED if found.re is _ASSIGNED.compiled and found["closing"] else Notation.CODE
    if is_secret_value(named, name, value, notation):
        yield secret_at(start, span[1], named.rule, value, f"is the string `{name}` of a script")


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
            yield secret_at(*span, "cookies", text[slice(*span)], "is the value of a cookie")


class _Strings:
    """The strings of a script."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _spans(self) -> tuple[list[int], list[int]]:
        return self._kinds[0]

    @cached_property
    def _kinds(self) -> tuple[tuple[list[int], list[int]], tuple[list[int], list[int]]]:
        """Where strings start and end, and where comments do."""
        strings: tuple[list[int], list[int]] = [], []
        comments: tuple[list[int], list[int]] = [], []
        for each in _TOKEN.finditer(self._text):
            begun = each[0].lstrip()[:2]
            kind = comments if begun in ("//", "/*") else None if begun[:1] == "/" else strings
            if kind is not None:
                kind[0].append(each.start())
                kind[1].append(each.end())
        return strings, comments

    def escaped(self) -> Iterator[Span]:
        """Yield the inside of each string that spells characters of names and values otherwise."""
        for start, end in zip(*self._spans, strict=True):
            if end - start > 8 and _ESCAPED.search(self._text, start, end):
                yield start + 1, end - 1

    def value(self, at: int, quote: str) -> Span | None:
        """Return the inside of the string that the *quote* at *at* opens, or None if it opens none."""
        starts, ends = self._spans
        index = bisect_right(starts, at) - 1
        if index < 0 or ends[index] <= at:
            return self._in_comment(at, quote)
        first = at + len(quote)
        if starts[index] == at:
            end = ends[index]
            closed = end - 1 > at and self._text[end - 1] == quote
            return (first, end - 1) if closed else None
        if quote[-1] == self._text[starts[index]] and len(quote) == 1:
            return None
        last = self._text.find(quote, first, min(ends[index] - 1, first + _LONGEST))
        return (first, last) if last >= 0 else None

    def _in_comment(self, at: int, quote: str) -> Span | None:
        """Return the inside of what the *quote* at *at* opens in a comment, where no string begins."""
        starts, ends = self._kinds[1]
        index = bisect_right(starts, at) - 1
        if index < 0 or ends[index] <= at:
            return None
        first = at + len(quote)
        last = self._text.find(quote, first, min(ends[index], first + _LONGEST))
        return (first, last) if last >= 0 else None
