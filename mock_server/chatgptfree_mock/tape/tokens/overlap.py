"""
Values that share characters in a text: neither can be replaced there without breaking the other.

A value that lies wholly within another is not such a case: the outer one follows from the inner one.  The decoded text
of a value may lie within another as well: a client that decodes it would see that the two do not fit together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import permutations, product
from typing import NamedTuple

from chatgptfree_mock.tape.decoding import base64_text
from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.tokens.randomness import LEAST
from chatgptfree_mock.tape.tokens.response_parts import texts
from chatgptfree_mock.tape.tokens.slots import Slot, find_slots


class Overlap(NamedTuple):
    """Two values, the *first* of which ends with characters that begin the *second*, in response *interaction*."""

    first: str
    second: str
    interaction: int


def overlaps(interactions: Sequence[Interaction], values: Iterable[str]) -> Iterator[Overlap]:
    """Yield the overlaps of *values* in the responses of *interactions*, each pair once."""
    for first, second in permutations(dict.fromkeys(values), 2):
        if _may_overlap(first, second):
            for number, interaction in enumerate(interactions):
                if any(_do_overlap(text, first, second) for _, text in texts(interaction.response)):
                    yield Overlap(first, second, number)
                    break


def not_minted(interactions: Sequence[Interaction], names: Mapping[str, str]) -> dict[str, str]:
    """
    Return why some values of *names* cannot be replaced in the responses of *interactions*, in words, by value.

    These are the values that share characters with another, those whose decoded text is a part of another, and those
    that contain one of them.
    """
    why = _encoded_parts(names) | {
        value: f"not minted: it shares characters with `{names[other]}` in response {number}"
        for first, second, number in overlaps(interactions, names)
        for value, other in ((first, second), (second, first))
    }
    alone = [value for value in names if value in why]
    around = {
        value: f"not minted: it contains `{names[within]}`, which is not"
        for value in names.keys() - why.keys()
        if (within := next((each for each in alone if each in value), None)) is not None
    }
    return {**why, **around}


def encoded_in(value: str, tokens: Collection[str]) -> str | None:
    """Return one of *tokens* that *value* holds in base64, or of which it encodes a part; None if there is none."""
    inside = next((slot for slot in find_slots(value, tokens) if slot.inner), None)
    if inside is not None:
        return min(inside.values)
    readings = tuple(_readings(value))
    return next((token for token in tokens if any(reading in token for reading in readings)), None)


def _encoded_parts(names: Mapping[str, str]) -> dict[str, str]:
    """Return why the values of *names* that encode a part of another, and these others, cannot be replaced."""
    why: dict[str, str] = {}
    readings = {value: tuple(_readings(value)) for value in names}
    spelled = {value: (value, *readings[value]) for value in names}
    for value, other in permutations(names, 2):
        if any(other in text for text in spelled[value]) or any(value in text for text in spelled[other]):
            continue  # one follows from the other
        for part, text in product(readings[value], spelled[other]):
            crossing = [each for each in names if part in text and _cross_in(text, part, each)]
            if part in text and (crossing or not any(each in part for each in names)):
                why.setdefault(value, f"not minted: decoded, it is a part of `{names[other]}`")
                why.setdefault(other, f"not minted: a part of it, encoded, is `{names[value]}`")
                for each in crossing:
                    why.setdefault(each, f"not minted: it shares characters with `{names[value]}`, decoded")
    return why


def _cross_in(text: str, one: str, other: str) -> bool:
    """Return whether *one* and *other* share characters somewhere in *text*, and neither contains the other."""
    places = product(*([found.start() for found in re.finditer(re.escape(each), text)] for each in (one, other)))
    return any(
        at < start < at + len(one) < start + len(other) or start < at < start + len(other) < at + len(one)
        for at, start in places
    )


def _readings(value: str) -> Iterator[str]:
    """Yield the texts that *value* as a whole encodes."""
    for text in dict.fromkeys(view.text for view in located_views(value)):
        for reading in (text, base64_text.decoded(text)):
            if len(reading) >= LEAST and reading != value:
                yield reading


def _may_overlap(first: str, second: str) -> bool:
    """Return whether a text can hold both as values: between the shared characters and the others is a delimiter."""
    return any(
        first.endswith(second[:shared]) and not second[shared].isalnum() and not first[-shared - 1].isalnum()
        for shared in range(1, min(len(first), len(second)))
    )


def _do_overlap(text: str, first: str, second: str) -> bool:
    found = tuple(find_slots(text, (first, second)))
    return any(_cross(one, other) for one in _of(found, first) for other in _of(found, second))


def _of(slots: Collection[Slot], value: str) -> list[Slot]:
    return [each for each in slots if each.value == value]


def _cross(one: Slot, other: Slot) -> bool:
    return one.start < other.start < one.end < other.end
