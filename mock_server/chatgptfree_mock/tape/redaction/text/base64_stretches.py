r"""
Stretches of base64 that hold text, within any text: as they are, cut into lines, and with escapes (`%2B`, `\/`).

A character of what is encoded is spread over two of the encoding, so a stretch is decoded, redacted and encoded again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from chatgptfree_mock.tape.decoding.base64_text import text_in_base64
from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.byte_search import ALPHANUMERIC, class_table, runs

VIEWS: Final = 128
"""The number of readings of a part of a text that are tried: four nested codings have some dozens."""
_RUN: Final = class_table(ALPHANUMERIC + "+/_-")
_WINDOW: Final = class_table(ALPHANUMERIC + "+/_=-%\\&#;\r\n")
_SHORTEST: Final = 20
"""Characters of base64 that a name and a value need: `{"pin":"1234"}` is 19 without padding."""
_SEGMENT: Final = LazyPattern(r"(?<=/)[A-Za-z0-9+_-]{20,}+|(?<=[_-])(?:e[wy]|W[3y])[A-Za-z0-9+/_-]{18,}+")
"""What may be base64 by itself in a path, or after a prefix: the latter begins as an object or a list of JSON does."""
_LINES: Final = LazyPattern(r"[A-Za-z0-9+/_-]{16,}+(?:\r?\n[A-Za-z0-9+/_-]++)*+")
_LINE: Final = LazyPattern(r"[A-Za-z0-9+/_-]{20,}+")
_ESCAPED_LINE: Final = LazyPattern(r"[A-Za-z0-9+/_-]{12,}+")
"""A run between escapes, which is looked for by itself as well."""
_SHORT: Final = 500
_ESCAPE: Final = LazyPattern(r"[%\\&]")
_BREAK: Final = LazyPattern(r"(?<=[A-Za-z0-9+/_-]{16})\r?\n[A-Za-z0-9+/_-]")


class Stretch(NamedTuple):
    """A part of a text that is base64 of *decoded*: UTF-8, one character a byte."""

    start: int
    end: int
    decoded: str


def base64_stretches(text: str) -> Iterator[Stretch]:
    """Yield the stretches of base64 in *text* that hold text, longer ones before those that they overlap."""
    if len(text) < _SHORTEST:
        return
    for start, end in runs(text.encode("latin-1", "replace").translate(_WINDOW), _SHORTEST):
        window = text[start:end]
        for first, last, decoded in _in_short(window) if end - start <= _SHORT else _in_window(window):
            yield Stretch(start + first, start + last, decoded)


def _in_window(window: str) -> tuple[Stretch, ...]:
    found = {stretch[:2]: stretch for stretch in _in_views(window)}
    return tuple(sorted(found.values(), key=lambda each: each.start - each.end))


@lru_cache(4096)
def _in_short(window: str) -> tuple[Stretch, ...]:
    """Cache the results for short texts that repeat, such as addresses and names of classes."""
    return _in_window(window)


def _in_views(window: str) -> Iterator[Stretch]:
    yield from _in_view(window, 0, len(window), _LINE)
    if _ESCAPE.search(window):
        for view in islice(located_views(window, most=VIEWS), 1, None):
            for stretch in _in_view(view.text, 0, len(view.text), _ESCAPED_LINE):
                yield Stretch(*view.span(stretch.start, stretch.end), stretch.decoded)


def _in_view(text: str, start: int, end: int, line: LazyPattern[str]) -> Iterator[Stretch]:
    for lines in _LINES.finditer(text, start, end) if _BREAK.search(text, start, end) else ():
        if lines[0].find("\n") > 0 and (stretch := _stretch(text, *lines.span())):
            yield stretch
    for run in line.finditer(text, start, end):
        whole = _stretch(text, *run.span())
        if whole is not None:
            yield whole
        elif any(mark in run[0] for mark in "/_-"):
            for segment in _SEGMENT.finditer(text, *run.span()):
                if part := _stretch(text, *segment.span()):
                    yield part


def _stretch(text: str, start: int, end: int) -> Stretch | None:
    decoded = text_in_base64(text[start:end])
    if decoded is None:
        return None
    padding = text[end : end + 2]
    return Stretch(start, end + len(padding) - len(padding.lstrip("=")), decoded.decode("latin-1"))
