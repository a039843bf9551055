"""The characters of a text that has one for each byte of its UTF-8, and the way back to these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, unescaped

_LONGEST: Final = 3
"""The largest number of bytes after the first one of a character (RFC 3629, section 3)."""


class CharacterText:
    """A text as the characters that it means; what is not UTF-8 stays as it is."""

    def __init__(self, source: str) -> None:
        self.text = source if source.isascii() else unescaped(source)
        self._starts: list[int] | None = None
        if len(self.text) != len(source):
            sizes = (len(each.encode("utf-8", "surrogatepass")) for each in self.text)
            self._starts = [0, *accumulate(sizes)]

    def span(self, start: int, end: int) -> Span:
        """Return the part of the source that *start* to *end* of the text comes from."""
        return (self._starts[start], self._starts[end]) if self._starts else (start, end)


def with_whole_characters(secrets: Iterable[Secret], text: str) -> Iterator[Secret]:
    """Yield *secrets* of *text*, one character a byte, so that none ends within a character: it has the rest too."""
    if text.isascii():
        yield from secrets
        return
    for secret in secrets:
        spans = tuple(_widened(text, *span) for span in secret.spans)
        if spans == secret.spans:
            yield secret
        elif len(spans) == 1 and secret.value == text[slice(*secret.spans[0])]:
            yield replace(secret, spans=spans, value=text[slice(*spans[0])])
        else:
            yield replace(secret, spans=spans)


def _widened(text: str, start: int, end: int) -> Span:
    first, last = max(0, start - _LONGEST), min(len(text), end + _LONGEST)
    while start > first and _continues(text, start):
        start -= 1
    while end < last and _continues(text, end):
        end += 1
    return start, end


def _continues(text: str, at: int) -> bool:
    return "\x80" <= text[at] < "\xc0" and text[at - 1] >= "\x80"


def whole_characters(text: str, start: int, end: int) -> Span:
    """Return *start* and *end* moved inwards so that they cut no character of *text*, one character a byte."""
    while start < end and "\x80" <= text[start] < "\xc0":
        start += 1
    while end > start and end < len(text) and "\x80" <= text[end] < "\xc0":
        end -= 1
    return start, end
