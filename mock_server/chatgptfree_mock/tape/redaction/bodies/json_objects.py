"""Objects of JSON under the name of a secret or of what holds one: `{"auth": {"key": "…"}}`, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import Name, classify_field, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at
from chatgptfree_mock.tape.redaction.text.views import json_view

REST: Final = LazyPattern(r"[^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+", re.DOTALL)
"""The inside of a string, from any place in it on."""
STRING: Final = LazyPattern(rf"\"({REST.pattern})\"?", re.DOTALL)
BLANK: Final = LazyPattern(r"[ \t\r\n]*+")
SPACED_KEY: Final = LazyPattern(r"\"([^\"\\\n]{1,80}+)\"[ \t\r\n]++:")
"""A key with blanks before its colon."""
_NESTED: Final = LazyPattern(r"(?<!\A)[{\[](?:[^{}\[\]]++|[{\[][^{}\[\]]*+[}\]])*+[}\]]")
_OBJECT: Final = LazyPattern(r"\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+")
"""An object up to its closing brace, or as far as no more than two others are nested in one another."""
_BETWEEN: Final = LazyPattern(r"\}[ \t\r\n]*+,[ \t\r\n]*+")


def object_secrets(text: str, start: int, name: str, found: Name, context: Context) -> Iterator[Secret]:
    """Yield the secrets among the plain fields of the object at *start*, under a secret *name*."""
    fields = _fields(text, start)
    for key, at in _keys(fields):
        held = classify_field(name, found, key)
        own = context.rules.name(key)
        if held is not None and (own is None or needs_query(key) or (held.sure and not own.sure)):
            yield from _field(text, start + at, f"{name}.{key}", held)


def _fields(text: str, start: int) -> str:
    """Return the object at *start*, up to its end, with blanks in place of what is nested in it."""
    inner = _OBJECT.match(text, start)
    if inner is None:
        return ""
    return _NESTED.sub(lambda found: " " * len(found[0]), inner[0])


def listed_object_secrets(text: str, start: int, name: str, found: Name, context: Context) -> Iterator[Secret]:
    """Yield the secrets of a list of objects, such as `{"api_keys": [{"id": 1, "key": "…"}]}`."""
    while inner := _OBJECT.match(text, start):
        yield from object_secrets(text, start, name, found, context)
        between = _BETWEEN.match(text, inner.end())
        if between is None:
            return
        start = between.end()


def _field(text: str, at: int, name: str, found: Name) -> Iterator[Secret]:
    blank = BLANK.match(text, at)
    string = STRING.match(text, blank.end() if blank else at)
    if string is None:
        return
    value = json_view(string[1]).text if "\\" in string[1] else string[1]
    cookie = found.rule == "cookies" and len(value) >= 3 and not is_placeholder(value)
    if cookie or is_secret_value(found, name, value, Notation.QUOTED):
        yield secret_at(*string.span(1), found.rule, value, f"is the value of `{name}`")


def _keys(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key and where its value begins."""
    at = 0
    for piece in text.split('":')[:-1]:
        at += len(piece) + 2
        yield _last_name(piece), at
    for found in SPACED_KEY.finditer(text):
        yield found[1], found.end()


def _last_name(piece: str) -> str:
    return piece[piece.rfind('"') + 1 :]
