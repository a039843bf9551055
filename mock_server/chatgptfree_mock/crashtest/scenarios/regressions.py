"""
Find the releases at which a client starts or stops to fail, by asking the same question on every release.

This automates the bisecting of upstream changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise

import msgspec

from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.releases import place_of
from chatgptfree_mock.crashtest.scenarios.results import Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict

_CHANGES_LISTED = 4


class TurningPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A release at which a scenario starts to fail, or from which on it has always failed."""

    scenario: str
    chunks: str
    verdict: Verdict
    right_up_to: str | None
    """The last release before on which all was right; None if it never was."""
    since: str
    """The first release that fails."""
    until: str | None
    """The last release with this verdict; None if no other verdict comes after it."""
    after: str | None = None
    """The last release before, right or not; None if *since* is the first that was tried."""
    changes: tuple[str, ...] = ()
    """What changed on the wire between the two, in sentences."""

    def __str__(self) -> str:
        changes = f": {self._changes_in_words()}" if self.changes else ""
        return f"{self.scenario} ({self.chunks}): {self.summary}{changes}"

    @property
    def summary(self) -> str:
        """Return the releases on which it fails, and the verdict, in words."""
        before = f"right up to {self.right_up_to}; " if self.right_up_to else ""
        if self.until is None:
            place = f"since {self.since}" if self.after else "on all releases asked"
        else:
            place = f"on {self.since}" if self.until == self.since else f"from {self.since} to {self.until}"
        return f"{before}{self.verdict} {place}"

    def _changes_in_words(self) -> str:
        listed = "; ".join(change.rstrip(".") for change in self.changes[:_CHANGES_LISTED])
        more = len(self.changes) - _CHANGES_LISTED
        if more <= 0:
            return listed
        return f"{listed}; and {more} more (chatgptfree-mock releases {self.after} {self.since})"


def turning_points(results: Iterable[Result]) -> list[TurningPoint]:
    """Return every release at which a scenario starts to fail, for scenarios that were tried on several releases."""
    found: list[TurningPoint] = []
    applicable = (result for result in results if result.verdict is not Verdict.NOT_APPLICABLE)
    ordered = sorted(
        applicable, key=lambda r: (r.scenario, r.chunks, place_of(r.plugin, registry.load(r.pack).releases))
    )
    for (scenario, chunks), group in groupby(ordered, key=lambda r: (r.scenario, r.chunks)):
        runs = list(group)
        if len({run.plugin for run in runs}) > 1:
            found.extend(_points_of(scenario, chunks, runs))
    return found


def _points_of(scenario: str, chunks: str, runs: list[Result]) -> Iterable[TurningPoint]:
    spans = [(verdict, list(span)) for verdict, span in groupby(runs, key=lambda r: r.verdict)]
    for before, (verdict, span), after in _neighbours(spans):
        if verdict is Verdict.RIGHT:
            continue
        yield TurningPoint(
            scenario=scenario,
            chunks=chunks,
            verdict=verdict,
            right_up_to=before[1][-1].plugin if before and before[0] is Verdict.RIGHT else None,
            since=span[0].plugin,
            until=span[-1].plugin if after else None,
            after=before[1][-1].plugin if before else None,
            changes=_between(before[1][-1], span[0]) if before else (),
        )


def _between(before: Result, after: Result) -> tuple[str, ...]:
    changes = registry.load(after.pack).releases.changes(before.plugin, after.plugin)
    return tuple(change.after for change in changes)


_VerdictSpan = tuple[Verdict, list[Result]]


def _neighbours(spans: list[_VerdictSpan]) -> Iterable[tuple[_VerdictSpan | None, _VerdictSpan, _VerdictSpan | None]]:
    padded: list[_VerdictSpan | None] = [None, *spans, None]
    for (before, span), (_, after) in zip(pairwise(padded[:-1]), pairwise(padded[1:]), strict=True):
        if span is not None:
            yield before, span, after
