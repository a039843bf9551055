"""
The views of a text: itself, and what it reads like once its HTML, JSON, JavaScript, URL or base64 is decoded.

Views are made until nothing new comes, the shortest chain first.  A decoded view holds only the surroundings of what
was decoded, so that deep nesting costs little, and all views together are a few times as long as the text.
"""

from __future__ import annotations

import base64
import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from chatgptfree_mock.tape.tokens.record import Decoding

MOST: Final = 128
"""Views of one text."""
_TIMES: Final = 6
_AT_LEAST: Final = 1 << 22
"""All views together have up to this many characters, or `_TIMES` those of the text."""
_AROUND: Final = 160
"""Characters before and behind a decoded one that its view keeps: the name of a value is there."""
_FARTHEST: Final = 8192
"""Characters that a view is extended by to begin and end at a border."""
_BORDERS: Final = " \t\r\n\"'<>"
CUT: Final = "\0"
"""What a view has where something was left out: neither a part of a value nor the end of one."""
_JSON: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_JAVASCRIPT: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|([^ux\d\r\n]))")
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")
_CHARACTERS: Final = 0x110000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Escapes:
    """A coding in which characters of a text are escaped: the pattern of *escapes*, and what decodes a text."""

    escapes: re.Pattern[str]
    decode: Callable[[str], str]

    def __call__(self, text: str) -> str:
        """Return the decoded surroundings of the escapes in *text*; empty if there are none."""
        return "".join(self._decoded(text, start, end) for start, end in self._spans(text))

    def _decoded(self, text: str, start: int, end: int) -> str:
        before, behind = CUT if start else "", CUT if end < len(text) else ""
        return before + self.decode(text[start:end]) + behind

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        start = end = -1
        for found in self.escapes.finditer(text):
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


def _json(text: str) -> str:
    return _JSON.sub(_json_character, text)


def _json_character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _SIMPLE.get(found[2], found[2])


def _javascript(text: str) -> str:
    return _JAVASCRIPT.sub(_javascript_character, text)


def _javascript_character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return _SIMPLE.get(found[4], found[4])
    number = int(digits, 16)
    return chr(number) if number < _CHARACTERS else found[0]


def _url(text: str) -> str:
    return unquote(text, errors="replace")


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
    return decoded if all(character.isprintable() or character in "\r\n\t" for character in decoded) else ""


_DECODERS: Final[dict[Decoding, Callable[[str], str]]] = {
    "html": _Escapes(escapes=re.compile("&(?:#|[A-Za-z])"), decode=html.unescape),
    "json": _Escapes(escapes=_JSON, decode=_json),
    # What JSON has no word for (ECMA-262 section 12.9.4); what both have is `json`.
    "javascript": _Escapes(escapes=re.compile(r"\\(?:[x']|u\{|[^u\d\r\n\"\\/bfnrt])"), decode=_javascript),
    "url": _Escapes(escapes=re.compile("%[0-9A-Fa-f]{2}"), decode=_url),
    "base64": _base64,
}
