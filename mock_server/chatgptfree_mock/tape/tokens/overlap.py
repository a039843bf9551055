"""
Values that share characters in a text: neither can be replaced there without breaking the other.

A value that lies wholly within another is no such case: the outer one follows from the inner one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from chatgptfree_mock.tape.model import Interaction
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

    These are the values that share characters with another, and those that contain one of them.
    """
    why = {
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


def _may_overlap(first: str, second: str) -> bool:
    """Return whether a text can hold both as values: between the shared characters and the others is a delimiter."""
    return any(
        first.endswith(second[:shared]) and not second[shared].isalnum() and not first[-shared - 1].isalnum()
        for shared in range(1, min(len(first), len(second)))
    )


def _do_overlap(text: str, first: str, second: str) -> bool:
    found = find_slots(text, (first, second))
    return any(_cross(one, other) for one in _of(found, first) for other in _of(found, second))


def _of(slots: Collection[Slot], value: str) -> list[Slot]:
    return [each for each in slots if each.value == value]


def _cross(one: Slot, other: Slot) -> bool:
    return one.start < other.start < one.end < other.end
