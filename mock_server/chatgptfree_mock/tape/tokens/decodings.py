"""
The views of a text: itself, and what it reads like once its HTML, JSON, JavaScript, URL or base64 is decoded.

Views are made until nothing new comes, the shortest chain first.  Every view is about as long as the text, and there
are at most `MOST`, so that the work grows with the text and not with the square of it.
"""

from __future__ import annotations

import base64
import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from chatgptfree_mock.tape.tokens.record import Decoding

MOST: Final = 16
"""Views of one text; deeper nesting than this has not been met."""
_JSON: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_JAVASCRIPT: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|([^ux\d\r\n]))")
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/_=-])")
_CHARACTERS: Final = 0x110000


def views(text: str) -> Iterator[tuple[tuple[Decoding, ...], str]]:
    """Yield chains of decodings and the text that each leads to, *text* itself first."""
    seen = {text}
    waiting: deque[tuple[tuple[Decoding, ...], str]] = deque([((), text)])
    made = 0
    while waiting and made < MOST:
        chain, view = waiting.popleft()
        made += 1
        yield chain, view
        for name, decode in _DECODERS.items():
            decoded = decode(view)
            if decoded and decoded not in seen:
                seen.add(decoded)
                waiting.append(((*chain, name), decoded))


def _html(text: str) -> str:
    return html.unescape(text) if "&" in text else ""


def _url(text: str) -> str:
    return unquote(text, errors="replace") if "%" in text else ""


def _json(text: str) -> str:
    return _JSON.sub(_json_character, text) if "\\" in text else ""


def _json_character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _SIMPLE.get(found[2], found[2])


def _javascript(text: str) -> str:
    """Decode what JSON has no word for (ECMA-262 section 12.9.4); what both have is `_json`'s."""
    if "\\x" not in text and "\\u{" not in text and "\\'" not in text:
        return ""
    return _JAVASCRIPT.sub(_javascript_character, text)


def _javascript_character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return _SIMPLE.get(found[4], found[4])
    number = int(digits, 16)
    return chr(number) if number < _CHARACTERS else found[0]


def _base64(text: str) -> str:
    """Return what the stretches of base64 in *text* hold, a line each; what is not text is left out."""
    return "\n".join(filter(None, (_decoded(found[0]) for found in _BASE64.finditer(text))))


def _decoded(stretch: str) -> str:
    plain = stretch.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return ""
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except ValueError:
        return ""
    return decoded if decoded.isprintable() else ""


_DECODERS: Final[dict[Decoding, Callable[[str], str]]] = {
    "html": _html,
    "json": _json,
    "javascript": _javascript,
    "url": _url,
    "base64": _base64,
}
