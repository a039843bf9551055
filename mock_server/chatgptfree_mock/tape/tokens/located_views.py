"""
The views of a text with the way back: where in the text each character of a decoded view comes from.

`decodings` only asks whether a value can be read; here it is found, so that another value can be put in its place.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from chatgptfree_mock.tape.tokens.record import Decoding

MOST: Final = 32
"""Views of one text, besides those of the base64 in it."""
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST: Final = 0x10FFFF


def _html(found: re.Match[str]) -> str:
    return html.unescape(found[0])


def _backslash(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return _SIMPLE.get(found[4], found[4])
    number = int(digits, 16)
    return chr(number) if number <= _LAST else found[0]


def _url(found: re.Match[str]) -> str:
    return unquote(found[0], errors="surrogateescape")


_ESCAPES: Final[dict[Decoding, tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]] = {
    "html": (re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][^\t\n\f <&#;]{0,31};?)"), _html),
    "json": (re.compile(r'\\(?:u([0-9a-fA-F]{4})|(?!)()|(?!)()|(["\\/bfnrt]))'), _backslash),
    "javascript": (
        re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|([^ux\d\r\n]))"),
        _backslash,
    ),
    "url": (re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+|%[0-7][0-9A-Fa-f]"), _url),
}
"""By decoding: its escapes, and what each means (WHATWG HTML 13.5, RFC 8259 7, ECMA-262 12.9.4, RFC 3986 2.1)."""
_BEYOND_JSON: Final = ("\\x", "\\u{", "\\'")
_SIGNS: Final[dict[Decoding, tuple[str, ...]]] = {
    "html": ("&",),
    "json": ("\\",),
    "javascript": _BEYOND_JSON,
    "url": ("%",),
}
"""What a text has at least if a decoding changes it."""


@dataclass(frozen=True, kw_only=True)
class LocatedView:
    """What a text reads like after *chain*; *parent* is the view before the last decoding, None for the text itself."""

    text: str
    chain: tuple[Decoding, ...] = ()
    parent: LocatedView | None = None
    escapes: tuple[tuple[int, int, int, int], ...] = field(default=(), repr=False)
    """Each escape: where it starts and ends in the parent's text, and in this one."""

    def source(self, at: int) -> int | None:
        """Return where position *at* is in the undecoded text; None in the middle of one escape."""
        if self.parent is None:
            return at
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return self.parent.source(at)
        start, end, here, here_end = self.escapes[index]
        if at == here:
            return self.parent.source(start)
        return None if at < here_end else self.parent.source(end + at - here_end)

    @cached_property
    def _starts(self) -> list[int]:
        return [here for _, _, here, _ in self.escapes]


def located_views(text: str) -> Iterator[LocatedView]:
    """Yield the views of *text*, itself first and then by the length of their chains; base64 is not decoded."""
    seen = {text}
    waiting = deque([LocatedView(text=text)])
    made = 0
    while waiting and made < MOST:
        view = waiting.popleft()
        made += 1
        yield view
        for name in _ESCAPES:
            decoded = _decoded(view, name)
            if decoded is not None and decoded.text not in seen:
                seen.add(decoded.text)
                waiting.append(decoded)


def unescaped(text: str, name: Decoding) -> str:
    """Return *text* after one decoding; base64 is none of them."""
    pattern, decode = _ESCAPES[name]
    return pattern.sub(decode, text)


def _decoded(view: LocatedView, name: Decoding) -> LocatedView | None:
    if not any(sign in view.text for sign in _SIGNS[name]):
        return None
    pattern, decode = _ESCAPES[name]
    parts: list[str] = []
    escapes: list[tuple[int, int, int, int]] = []
    at = length = 0
    for found in pattern.finditer(view.text):
        start, end = found.span()
        character = decode(found)
        length += start - at
        parts += (view.text[at:start], character)
        escapes.append((start, end, length, length + len(character)))
        at, length = end, length + len(character)
    parts.append(view.text[at:])
    return LocatedView(text="".join(parts), chain=(*view.chain, name), parent=view, escapes=tuple(escapes))
