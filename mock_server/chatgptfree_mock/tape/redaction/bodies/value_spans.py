"""The parts of a text in which something can be replaced without harm to what holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.text_kinds import TextKind
from chatgptfree_mock.tape.redaction.text.findings import Span

_STRINGS: Final = LazyPattern(r"\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"?")
_LINES: Final = LazyPattern(r"^data: ?+([^{\[\"\r\n][^\r\n]*)$", re.MULTILINE)
_TAGS: Final = LazyPattern(r"<[^<>\"']*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>?")
_QUOTED: Final = LazyPattern(r"=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")


def value_spans(text: str, kind: TextKind) -> Iterator[Span]:
    """Yield the strings of JSON, the values of attributes and fields, the texts between tags; or all of *text*."""
    if kind in (TextKind.JSON, TextKind.EVENTS):
        yield from (found.span(1) for found in _STRINGS.finditer(text))
    if kind is TextKind.EVENTS:
        yield from (found.span(1) for found in _LINES.finditer(text))
    elif kind is TextKind.MARKUP:
        yield from _markup_values(text)
    elif kind is TextKind.FORM:
        yield from (found.span() for found in re.finditer(r"[^&=]+", text))
    elif kind is not TextKind.JSON:
        yield 0, len(text)


def _markup_values(text: str) -> Iterator[Span]:
    position = 0
    for tag in _TAGS.finditer(text):
        if tag.start() > position:
            yield position, tag.start()
        for value in _QUOTED.finditer(text, tag.start(), tag.end()):
            yield value.span(value.lastindex or 1)
        position = tag.end()
    yield position, len(text)
