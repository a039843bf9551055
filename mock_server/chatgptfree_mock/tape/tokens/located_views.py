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
from typing import Final

from chatgptfree_mock.tape.tokens.escapes import ESCAPES
from chatgptfree_mock.tape.tokens.record import Decoding

MOST: Final = 32
"""The greatest number of views of one text, without those of the base64 in it."""


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
        for name in ESCAPES:
            decoded = _decoded(view, name)
            if decoded is not None and decoded.text not in seen:
                seen.add(decoded.text)
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
        length += start - at
        parts += (view.text[at:start], character)
        places.append((start, end, length, length + len(character)))
        at, length = end, length + len(character)
    parts.append(view.text[at:])
    return LocatedView(text="".join(parts), chain=(*view.chain, name), parent=view, escapes=tuple(places))
