"""
Slots: the places of token values in a text, in any spelling, and how they are filled with other values.

A new value keeps the punctuation of the old one, so it keeps its spelling too: each equal character is copied with its
escape.  Base64 is decoded, filled and encoded again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import quote

from msgspec import Struct

from chatgptfree_mock.tape.decoding import base64_text
from chatgptfree_mock.tape.decoding.escapes import ESCAPES, Decoding
from chatgptfree_mock.tape.decoding.located_views import LocatedView, located_views
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.tokens.lookup import is_joined, is_whole_value

_SURE: Final = 8
"""A value of at least so many characters needs no letter or digit beside it; a shorter one must be a whole value."""
_DEEPEST: Final = 3
_PARAMETER: Final = LazyPattern(r"(?:[?&]|&(?:amp|#38|#x26);|\\u0026)[\w.~%\[\]-]{1,100}=\Z")
"""What is in front of a value in the query of an address (RFC 3986, section 3.4)."""


class Slot(Struct, frozen=True, kw_only=True):
    """The place of one value, or of base64 that encodes values."""

    start: int
    end: int
    """In characters of the text."""
    chain: tuple[Decoding, ...]
    """The decodings after which the value can be read."""
    value: str
    """The decoded content: a value, or the base64."""
    spelling: tuple[str, ...]
    """The spelling of each character of `value` in the text."""
    inner: tuple[Slot, ...] = ()
    """The slots in the decoded base64; empty for a value."""
    in_query: bool = False
    """Whether it is in the query of an address, where a value with other signs has to be percent-encoded."""

    @property
    def values(self) -> frozenset[str]:
        """Return the recorded values in whose place others are filled in."""
        return frozenset().union(*(each.values for each in self.inner)) if self.inner else frozenset({self.value})

    def filled(self, new: Mapping[str, str]) -> str:
        """Return the text of the slot with *new* values, by the recorded ones."""
        value = _recoded(self.value, self.inner, new) if self.inner else new[self.value]
        if "url" not in self.chain and "".join(self.spelling) == self.value:
            return self._escaped(value)  # spelled as it is, so a new one is as well, unless it is in a query
        if len(value) != len(self.value):
            return self._escaped(value)
        return "".join(
            spelled if now == then else self._escaped(now)
            for now, then, spelled in zip(value, self.value, self.spelling, strict=True)
        )

    def _escaped(self, text: str) -> str:
        return quote(text, safe="") if "url" in self.chain or self.in_query else text


def find_slots(
    text: str, values: Collection[str], kept: Collection[str] = (), *, deepest: int = _DEEPEST
) -> Iterator[Slot]:
    """
    Yield the places of *values* in *text* and in all of its decoded views; a place comes once for each view.

    Args:
        text: a body, or the value of a header.
        values: the values to find.
        kept: further values to find, which are never filled, see `layout`.
        deepest: how many times base64 within base64 is decoded.
    """
    return _Search(values, kept).slots(text, deepest)


class Layout(NamedTuple):
    """The slots of a text: those to fill, and those whose values follow from filled ones."""

    filled: tuple[Slot, ...] = ()
    """In order, without overlaps."""
    derived: tuple[Slot, ...] = ()
    """Each contains filled slots, such as a cookie whose decoded value is filled in."""


def layout(slots: Iterable[Slot], kept: Collection[str] = ()) -> Layout:
    """
    Return the layout of *slots* (see `find_slots`): of several in one place, the most decoded is filled.

    Of values in one another, the inner one is filled, however often the outer one is decoded; base64 comes first.

    *kept* are values that are never filled themselves; they only follow from those in them.
    """
    shortest: dict[tuple[int, int, str, bool], Slot] = {}
    for slot in slots:
        key = slot.start, slot.end, slot.value, bool(slot.inner)
        shortest.setdefault(key, slot)
        shortest[key] = min(shortest[key], slot, key=lambda each: len(each.chain))
    filled: list[Slot] = []
    derived: list[Slot] = []
    for slot in sorted(shortest.values(), key=_rank):
        within = [each for each in filled if slot.start < each.end and each.start < slot.end]
        if not within:
            filled += [] if slot.value in kept and not slot.inner else [slot]
        elif not slot.inner and all(slot.start <= each.start and each.end <= slot.end for each in within):
            derived.append(slot)
    return Layout(tuple(sorted(filled, key=lambda each: each.start)), tuple(derived))


def _rank(slot: Slot) -> tuple[bool, int, int]:
    """Return the place of *slot* in the order in which slots are filled, where they have characters in common."""
    size = slot.end - slot.start
    return (False, -len(slot.chain), size) if slot.inner else (True, size, -len(slot.chain))


def fill(text: str, slots: Sequence[Slot], new: Mapping[str, str], *, start: int = 0, end: int | None = None) -> str:
    """
    Return *text* with *new* values in it.

    Args:
        text: the text with the slots.
        slots: the slots to fill, see `layout`.
        new: the new values by the recorded ones.
        start: where the returned part begins.
        end: where it ends; by default at the end of the text.
    """
    parts: list[str] = []
    at, last = start, len(text) if end is None else end
    for slot in slots:
        if start <= slot.start and slot.end <= last:
            parts += (text[at : slot.start], slot.filled(new))
            at = slot.end
    return "".join([*parts, text[at:last]])


def derived_values(text: str, found: Layout, new: Mapping[str, str]) -> dict[str, str]:
    """Return the values of derived slots after *new* values were filled in, by the recorded values."""
    return {
        slot.value: _read(fill(text, found.filled, new, start=slot.start, end=slot.end), slot.chain)
        for slot in found.derived
    }


def _read(text: str, chain: Sequence[Decoding]) -> str:
    for name in chain:
        text = base64_text.decoded(text) if name == "base64" else ESCAPES[name].decoded(text)
    return text


class _Search:
    """Looks for *values*; each text in base64 is decoded and searched once, however many views show it."""

    def __init__(self, values: Collection[str], kept: Collection[str]) -> None:
        self._values, self._kept = dict.fromkeys((*values, *kept)), kept
        self._in_stretch: dict[tuple[str, int], tuple[Slot, ...]] = {}

    def slots(self, text: str, depth: int) -> Iterator[Slot]:
        """Yield the slots of *text*, and of the base64 within base64 as far as *depth*."""
        for view in located_views(text):
            for value in self._values:
                for at in _offsets(view.text, value):
                    slot = _slot(text, view, at, value)
                    if slot is not None:
                        yield slot
            if depth:
                yield from self._in_base64(text, view, depth)

    def _in_base64(self, text: str, view: LocatedView, depth: int) -> Iterator[Slot]:
        for found in base64_text.STRETCH.finditer(view.text):
            inner = self._inner(found[0], depth - 1)
            filled = layout(inner, self._kept).filled if inner else ()
            for each in inner if filled else ():  # each way of reading it is a slot, so that all chains are known
                slot = _slot(text, view, found.start(), found[0], inner=each, filled=filled)
                if slot is not None:
                    yield slot

    def _inner(self, stretch: str, depth: int) -> tuple[Slot, ...]:
        key = stretch, depth
        if key not in self._in_stretch:
            decoded = base64_text.decoded(stretch)
            self._in_stretch[key] = tuple(self.slots(decoded, depth)) if decoded else ()
        return self._in_stretch[key]


def _slot(
    text: str, view: LocatedView, at: int, value: str, *, inner: Slot | None = None, filled: tuple[Slot, ...] = ()
) -> Slot | None:
    borders = [view.source(place) for place in range(at, at + len(value) + 1)]
    if None in borders:
        return None
    known = [border for border in borders if border is not None]
    chain = view.chain if inner is None else (*view.chain, "base64", *inner.chain)
    return Slot(
        start=known[0],
        end=known[-1],
        chain=chain,
        value=value,
        spelling=tuple(text[start:end] for start, end in pairwise(known)),
        inner=filled,
        in_query=bool(_PARAMETER.search(view.text[max(0, at - 120) : at])) and quote(value, safe="") == value,
    )


def _offsets(text: str, value: str) -> Iterator[int]:
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) : at + len(value) + 1]
        starts = is_joined(before, value) or not _is_word(before)
        alone = len(value) >= _SURE and starts and not _is_word(after)
        if alone or is_whole_value(text, at, after):
            yield at
        at = text.find(value, at + 1)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _recoded(stretch: str, slots: Sequence[Slot], new: Mapping[str, str]) -> str:
    """Return *stretch* with *new* values in the text that it encodes."""
    return base64_text.encoded_like(fill(base64_text.decoded(stretch), slots, new).encode(), stretch)
