"""
Slots: where a text holds the values of tokens, however they are spelled there, and how another value goes in.

Only letters and digits of a value change, so a new value is spelled as the old one was: each character that is the same
is copied as it stands, with its escape.  Base64 is decoded, filled and encoded again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import quote

from chatgptfree_mock.tape.tokens.located_views import LocatedView, located_views, unescaped
from chatgptfree_mock.tape.tokens.lookup import is_leaf
from chatgptfree_mock.tape.tokens.record import Decoding

_SURE: Final = 8
"""Characters from which on a value is one wherever no letter or digit is beside it; a shorter one must be a leaf."""
_DEEPEST: Final = 3
_STRETCH: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One value, or base64 that holds values, and where it is."""

    start: int
    end: int
    """In characters of the text."""
    chain: tuple[Decoding, ...]
    """What has to be decoded before the value can be read."""
    value: str
    """What the slot holds, decoded: a value, or the base64."""
    spelling: tuple[str, ...]
    """How the text spells each character of it."""
    inner: tuple[Slot, ...] = ()
    """What the decoded base64 holds; empty for a value."""

    @property
    def values(self) -> frozenset[str]:
        """Return the values that go in."""
        return frozenset().union(*(each.values for each in self.inner)) if self.inner else frozenset({self.value})

    def filled(self, new: Mapping[str, str]) -> str:
        """Return the text of the slot with *new* values, by the recorded ones."""
        value = _recoded(self.value, self.inner, new) if self.inner else new[self.value]
        if len(value) != len(self.value):
            return self._escaped(value)
        return "".join(
            spelled if now == then else self._escaped(now)
            for now, then, spelled in zip(value, self.value, self.spelling, strict=True)
        )

    def _escaped(self, text: str) -> str:
        return quote(text, safe="") if "url" in self.chain else text


def find_slots(text: str, values: Collection[str]) -> tuple[Slot, ...]:
    """
    Return where *text* holds *values*, in every way of reading it; a place is listed once for each.

    Args:
        text: a body, or the value of a header.
        values: what is looked for.
    """
    return tuple(_found(text, values, _DEEPEST))


class Layout(NamedTuple):
    """What becomes of the slots of a text: those that are filled, and those whose values follow from these."""

    filled: tuple[Slot, ...] = ()
    """In order, and apart."""
    derived: tuple[Slot, ...] = ()
    """Each holds filled ones, such as a cookie whose decoded value is filled in."""


def layout(slots: Sequence[Slot]) -> Layout:
    """Return which of *slots*, as `find_slots` returns them, are filled: of several in one place the most decoded."""
    shortest: dict[tuple[int, int, str], Slot] = {}
    for slot in slots:
        key = slot.start, slot.end, slot.value
        shortest.setdefault(key, slot)
        shortest[key] = min(shortest[key], slot, key=lambda each: len(each.chain))
    filled: list[Slot] = []
    derived: list[Slot] = []
    for slot in sorted(shortest.values(), key=lambda each: (-len(each.chain), each.end - each.start)):
        within = [each for each in filled if slot.start < each.end and each.start < slot.end]
        if not within:
            filled.append(slot)
        elif not slot.inner and all(slot.start <= each.start and each.end <= slot.end for each in within):
            derived.append(slot)
    return Layout(tuple(sorted(filled, key=lambda each: each.start)), tuple(derived))


def fill(text: str, slots: Sequence[Slot], new: Mapping[str, str], *, start: int = 0, end: int | None = None) -> str:
    """
    Return *text* with *new* values in it.

    Args:
        text: what has the slots.
        slots: those that are filled, see `layout`.
        new: the values by the recorded ones.
        start: where the part begins that is returned.
        end: where it ends; by default with the text.
    """
    parts: list[str] = []
    at, last = start, len(text) if end is None else end
    for slot in slots:
        if start <= slot.start and slot.end <= last:
            parts += (text[at : slot.start], slot.filled(new))
            at = slot.end
    return "".join([*parts, text[at:last]])


def derived_values(text: str, found: Layout, new: Mapping[str, str]) -> dict[str, str]:
    """Return the values that follow from *new* ones, by the recorded ones: what a reader of the filled text reads."""
    return {
        slot.value: _read(fill(text, found.filled, new, start=slot.start, end=slot.end), slot.chain)
        for slot in found.derived
    }


def _read(text: str, chain: Sequence[Decoding]) -> str:
    for name in chain:
        text = _decoded(text) if name == "base64" else unescaped(text, name)
    return text


def _found(text: str, values: Collection[str], depth: int) -> Iterator[Slot]:
    for view in located_views(text):
        for value in values:
            for at in _places(view.text, value):
                slot = _slot(text, view, at, value)
                if slot is not None:
                    yield slot
        if depth:
            yield from _in_base64(text, view, values, depth)


def _in_base64(text: str, view: LocatedView, values: Collection[str], depth: int) -> Iterator[Slot]:
    for found in _STRETCH.finditer(view.text):
        decoded = _decoded(found[0])
        inner = tuple(_found(decoded, values, depth - 1)) if decoded else ()
        for each in inner:  # each way of reading it is a slot, so that all chains are known
            slot = _slot(text, view, found.start(), found[0], inner=each, others=inner)
            if slot is not None:
                yield slot


def _slot(
    text: str, view: LocatedView, at: int, value: str, *, inner: Slot | None = None, others: Sequence[Slot] = ()
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
        inner=layout(others).filled,
    )


def _places(text: str, value: str) -> Iterator[int]:
    at = text.find(value)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(value) : at + len(value) + 1]
        alone = len(value) >= _SURE and not (_is_word(before) or _is_word(after))
        if alone or is_leaf(text, at, after):
            yield at
        at = text.find(value, at + 1)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _decoded(stretch: str) -> str:
    plain = stretch.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return ""
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except ValueError:
        return ""
    return decoded if all(each.isprintable() or each in "\r\n\t" for each in decoded) else ""


def _recoded(stretch: str, slots: Sequence[Slot], new: Mapping[str, str]) -> str:
    """Return *stretch* with *new* values in what it encodes, in the same alphabet and with as much padding."""
    data = fill(_decoded(stretch), slots, new).encode()
    encode = base64.urlsafe_b64encode if "-" in stretch or "_" in stretch else base64.b64encode
    encoded = encode(data).decode()
    padded = stretch.endswith("=") or len(stretch) % 4 == 0
    return encoded if padded else encoded.rstrip("=")
