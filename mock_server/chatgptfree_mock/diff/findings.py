"""Findings: single ones, those of a pair of interactions, and all of a comparison."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

ChangeKind = Literal["removed", "added", "changed", "retyped", "renamed", "moved", "reordered", "contains"]
"""The kind of a change: `retyped` is another type of value, `contains` a part that only the later side has."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that differs, as data; `sentence` is the same for people.

    *topic*: the part of the exchange, such as `headers`, `page`, `event data`.  *what*: the thing within it, may be
    empty.  *before* and *after*: names or values; several for `removed`, `added` and `contains`, one otherwise, none
    where that side has nothing.  *note*: it may differ without the site having changed (cuts, settings).
    """

    topic: str
    change: ChangeKind
    what: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    note: bool = False

    @property
    def sentence(self) -> str:
        """Return the finding in words."""
        before, after = ", ".join(self.before), ", ".join(self.after)
        what = f"{self.what} " if self.what else ""
        match self.change:
            case "removed":
                return f"{what}gone: {before}"
            case "added":
                return f"{what}new: {after}"
            case "retyped":
                return f"{what}holds {after}, not {before}"
            case "renamed":
                return f"{what}renamed: {before} → {after}"
            case "moved":
                return f"{what}moved: {before} → {after}"
            case "reordered":
                return f"{what}in another order"
            case "contains":
                return f"{what}{after}"
            case "changed":
                return f"{what}{before or 'none'} → {after or 'none'}"

    def as_data(self) -> dict[str, object]:
        """Return the finding as plain data, for JSON."""
        return {
            "topic": self.topic,
            "change": self.change,
            "what": self.what,
            "before": list(self.before),
            "after": list(self.after),
            "note": self.note,
            "sentence": self.sentence,
        }


class ComparedPair(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction of each side that belong together, and what differs."""

    before: str
    """The interaction of the earlier recording, by its file and number, as reports name it."""
    after: str
    request: str
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """Return the places of both, or the one that they have in common."""
        return self.before if self.before == self.after else f"{self.before} ↔ {self.after}"

    @property
    def differences(self) -> tuple[Finding, ...]:
        """Return what is more than a note."""
        return tuple(finding for finding in self.findings if not finding.note)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Return the rest."""
        return tuple(finding for finding in self.findings if finding.note)

    def as_data(self) -> dict[str, object]:
        """Return the pair and its findings as plain data, for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "request": self.request,
            "findings": [finding.as_data() for finding in self.findings],
        }


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that differs between two recordings.

    *only_before* and *only_after* list what was asked on one side only: there is nothing to compare it with.
    """

    pairs: tuple[ComparedPair, ...]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether any pair differs, notes apart; recordings without a common request differ as well."""
        unpaired = self.only_before or self.only_after
        return any(pair.differences for pair in self.pairs) or bool(unpaired and not self.pairs)

    def as_data(self) -> dict[str, object]:
        """Return the whole difference as plain data, for JSON."""
        return {
            "differs": self.differs,
            "pairs": [pair.as_data() for pair in self.pairs],
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
        }


def added_and_removed(topic: str, what: str, before: Iterable[str], after: Iterable[str]) -> list[Finding]:
    """Return which of the names *before* are gone and which of *after* are new, each in their own order."""
    old, new = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    found = []
    if gone := tuple(name for name in old if name not in new):
        found.append(Finding(topic=topic, change="removed", what=what, before=gone))
    if fresh := tuple(name for name in new if name not in old):
        found.append(Finding(topic=topic, change="added", what=what, after=fresh))
    return found


def changed(topic: str, what: str, before: str, after: str, *, note: bool = False) -> list[Finding]:
    """Return a finding that *what* was *before* and is *after*; nothing if both are the same."""
    if before == after:
        return []
    values = {"before": (before,) if before else (), "after": (after,) if after else ()}
    return [Finding(topic=topic, change="changed", what=what, note=note, **values)]


def retyped(topic: str, what: str, before: Iterable[str], after: Iterable[str]) -> Finding:
    """Return a finding that the values of *what* have another type than before."""
    return Finding(topic=topic, change="retyped", what=what, before=(" or ".join(before),), after=(" or ".join(after),))
