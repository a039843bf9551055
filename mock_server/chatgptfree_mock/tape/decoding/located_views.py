"""
The views of a text with positions: where in the text each character of a decoded view comes from.

`decodings` only answers whether a value can be read; with positions, another value can be put in its place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Final

from chatgptfree_mock.tape.decoding.escapes import ESCAPES, Decoding

MOST: Final = 32
"""The greatest number of views of one text, without those of the base64 in it."""
_AT_LEAST: Final = 1 << 16
_TIMES: Final = 32
"""All views together have up to `_AT_LEAST` characters, or `_TIMES` those of the text."""


@dataclass(frozen=True, kw_only=True)
class LocatedView:
    """A text after the decodings of *chain*; *parent*: the view before the last one, None for the text itself."""

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

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the undecoded text that *start* to *end* comes from, escapes as a whole."""
        while (first := self.source(start)) is None:
            start -= 1
        while (last := self.source(end)) is None:
            end += 1
        return first, last

    @cached_property
    def _starts(self) -> list[int]:
        return [here for _, _, here, _ in self.escapes]


def located_views(text: str, *, most: int = MOST) -> Iterator[LocatedView]:
    """Yield up to *most* views of *text*, itself first, then by the length of their chains; base64 is not decoded."""
    seen = {text}
    waiting = deque([LocatedView(text=text)])
    left, made = max(_AT_LEAST, _TIMES * len(text)), 0
    while waiting and made < most:
        view = waiting.popleft()
        made += 1
        yield view
        for name in ESCAPES if left > 0 else ():
            decoded = _decoded(view, name)
            if decoded is not None and decoded.text not in seen:
                seen.add(decoded.text)
                left -= len(decoded.text)
                waiting.append(decoded)


def _decoded(view: LocatedView, name: Decoding) -> LocatedView | None:
    escapes = ESCAPES[name]
    if not escapes.own.search(view.text):
        return None
    parts: list[str] = []
    places: list[tuple[int, int, int, int]] = []
    at = length = 0
    for found in escapes.pattern.finditer(view.text):
        start, end = found.span()
        character = escapes.meaning(found)
        if character == found[0]:
            continue
        if len(character) > 1:  # `&notit` is `¬it`, and only `&not` an escape
            kept = _same_ending(found[0], character)
            end, character = end - kept, character[: len(character) - kept]
        length += start - at
        parts += (view.text[at:start], character)
        places.append((start, end, length, length + len(character)))
        at, length = end, length + len(character)
    parts.append(view.text[at:])
    return LocatedView(text="".join(parts), chain=(*view.chain, name), parent=view, escapes=tuple(places))


def _same_ending(one: str, other: str) -> int:
    """Return how many characters both end with."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
