"""
The views of a text: the text itself, and the results of decoding HTML, JSON, JavaScript, percent-encoding and base64.

Decoding is repeated until it gives nothing new, the shortest chain of decodings first.  A decoded view holds only the
surroundings of what was decoded, so deep nesting is cheap: all views together are a few times as long as the text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from chatgptfree_mock.tape.decoding import base64_text
from chatgptfree_mock.tape.decoding.escapes import ESCAPES, Decoding, Escapes

MOST: Final = 128
"""The greatest number of views of one text."""
_TIMES: Final = 6
_AT_LEAST: Final = 1 << 22
"""All views together have up to this many characters, or `_TIMES` those of the text."""
_AROUND: Final = 160
"""Characters that a view keeps before and after a decoded one, since the name of a value may be there."""
_FARTHEST: Final = 8192
"""The greatest number of characters by which a view is extended to begin and end at a border."""
_BORDERS: Final = " \t\r\n\"'<>"
CUT: Final = "\0"
"""Marks omitted text in a view; it is never part of a value, and does not delimit one."""


def views(text: str) -> Iterator[tuple[tuple[Decoding, ...], str]]:
    """Yield chains of decodings and the text that each leads to, *text* itself first."""
    seen = {text}
    waiting: deque[tuple[tuple[Decoding, ...], str]] = deque([((), text)])
    left = max(_AT_LEAST, _TIMES * len(text))
    while waiting:
        chain, view = waiting.popleft()
        yield chain, view
        for name, decode in _DECODERS.items():
            if left <= 0 or len(seen) >= MOST:
                break
            decoded = decode(view)
            if decoded and decoded not in seen:
                seen.add(decoded)
                left -= len(decoded)
                waiting.append(((*chain, name), decoded))


def _unescaped(escapes: Escapes, text: str) -> str:
    """Return the decoded surroundings of the *escapes* in *text*; empty if it has none of their own."""
    return "".join(_excerpt(escapes, text, start, end) for start, end in _spans(escapes, text))


def _excerpt(escapes: Escapes, text: str, start: int, end: int) -> str:
    before, after = CUT if start else "", CUT if end < len(text) else ""
    return before + escapes.decoded(text[start:end]) + after


def _spans(escapes: Escapes, text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of *text* around its escapes, from border to border."""
    start = end = -1
    for found in escapes.own.finditer(text):
        if end < 0 or found.start() - _AROUND > end:
            if end >= 0:
                yield start, end
            start = _left_border(text, found.start())
        if found.end() + _AROUND > end:
            end = _right_border(text, found.end())
    if end >= 0:
        yield start, end


def _left_border(text: str, at: int) -> int:
    start = max(0, at - _AROUND)
    last = max(0, start - _FARTHEST)
    while start > last and text[start] not in _BORDERS:
        start -= 1
    return start


def _right_border(text: str, at: int) -> int:
    end = min(len(text), at + _AROUND)
    last = min(len(text), end + _FARTHEST)
    while end < last and text[end - 1] not in _BORDERS:
        end += 1
    return end


def _from_base64(text: str) -> str:
    """Return the texts that the base64 in *text* encodes, a line each."""
    return "\n".join(filter(None, map(base64_text.decoded, base64_text.STRETCH.findall(text))))


_DECODERS: Final[dict[Decoding, Callable[[str], str]]] = {
    **{name: partial(_unescaped, escapes) for name, escapes in ESCAPES.items()},
    "base64": _from_base64,
}
"""By decoding: from a text to what it is decoded to; empty if it has nothing to decode."""
