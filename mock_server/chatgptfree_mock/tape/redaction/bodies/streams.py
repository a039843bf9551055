"""
Find secrets that an event stream cuts into deltas, so that no event contains them.

A model sends an e-mail address as `jane`, `@`, `doe`, `.org`.  The texts of the events are joined, searched by looks,
and what is found is replaced delta by delta: each event keeps its share.  Under keys that no known API has, only what
looks like a token counts, and only if an earlier event names it: ids and names are not text that a visitor reads.
What a project or another exchange knows to be secret is looked for under every key whose values differ as deltas do.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.text_kinds import TextKind
from chatgptfree_mock.tape.redaction.names.secret_values import is_token
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, without_overlap
from chatgptfree_mock.tape.redaction.text.views import TextView, json_view

_TEXTS: Final = frozenset(
    {
        "content",
        "delta",
        "text",
        "reply",
        "response",
        "message",
        "v",
        "token",
        "answer",
        "output",
        "completion",
        "chunk",
    }
    | {"partial_json", "thinking", "reasoning", "reasoning_content", "generated_text", "output_text", "arguments"}
)
"""Keys whose values a client joins."""
_TEXT: Final = LazyPattern(r"\"(\w{1,40}+)\"\s*+:\s*+\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"")
_LEAST_VARIED: Final = 10
"""Under a key of text, one delta of so many differs from all others at least; names of events and models do not."""
_NAMED_RULES: Final = frozenset({"keys", "authorization", "nonces", "sessions", "own"})
_SEPARATOR: Final = LazyPattern(r"[=: ]")
_LINE: Final = LazyPattern(r"data:(?<=^data:) ?+([^{\[\r\n\"][^\r\n]*)$", re.MULTILINE)
_STRING_LINES: Final = {
    "data string": LazyPattern(r"data:(?<=^data:) ?+\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"\r?$", re.MULTILINE),
    "numbered string": LazyPattern(r"^[0-9a-g]:\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"\r?$", re.MULTILINE),
}
"""Lines that are one string of JSON: events, and parts of the stream of Vercel's AI SDK (`0:"…"`)."""
_DATA_LINES: Final = LazyPattern(r"data:(?<=^data:) ?+[{\[][^\r\n]*+(?:(?:\r\n?|\n)data:[^\r\n]*+)++", re.MULTILINE)
_NEXT_LINE: Final = LazyPattern(r"(?:\r\n?|\n)data: ?")
_NUMBERED: Final = LazyPattern(r"[0-9a-g]:[\"{\[]")
_RECORDS: Final = ("\n{", "\x1e{", "\r{")
"""Between the values of JSON Lines and JSON Text Sequences (RFC 7464), and of a list that Gemini streams."""
_GEMINI: Final = LazyPattern(r"\[\s*+\{\s*+\"candidates\"")


def is_stream(text: str, kind: TextKind) -> bool:
    """Return whether *text* is sent in deltas that a client joins: events, lines of JSON, or Gemini's list."""
    if kind is TextKind.JSON:
        return any(mark in text for mark in _RECORDS) or _GEMINI.match(text) is not None
    return kind is TextKind.EVENTS or (kind is TextKind.TEXT and _NUMBERED.match(text) is not None)


def with_joined_data(text: str) -> str:
    """Return *text*, as long as it is, with blanks where JSON goes on in the next data line of its event."""
    return _DATA_LINES.sub(lambda event: _NEXT_LINE.sub(lambda found: " " * len(found[0]), event[0]), text)


def stream_secrets(text: str, find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
    """Yield what *find* finds when the deltas of a streamed answer are joined, with its spans in *text*."""
    for name, deltas in _texts_by_name(text):
        if name in _TEXTS or ":" in name or " " in name:
            yield from _across(text, deltas, find)
        elif _is_varied(text, deltas) and any(_SEPARATOR.search(text, *delta) for delta in deltas):
            for secret in _across(text, deltas, find):
                if secret.rule in _NAMED_RULES and is_token(secret.value):
                    yield secret


def divided_secrets(text: str, find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
    """Yield what *find*, which only finds what is known to be secret, finds in several deltas of a streamed answer."""
    for _, deltas in _texts_by_name(text):
        if _is_varied(text, deltas):
            yield from (secret for secret in _across(text, deltas, find) if len(secret.spans) > 1)


@lru_cache(2)
def _texts_by_name(text: str) -> tuple[tuple[str, list[Span]], ...]:
    """Return where the texts are that a client may join, by the key or the kind of line that has them."""
    by_name: dict[str, list[Span]] = {}
    for found in _TEXT.finditer(text):
        by_name.setdefault(found[1], []).append(found.span(2))
    by_name["data:"] = [found.span(1) for found in _LINE.finditer(text) if found[1] != "[DONE]"]
    for name, pattern in _STRING_LINES.items():
        by_name[name] = [found.span(1) for found in pattern.finditer(text)]
    return tuple((name, deltas) for name, deltas in by_name.items() if len(deltas) > 1)


def _is_varied(text: str, deltas: list[Span]) -> bool:
    """Return whether the values at *deltas* differ as the deltas of a text do."""
    values = {text[start:end] for start, end in deltas}
    return len(values) > 1 and len(values) * _LEAST_VARIED >= len(deltas)


def _across(text: str, deltas: list[Span], find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
    views = [json_view(text[start:end]) if "\\" in text[start:end] else None for start, end in deltas]
    texts = [view.text if view else text[slice(*span)] for view, span in zip(views, deltas, strict=True)]
    starts, at = [], 0
    for each in texts:
        starts.append(at)
        at += len(each)
    for secret in without_overlap(each for each in find("".join(texts)) if each.wrapped is None):
        spans = [part for span in secret.spans for part in _parts(span, starts, texts, deltas, views)]
        if spans:
            yield Secret(tuple(spans), secret.rule, secret.value, f"{secret.reason}, over several events")


def _parts(
    span: Span, starts: list[int], texts: list[str], deltas: list[Span], views: list[TextView | None]
) -> Iterator[Span]:
    index = bisect_right(starts, span[0]) - 1
    while index < len(starts) and starts[index] < span[1]:
        first = max(span[0] - starts[index], 0)
        last = min(span[1] - starts[index], len(texts[index]))
        if first < last:
            view = views[index]
            inner = view.span(first, last) if view else (first, last)
            yield deltas[index][0] + inner[0], deltas[index][0] + inner[1]
        index += 1
