"""
Find many literals in one pass: an automaton (Aho and Corasick, 1975) in place of a search for each literal.

Each kind of secret has a cheap sign, such as `bearer` or `hooks.slack`.  One `bytes.find` takes half a nanosecond a
byte, the automaton three for all signs together, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ahocorasick_rs import BytesAhoCorasick, Implementation

BLOCK: Final = 1 << 16
"""Bytes that are searched at a time: a hostile text has a match at each of its bytes, and each match takes memory."""


class Literals:
    """
    Literals, in lower case if texts in any case are searched.

    Args:
        located: literals whose places are asked for.
        present: literals of which it matters only whether they are there; the first place is kept.
        lasting: they are searched for often enough to make an automaton that takes ten times as long to build.
    """

    def __init__(self, located: Iterable[bytes], present: Iterable[bytes] = (), *, lasting: bool = True) -> None:
        located = frozenset(located)
        self._literals = sorted({*located, *present})
        self._located = [literal in located for literal in self._literals]
        self._reach = max(map(len, self._literals)) - 1
        kind = Implementation.DFA if lasting else Implementation.ContiguousNFA
        self._automaton = BytesAhoCorasick(self._literals, implementation=kind)

    def find(self, data: bytes) -> Mapping[bytes, list[int]]:
        """Return where each literal begins in *data*; only literals that are there are keys."""
        found: dict[bytes, list[int]] = {}
        view = memoryview(data)
        for reached in range(0, len(data), BLOCK):
            start = max(0, reached - self._reach)
            for number, first, last in self._automaton.find_matches_as_indexes(
                view[start : reached + BLOCK], overlapping=True
            ):
                literal = self._literals[number]
                if start + last > reached and (self._located[number] or literal not in found):
                    found.setdefault(literal, []).append(start + first)
        return found
