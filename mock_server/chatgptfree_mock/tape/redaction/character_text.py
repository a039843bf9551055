"""The characters of a text that has one for each byte of its UTF-8, and the way back to these."""

from __future__ import annotations

from itertools import accumulate

from chatgptfree_mock.tape.redaction.findings import Span, unescaped


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


def whole_characters(text: str, start: int, end: int) -> Span:
    """Return *start* and *end* moved inwards so that they cut no character of *text*, one character a byte."""
    while start < end and "\x80" <= text[start] < "\xc0":
        start += 1
    while end > start and end < len(text) and "\x80" <= text[end] < "\xc0":
        end -= 1
    return start, end
