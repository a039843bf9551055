"""
How much a difference matters to clients: three tiers, the worst first.

Pure.  The tier of a finding of `diff` follows from its topic and the names in it.  If a client was right on the
recording and fails on the new answer, the tier is always the worst.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.diff.findings import Finding


class Tier(StrEnum):
    """The effect of a difference on clients."""

    BREAKS = "breaks clients"
    """A client that understands the recorded answer may fail on this one."""
    SEEN = "changes what clients see"
    """A client works, but gets something else: another text, more keys, another order."""
    COSMETIC = "cosmetic"
    """Clients should not be affected."""


_NEEDED: Final = re.compile(
    r"nonce|token|csrf|^(?:data-)?(?:(?:post|bot|chat)?id|(?:ajax|api|rest)?url|config|action|endpoint|streamenabled)$",
    re.IGNORECASE,
)
"""Names that a client needs from the page before it can ask, without punctuation between their words."""
_SIGNS: Final = re.compile(r"(?<!^data)[-_]")
_TEXT_PREFIX: Final = "text."
"""The prefix of the names of texts for people, which no client needs."""
_WORSE: Final = re.compile(r"raises|can do nothing|misses")
_LOSS: Final = ("removed", "renamed", "moved", "retyped")


def tier_of(finding: Finding, marks: PageMarks = ANY_PAGE) -> Tier:
    """Return the tier of one *finding* on a site whose pages have these *marks*."""
    if finding.note:
        return Tier.COSMETIC
    match finding.topic:
        case "client":
            return Tier.BREAKS if any(map(_WORSE.search, finding.after)) else Tier.SEEN
        case "status" | "end" | "end mark":
            return Tier.BREAKS
        case "body":
            return Tier.SEEN if finding.what else Tier.BREAKS
        case "content type":
            return Tier.BREAKS if _kind(finding.before) != _kind(finding.after) else Tier.COSMETIC
        case "events" | "event data" | "json":
            return Tier.BREAKS if finding.change in _LOSS else Tier.SEEN
        case "page" | "config":
            return _of_page(finding, marks)
        case "headers":
            return Tier.SEEN if finding.what == "cookies" else Tier.COSMETIC
        case _:
            return Tier.SEEN


def parts(finding: Finding, marks: PageMarks = ANY_PAGE) -> list[Finding]:
    """Return *finding*, split into one per tier if names of several tiers were removed."""
    if finding.topic not in ("page", "config") or finding.change != "removed":
        return [finding]
    by_tier: dict[Tier, list[str]] = {}
    for name in finding.before:
        by_tier.setdefault(Tier.BREAKS if _is_needed(name, marks) else Tier.SEEN, []).append(name)
    return [replace(finding, before=tuple(names)) for names in by_tier.values()]


def _of_page(finding: Finding, marks: PageMarks) -> Tier:
    """Missing names break clients; another notation breaks regular expressions; new keys break nothing."""
    if finding.change == "moved":
        return Tier.BREAKS
    if finding.change in _LOSS:
        names = (finding.what.rpartition(" ")[2],) if finding.change == "retyped" else finding.before
        return Tier.BREAKS if any(_is_needed(name, marks) for name in names) else Tier.SEEN
    return Tier.COSMETIC if finding.change == "added" else Tier.SEEN


def _is_needed(name: str, marks: PageMarks) -> bool:
    """Return whether the loss of *name*, an attribute, a key or an element, breaks clients."""
    bare = _SIGNS.sub("", name)
    return not name.startswith(_TEXT_PREFIX) and (
        _NEEDED.search(bare) is not None or any(prefix in bare.lower() for prefix in marks.prefixes)
    )


def _kind(values: tuple[str, ...]) -> str:
    return next(iter(values), "").partition(";")[0].strip().lower()
