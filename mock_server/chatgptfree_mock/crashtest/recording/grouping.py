"""Group variants of a family with the same verdict and reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.variant_verdict import VariantVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyGroup:
    """All *results* of one *family* with one *verdict* and one *reason*, which may differ in its numbers."""

    family: str
    verdict: VariantVerdict
    reason: str
    """Return the reason, without its numbers if they differ."""
    results: tuple[VariantResult, ...]

    @property
    def names(self) -> list[str]:
        """Return the variants' names."""
        return [result.variant for result in self.results]


_FIGURES: Final = re.compile(r" \([^()]*\d[^()]*\)")


def by_family(results: Iterable[VariantResult]) -> list[FamilyGroup]:
    """Return *results* in groups, in the order of their families."""
    groups: dict[tuple[str, VariantVerdict, str], list[VariantResult]] = {}
    for result in results:
        groups.setdefault((result.family, result.verdict, _FIGURES.sub("", result.reason)), []).append(result)
    return [
        FamilyGroup(
            family=family,
            verdict=verdict,
            reason=members[0].reason if len({each.reason for each in members}) == 1 else words,
            results=tuple(members),
        )
        for (family, verdict, words), members in groups.items()
    ]


def by_verdict(results: Iterable[VariantResult]) -> list[FamilyGroup]:
    """Return *results* in groups of one family and one verdict; the reason is the first one, with how many others."""
    groups: dict[tuple[str, VariantVerdict], list[FamilyGroup]] = {}
    for group in by_family(results):
        groups.setdefault((group.family, group.verdict), []).append(group)
    return [_joined(found) for found in groups.values()]


def _joined(groups: Sequence[FamilyGroup]) -> FamilyGroup:
    first, others = groups[0], len(groups) - 1
    more = f"; {others} other reason{'s' * (others != 1)} (-v shows each)" if others else ""
    joined = tuple(result for group in groups for result in group.results)
    return FamilyGroup(family=first.family, verdict=first.verdict, reason=first.reason + more, results=joined)


_LOST = frozenset({VariantVerdict.SILENT_LOSS})
_TAKEN = frozenset({VariantVerdict.DISGUISED_ERROR, VariantVerdict.WRONG})
"""Another text than the answer, and exit code 0."""


def summary(card: VariantCard) -> list[tuple[str, str]]:
    """Return a summary: silent losses, errors printed as answers, other failures, and families without failure."""
    parts = {
        "loses silently": [result for result in card.failures if result.verdict in _LOST],
        "takes for an answer": [result for result in card.failures if result.verdict in _TAKEN],
        "fails on": [result for result in card.failures if result.verdict not in _LOST | _TAKEN],
    }
    lines = [(name, _in_families(results)) for name, results in parts.items()]
    failing = {result.family for result in card.failures}
    survived = Counter(result.family for result in card.results if result.counts and result.family not in failing)
    families = ", ".join(f"{family} ({count})" for family, count in survived.items())
    return [*lines, ("survives", f"all that ran of {families}" if families else "no family as a whole")]


def _in_families(results: list[VariantResult]) -> str:
    counts = Counter(result.family for result in results)
    families = ", ".join(f"{family} ({count})" for family, count in counts.items())
    return f"{len(results)} variant{'s' * (len(results) != 1)}: {families}" if results else "nothing"
