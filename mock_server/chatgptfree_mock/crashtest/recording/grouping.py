"""Group variants of a family with the same verdict and reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from chatgptfree_mock.crashtest.grouping import Group
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict

_FIGURES: Final = re.compile(r" \([^()]*\d[^()]*\)")


def by_family(results: Iterable[VariantResult]) -> list[Group[VariantResult]]:
    """Return *results* in groups of one family, in the order of their families; reasons may differ in numbers."""
    groups: dict[tuple[str, VariantVerdict, str], list[VariantResult]] = {}
    for result in results:
        groups.setdefault((result.group, result.verdict, _FIGURES.sub("", result.reason)), []).append(result)
    return [
        Group(
            verdict=verdict,
            cause=members[0].reason if len({each.reason for each in members}) == 1 else words,
            results=tuple(members),
        )
        for (_, verdict, words), members in groups.items()
    ]


def by_verdict(results: Iterable[VariantResult]) -> list[list[Group[VariantResult]]]:
    """Return *results* in groups as `by_family` makes them, those of one family and one verdict together."""
    groups: dict[tuple[str, StrEnum], list[Group[VariantResult]]] = {}
    for group in by_family(results):
        groups.setdefault((group.results[0].group, group.verdict), []).append(group)
    return list(groups.values())


_LOST = frozenset({VariantVerdict.SILENT_LOSS})
_TAKEN = frozenset({VariantVerdict.DISGUISED_ERROR, VariantVerdict.WRONG})
"""Another text than the answer, and exit code 0."""


def summary(card: VariantCard) -> list[tuple[str, str]]:
    """Return a summary: silent losses, other text with exit code 0, other failures, and families without failure."""
    parts = {
        "loses silently": [result for result in card.failures if result.verdict in _LOST],
        "prints other text": [result for result in card.failures if result.verdict in _TAKEN],
        "fails on": [result for result in card.failures if result.verdict not in _LOST | _TAKEN],
    }
    lines = [(name, _in_families(results)) for name, results in parts.items()]
    failing = {result.group for result in card.failures}
    survived = Counter(result.group for result in card.results if result.counts and result.group not in failing)
    families = ", ".join(f"{family} ({count})" for family, count in survived.items())
    return [*lines, ("survives", f"all that ran of {families}" if families else "no family as a whole")]


def _in_families(results: list[VariantResult]) -> str:
    counts = Counter(result.group for result in results)
    families = ", ".join(f"{family} ({count})" for family, count in counts.items())
    return f"{len(results)} variant{'s' * (len(results) != 1)}: {families}" if results else "nothing"
