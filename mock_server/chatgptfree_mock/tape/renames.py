"""Find renamed attributes and keys, and values that moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_INFORMATIVE = 6
"""Characters from which on an equal value proves that two names mean the same."""


def renamed(before: Mapping[str, Any], after: Mapping[str, Any], kind: Callable[[str, Any], object]) -> dict[str, str]:
    """
    Return the renamed names of *before* in *after*: ``{old: new}``.

    Two names mean the same if their values are equal and too long for a coincidence, or if both are between the same
    neighbours and *kind*, called with name and value, is equal.  Ambiguous names are left out.
    """
    gone, fresh = [each for each in before if each not in after], [each for each in after if each not in before]
    old_places, new_places = _neighbours(list(before), after), _neighbours(list(after), before)

    def same(old: str, new: str) -> bool:
        if _informative(before[old]) and before[old] == after[new]:
            return True
        return old_places[old] == new_places[new] and kind(old, before[old]) == kind(new, after[new])

    fits = {old: [new for new in fresh if same(old, new)] for old in gone}
    claimed = [new for found in fits.values() for new in found]
    return {old: found[0] for old, found in fits.items() if len(found) == 1 and claimed.count(found[0]) == 1}


def moved(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """Return the old and new place of the value that moved from *before* to *after*; None if none did."""
    gone, fresh = [each for each in before if each not in after], [each for each in after if each not in before]
    return (gone[0], fresh[0]) if len(gone) == 1 and len(fresh) == 1 else None


def _informative(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= _INFORMATIVE


def _neighbours(names: list[str], others: Mapping[str, Any]) -> dict[str, tuple[str, str, int]]:
    """Return for each name the nearest common names around it, and how many others are between it and the first."""
    places: dict[str, tuple[str, str, int]] = {}
    for index, name in enumerate(names):
        left = next((each for each in reversed(names[:index]) if each in others), "")
        right = next((each for each in names[index + 1 :] if each in others), "")
        distance = index - (names.index(left) if left else -1)
        places[name] = (left, right, distance)
    return places
