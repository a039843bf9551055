"""
The order of the names on a page: the one before each, and those that moved between two releases.

Attributes, keys and texts have an order each; a name is compared with those of its own kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

_KINDS: Final = ("data-", "text.", "languages.")


def before(slots: Sequence[str], slot: str) -> str:
    """Return the slot of the same kind that precedes *slot* in *slots*; empty if it is the first."""
    kind = _kind(slot)
    return next((each for each in reversed(slots[: slots.index(slot)]) if _kind(each) == kind), "")


def moved(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the slots that both have but in another order among the others, in their new order."""
    there, found = set(old) & set(new), []
    old, new = [slot for slot in old if slot in there], [slot for slot in new if slot in there]
    if old == new:
        return []
    was, now = _by_kind(old), _by_kind(new)
    for kind, second in now.items():
        first = was[kind]
        if first != second:
            blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
            kept = {slot for block in blocks for slot in second[block.b : block.b + block.size]}
            found += [slot for slot in second if slot not in kept]
    return found


def _by_kind(slots: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {kind: [] for kind in (*_KINDS, "")}
    for slot in slots:
        found[_kind(slot)].append(slot)
    return found


def _kind(slot: str) -> str:
    return next((kind for kind in _KINDS if slot.startswith(kind)), "")
