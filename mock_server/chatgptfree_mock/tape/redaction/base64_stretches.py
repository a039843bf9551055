r"""
Stretches of base64 that hold text, within any text: as they are, cut into lines, and with escapes (`%2B`, `\/`).

A character of what is encoded is spread over two of the encoding, so a stretch is decoded, redacted and encoded anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from chatgptfree_mock.tape.decoding.base64_text import text_in_base64
from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.redaction.byte_search import ALPHANUMERIC, class_table, runs

VIEWS: Final = 128
"""How many ways of reading a part of a text are tried: with four codings in one another there are some dozens."""
_RUN: Final = class_table(ALPHANUMERIC + "+/_-")
_WINDOW: Final = class_table(ALPHANUMERIC + "+/_=-%\\&#;\r\n")
_SHORTEST: Final = 20
"""Characters of base64 that a name and a value need: `{"pin":"1234"}` is 19 without padding."""
_SEGMENT: Final = re.compile(r"(?<=/)[A-Za-z0-9+_-]{20,}+|(?<=[_-])(?:e[wy]|W[3y])[A-Za-z0-9+/_-]{18,}+")
"""What may be base64 by itself in a path, or behind a prefix: the latter begins as an object or a list of JSON does."""
_LINES: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}+(?:\r?\n[A-Za-z0-9+/_-]++)*+")
_LINE: Final = re.compile(r"[A-Za-z0-9+/_-]{20,}+")
_ESCAPED_LINE: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}+")
"""Where escapes are around it, a value alone is looked for as well."""
_ESCAPE: Final = re.compile(r"[%\\&]")
_BREAK: Final = re.compile(r"(?<=[A-Za-z0-9+/_-]{16})\r?\n[A-Za-z0-9+/_-]")


class Stretch(NamedTuple):
    """A part of a text that is base64 of *decoded*: UTF-8, one character a byte."""

    start: int
    end: int
    decoded: str


def base64_stretches(text: str) -> Iterator[Stretch]:
    """Yield the stretches of base64 in *text* that hold text, longer ones before those that they overlap."""
    data = text.encode("latin-1", "replace")
    for start, end in runs(data.translate(_WINDOW), _SHORTEST):
        seen = set[tuple[int, int]]()
        for stretch in sorted(_in_window(text, start, end), key=lambda each: each.start - each.end):
            if stretch[:2] not in seen:
                seen.add(stretch[:2])
                yield stretch


def _in_window(text: str, start: int, end: int) -> Iterator[Stretch]:
    yield from _in_plain(text, start, end, _LINE)
    if _ESCAPE.search(text, start, end):
        for view in located_views(text[start:end], most=VIEWS):
            if view.chain:
                for stretch in _in_plain(view.text, 0, len(view.text), _ESCAPED_LINE):
                    first, last = view.span(stretch.start, stretch.end)
                    yield Stretch(start + first, start + last, stretch.decoded)


def _in_plain(text: str, start: int, end: int, line: re.Pattern[str]) -> Iterator[Stretch]:
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
