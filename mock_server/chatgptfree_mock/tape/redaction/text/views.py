r"""
A piece of text decoded, with the way back: which characters of the source each decoded one comes from.

Redaction reads what the receiver would read (`\u0040` and `%40` are `@`) but edits the source, so that nothing else of
it changes.  All text is the UTF-8 of a body, one character a byte; decoded text is as well.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.findings import Secret

_JSON: Final = LazyPattern(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}"
    r"|x[0-9a-fA-F]{2}|.)",
    re.DOTALL,
)
_DECODER: Final = json.JSONDecoder(strict=False)
_JSON_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_HTML: Final = LazyPattern(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_URL: Final = LazyPattern(r"%[0-9A-Fa-f]{2}|\+")
_URL_ONLY: Final = LazyPattern(r"%[0-9A-Fa-f]{2}")


def as_bytes(text: str) -> str:
    """Return *text* as one character a byte of its UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def one_a_byte(text: str) -> str:
    """Return *text*, an address or a header as a file holds it, as all scanned text is: UTF-8 if it is not Latin-1."""
    if text.isascii():
        return text
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return as_bytes(text)
    return text


@lru_cache(4096)  # in a stream of Cyrillic the same escapes come again and again
def _json_character(escape: str) -> str:
    letter = escape[1]
    if letter == "u" and len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:12], 16)
        return as_bytes(chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)))
    if letter in "ux" and len(escape) > 2:
        code = int(escape[2:].strip("{}"), 16)
        return as_bytes(chr(code)) if code < 0x110000 else escape
    return _JSON_CHARACTERS.get(letter, letter)


def _html_character(entity: str) -> str:
    return as_bytes(html.unescape(entity if entity.endswith(";") else f"{entity};")) if entity[1:] else entity


def _url_character(escape: str) -> str:
    return " " if escape == "+" else chr(int(escape[1:], 16))


class TextView:
    """
    A decoded text, and how to get from a part of it to the part of the source that it comes from.

    *text*: what the source means, if it is known already.  The places are found when they are first asked for: most
    texts hold no secret.
    """

    def __init__(
        self, source: str, escapes: LazyPattern[str], character: Callable[[str], str], *, text: str | None = None
    ) -> None:
        self._undecoded, self._escapes, self._character = source, escapes, character
        self.text = escapes.sub(lambda found: character(found[0]), source) if text is None else text

    @cached_property
    def _escape_offsets(self) -> tuple[list[int], list[int]]:
        """Where each escape begins and ends, in the decoded text and in the source."""
        decoded, source = [0], [0]
        at = position = 0
        for found in self._escapes.finditer(self._undecoded):
            start, end = found.span()
            at += start - position
            length = len(self._character(found[0]))
            decoded += (at, at + length)
            source += (start, end)
            at, position = at + length, end
        return decoded, source

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the source that holds what *start* to *end* of the decoded text holds."""
        return self._to_source(start, last=False), self._to_source(end, last=True)

    def _to_source(self, at: int, *, last: bool) -> int:
        decoded, source = self._escape_offsets
        index = bisect_right(decoded, at) - 1
        if index % 2 == 0:
            return source[index] + at - decoded[index]
        inside = at > decoded[index]
        return source[index + 1] if inside and last else source[index]

    def back(self, secrets: Iterable[Secret], offset: int = 0) -> Iterable[Secret]:
        """Yield *secrets* of the decoded text as secrets of the source, which begins at *offset*."""
        for secret in secrets:
            spans = tuple(self.span(*span) for span in secret.spans)
            yield replace(secret, spans=spans).moved(offset)


def json_view(source: str) -> TextView:
    r"""Decode a string of JSON or JavaScript, without its quotes (RFC 8259, section 7; also `\x40` and `\u{40}`)."""
    return TextView(source, _JSON, _json_character, text=json_text(source))


def json_text(source: str) -> str:
    """Return what `json_view` decodes, without the way back."""
    if "\\" not in source:
        return source
    if "\\u" not in source:  # what `\u` spells becomes bytes
        try:
            text, end = _DECODER.raw_decode(f'"{source}"')
        except ValueError:  # an escape of JavaScript, or one that is cut off
            end = 0
        if end == len(source) + 2:
            return str(text)
    return _JSON.sub(lambda found: _json_character(found[0]), source)


def html_view(source: str) -> TextView:
    """Decode the character references of HTML (WHATWG HTML, 13.2.5.72)."""
    return TextView(source, _HTML, _html_character)


def url_view(source: str, *, plus: bool = True) -> TextView:
    """Decode percent-encoding, and a plus to a blank unless *plus* is off (WHATWG URL, 5.1)."""
    return TextView(source, _URL if plus else _URL_ONLY, _url_character)
