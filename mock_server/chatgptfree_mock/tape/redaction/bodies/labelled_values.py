"""
Values that another element of a page names: a cell after its head, a `<string>` after its `<key>`, a named `<string>`.

A label is looked for around the words of `spoken` only.  In an element for people the value has to look like a token,
since a table of settings describes them as often as it shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.names.secret_names import Name, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token
from chatgptfree_mock.tape.redaction.running_text.pattern_search import Signs
from chatgptfree_mock.tape.redaction.running_text.prose_secrets import WORDS
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at
from chatgptfree_mock.tape.redaction.text.views import html_view

_LONGEST: Final = 60
"""The longest label."""
_REACH: Final = 700
"""How far after a label its value ends."""
_LABEL: Final = LazyPattern(
    r"<(?P<element>(?!option|button|a|title|textarea|script|style)[a-z]\w{0,12})\b[^<>]{0,200}>\s{0,80}\Z",
    re.IGNORECASE,
)
_VALUE: Final = LazyPattern(
    r"(?P<between>[\s:]{0,80}(?:<(?!input\b|/tr\b)/?[a-z]\w{0,12}\b[^<>]{0,200}>[\s:]{0,80}){0,5})"
    r"(?:(?P<text>[^<>\s][^<>]{0,400}?)\s{0,80}<"
    r"|<input\b[^<>]{0,300}?\bvalue=[\"']?(?P<field>[^\"'<>]{1,400}))",
    re.IGNORECASE,
)
"""The value after a label, up to the next tag; or the one of a field.  A row of a table ends before it."""
_NAMED: Final = LazyPattern(
    r"<(?!input|meta|button|a\b)[A-Za-z]\w{0,20}\b[^<>]{0,100}?\b(?:name|key)=[\"'](?P<name>[^\"'<>]{2,60})[\"'][^<>]{0,100}(?<!/)>"
    r"(?P<text>[^<>]{1,400})</"
)
_ATTRIBUTES: Final = ("name=", "key=")
_FOR_CODE: Final = frozenset({"key", "name"})
"""Elements of property lists and XML-RPC, which hold names of fields."""


def labelled_values(text: str, signs: Signs, rules: Rules) -> Iterator[Secret]:
    """Yield the secret values after a label or an attribute `name` in the HTML or XML *text*."""
    seen: set[int] = set()
    for at in sorted({place for word in WORDS for place in signs.get(word, ())}):
        first = max(0, at - _LONGEST)
        start = max(text.rfind(">", first, at), text.rfind('"', first, at), text.rfind("'", first, at)) + 1
        if start and start not in seen:
            seen.add(start)
            if text[start - 1] == ">":
                yield from _after_label(text, start, rules)
            elif text.endswith(_ATTRIBUTES, 0, start - 1):
                yield from _element_secret(text, start, rules)


def _after_label(text: str, start: int, rules: Rules) -> Iterator[Secret]:
    end = text.find("<", start, start + _LONGEST)
    label = text[start : max(start, end)].strip(" \t\r\n:")
    named = rules.name(label) if label else None
    if named is None or needs_query(label):
        return
    element = _LABEL.search(text[max(0, start - 300) : start])
    start = text.rfind(label, start, end) + len(label)
    found = _VALUE.match(text, start, start + _REACH) if element else None
    if found is not None and element is not None and (found["field"] or "<" in found["between"]):
        group = "text" if found["text"] else "field"
        value = html_view(found[group]).text
        if element["element"].lower() in _FOR_CODE or is_token(value):
            yield from _secret(found.span(group), value, label, named)


def _element_secret(text: str, at: int, rules: Rules) -> Iterator[Secret]:
    """Read an element such as `<string name="api_key">…</string>`, whose attribute's value begins at *at*."""
    opened = text.rfind("<", max(0, at - 200), at)
    found = _NAMED.match(text, opened, opened + _REACH) if opened >= 0 else None
    named = rules.name(found["name"]) if found is not None and found.start("name") == at else None
    if found is None or named is None or needs_query(found["name"]):
        return
    if named.sure or is_token(found["text"]):
        yield from _secret(found.span("text"), html_view(found["text"]).text, found["name"], named)


def _secret(span: tuple[int, int], value: str, label: str, named: Name) -> Iterator[Secret]:
    if is_secret_value(named, label, value, Notation.QUOTED):
        yield secret_at(*span, named.rule, value, f"is the value beside the label `{label}`")
