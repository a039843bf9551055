"""The decodings of a text in which single characters are escaped: HTML, JSON, JavaScript and percent-encoding."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from chatgptfree_mock.tape.tokens.record import Decoding

_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Escapes:
    """
    How one decoding escapes characters.

    *pattern*: one escape.  *meaning*: the characters that a match of it stands for.  *own*: the escapes that only this
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
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return _SIMPLE.get(found[4], found[4])
    number = int(digits, 16)
    return chr(number) if number <= _LAST else found[0]


def _url(found: re.Match[str]) -> str:
    return unquote(found[0], errors="replace")


_HTML: Final = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][^\t\n\f <&#;]{0,31};?)")
_JSON: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(?!)()|(?!)()|(["\\/bfnrt]))')
_JAVASCRIPT: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|([^ux\d\r\n]))")
_PERCENT: Final = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+|%[0-7][0-9A-Fa-f]")

ESCAPES: Final[dict[Decoding, Escapes]] = {
    "html": Escapes(pattern=_HTML, meaning=_html, own=_HTML),
    "json": Escapes(pattern=_JSON, meaning=_backslash, own=_JSON),
    "javascript": Escapes(
        pattern=_JAVASCRIPT, meaning=_backslash, own=re.compile(r"\\(?:[x']|u\{|[^u\d\r\n\"\\/bfnrt])")
    ),
    "url": Escapes(pattern=_PERCENT, meaning=_url, own=_PERCENT),
}
"""By decoding, see WHATWG HTML 13.5, RFC 8259 section 7, ECMA-262 section 12.9.4 and RFC 3986 section 2.1."""
