"""
Secrets that an event stream cuts in pieces: no event holds them, the visitor reads them.

A model sends an e-mail address as `jane`, `@`, `doe`, `.org`.  The texts of the events are joined, searched by looks,
and what is found is replaced piece by piece: each event keeps its share.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from chatgptfree_mock.tape.redaction.findings import Secret, Span, without_overlap
from chatgptfree_mock.tape.redaction.views import TextView, json_view

_TEXTS: Final = (
    *(
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
    ),
    *("partial_json", "thinking", "reasoning", "reasoning_content", "generated_text", "output_text", "arguments"),
)
"""Keys whose values a client joins."""
_TEXT: Final = re.compile(rf"\"({'|'.join(_TEXTS)})\"\s*+:\s*+\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"")
_LINE: Final = re.compile(r"data:(?<=^data:) ?+([^{\[\r\n\"][^\r\n]*)$", re.MULTILINE)


def stream_secrets(text: str, find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
    """Yield what *find* finds when the pieces of a streamed answer are joined, with its spans in *text*."""
    by_name: dict[str, list[Span]] = {}
    for found in _TEXT.finditer(text):
        by_name.setdefault(found[1], []).append(found.span(2))
    by_name["data:"] = [found.span(1) for found in _LINE.finditer(text) if found[1] != "[DONE]"]
    for pieces in by_name.values():
        if len(pieces) > 1:
            yield from _across(text, pieces, find)


def _across(text: str, pieces: list[Span], find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
    views = [json_view(text[start:end]) if "\\" in text[start:end] else None for start, end in pieces]
    texts = [view.text if view else text[slice(*span)] for view, span in zip(views, pieces, strict=True)]
    starts, at = [], 0
    for each in texts:
        starts.append(at)
        at += len(each)
    for secret in without_overlap(find("".join(texts))):
        spans = [part for span in secret.spans for part in _parts(span, starts, texts, pieces, views)]
        if spans:
            yield Secret(tuple(spans), secret.rule, secret.value, f"{secret.reason}, over several events")


def _parts(
    span: Span, starts: list[int], texts: list[str], pieces: list[Span], views: list[TextView | None]
) -> Iterator[Span]:
    index = bisect_right(starts, span[0]) - 1
    while index < len(starts) and starts[index] < span[1]:
        first = max(span[0] - starts[index], 0)
        last = min(span[1] - starts[index], len(texts[index]))
        if first < last:
            view = views[index]
            inner = view.span(first, last) if view else (first, last)
            yield pieces[index][0] + inner[0], pieces[index][0] + inner[1]
        index += 1
