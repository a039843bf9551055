"""The decodings of a text in which single characters are escaped: HTML, JSON, JavaScript and percent-encoding."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import quote, unquote

from msgspec import Struct

Decoding = Literal["html", "json", "javascript", "url", "base64"]
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST: Final = 0x10FFFF


class Escapes(Struct, frozen=True, kw_only=True):
    """
    How one decoding escapes characters.

    *pattern*: one escape.  *meaning*: returns the characters that a match encodes.  *own*: the escapes that only this
    decoding has; a text without any of them needs another decoding, or none.
    """

    pattern: re.Pattern[str]
    meaning: Callable[[re.Match[str]], str]
    own: re.Pattern[str]

    def decoded(self, text: str) -> str:
        """Return *text* with all escapes decoded."""
        return self.pattern.sub(self.meaning, text)


def _html(found: re.Match[str]) -> str:
    return html.unescape(found[0])


def _backslash(found: re.Match[str]) -> str:
    digits = found[0][2:]
    if not digits:
        return _SIMPLE.get(found[0][1], found[0][1])
    if len(digits) == _PAIR_DIGITS:
        high, low = int(digits[:4], 16), int(digits[6:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    number = int(digits.strip("{}"), 16)
    return chr(number) if number <= _LAST else found[0]


def _url(found: re.Match[str]) -> str:
    return unquote(found[0], errors="replace")


_HTML: Final = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][^\t\n\f <&#;]{0,31};?)")
_PAIR: Final = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
"""Two escapes of UTF-16 that are one character (RFC 8259 section 7)."""
_PAIR_DIGITS: Final = len("d83d\\ude00")
_JSON: Final = re.compile(rf'\\(?:{_PAIR}|u[0-9a-fA-F]{{4}}|["\\/bfnrt])')
_JAVASCRIPT: Final = re.compile(
    rf"\\(?:{_PAIR}|u[0-9a-fA-F]{{4}}|x[0-9a-fA-F]{{2}}|u\{{[0-9a-fA-F]{{1,6}}\}}|[^ux\d\r\n])"
)
_PERCENT: Final = re.compile(
    r"%[c-dC-D][0-9A-Fa-f]%[89abAB][0-9A-Fa-f]|%[eE][0-9A-Fa-f](?:%[89abAB][0-9A-Fa-f]){2}"
    r"|%[fF][0-7](?:%[89abAB][0-9A-Fa-f]){3}|%[0-9A-Fa-f]{2}"
)
"""One character of UTF-8 (RFC 3629 section 4), or a byte that is part of none."""
_TO_BE_ESCAPED: Final = re.compile(r"[&<>\"'\\\r\n]")
"""Characters that HTML escapes, and those that JSON around it escapes."""

ESCAPES: Final[dict[Decoding, Escapes]] = {
    "html": Escapes(pattern=_HTML, meaning=_html, own=_HTML),
    "json": Escapes(pattern=_JSON, meaning=_backslash, own=_JSON),
    "javascript": Escapes(
        pattern=_JAVASCRIPT, meaning=_backslash, own=re.compile(r"\\(?:[x']|u\{|[^u\d\r\n\"\\/bfnrt])")
    ),
    "url": Escapes(pattern=_PERCENT, meaning=_url, own=_PERCENT),
}
"""By decoding, see WHATWG HTML 13.5, RFC 8259 section 7, ECMA-262 section 12.9.4 and RFC 3986 section 2.1."""


def escaped(text: str, name: Decoding) -> str:
    """Return *text* in one coding, which may not be base64, so that it holds no character with a meaning there."""
    if name == "url":
        return quote(text, safe="", errors="surrogateescape")
    if name == "html":
        return _TO_BE_ESCAPED.sub(lambda found: f"&#{ord(found[0])};", text)
    return json.dumps(text)[1:-1]
