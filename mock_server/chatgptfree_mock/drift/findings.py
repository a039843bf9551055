"""What was found: single findings, pairs of interactions, and all of it; the values that the other modules share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that differs; a note may differ without the site having changed (cuts, settings)."""

    topic: str
    says: str
    note: bool = False

    def as_data(self) -> dict[str, object]:
        """Return it as plain data, for JSON."""
        return {"topic": self.topic, "says": self.says, "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One interaction of each side that belong together, and what differs."""

    name: str
    """Where they are, as reports name it."""
    request: str
    findings: tuple[Finding, ...]

    @property
    def differences(self) -> tuple[Finding, ...]:
        """Return what is more than a note."""
        return tuple(finding for finding in self.findings if not finding.note)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """Return the rest."""
        return tuple(finding for finding in self.findings if finding.note)

    def as_data(self) -> dict[str, object]:
        """Return it as plain data, for JSON."""
        return {
            "name": self.name,
            "request": self.request,
            "findings": [finding.as_data() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All that differs between two recordings."""

    pairs: tuple[Pair, ...]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Say whether anything is different, notes apart."""
        return bool(self.only_before or self.only_after or any(pair.differences for pair in self.pairs))

    def as_data(self) -> dict[str, object]:
        """Return it as plain data, for JSON."""
        return {
            "differs": self.differs,
            "pairs": [pair.as_data() for pair in self.pairs],
            "only_before": list(self.only_before),
            "only_after": list(self.only_after),
        }


def came_and_went(topic: str, what: str, before: Iterable[str], after: Iterable[str]) -> list[Finding]:
    """Say which of the names *before* are gone and which of *after* are new, each in their own order."""
    old, new = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    found = []
    if gone := [name for name in old if name not in new]:
        found.append(Finding(topic=topic, says=f"{what} gone: {', '.join(gone)}"))
    if fresh := [name for name in new if name not in old]:
        found.append(Finding(topic=topic, says=f"{what} new: {', '.join(fresh)}"))
    return found


def changed(topic: str, what: str, before: str, after: str, *, note: bool = False) -> list[Finding]:
    """Say that *what* was *before* and is *after*, if it isn't the same."""
    if before == after:
        return []
    return [Finding(topic=topic, says=f"{what}{' ' if what else ''}{before or 'none'} → {after or 'none'}", note=note)]
