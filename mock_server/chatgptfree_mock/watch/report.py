"""The report of a watch, by tier, as Markdown and as data.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.diff.findings import ComparedPair, Diff, Finding
from chatgptfree_mock.watch.tiers import Tier, parts, tier_of

_FENCE: Final = "`"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """
    The comparison of a live site with a recording.

    *url*: the page that was visited.  *against*: the recording, as the user named it.  *diff*: the differences between
    common exchanges, and the exchanges on one side only.  *failure*: how the reference client failed on the live site,
    empty if it got an answer.  *marks*: of the site's pages.
    """

    url: str
    against: str
    diff: Diff
    failure: str = ""
    marks: PageMarks = ANY_PAGE

    @property
    def compared(self) -> int:
        """Return the number of exchanges that were compared."""
        return len(self.diff.pairs)

    @property
    def tier(self) -> Tier | None:
        """Return the worst tier, None if nothing differs; an exchange on one side only is in the tier `SEEN`."""
        if self.failure:
            return Tier.BREAKS
        worst = next((tier for tier in Tier if self._pairs(tier)), None)
        return Tier.SEEN if self.diff.only_after and worst is not Tier.BREAKS else worst

    @property
    def alarms(self) -> bool:
        """Return whether there are more than cosmetic differences."""
        return self.tier in (Tier.BREAKS, Tier.SEEN)

    def markdown(self) -> str:
        """Return the report for people, ready for an issue."""
        return "\n".join(self._lines()) + "\n"

    def as_data(self) -> dict[str, object]:
        """Return the report as plain data, for JSON."""
        return {
            "url": self.url,
            "against": self.against,
            "tier": None if self.tier is None else self.tier.value,
            "failure": self.failure,
            "compared": self.compared,
            "tiers": {
                tier.value: [
                    {"request": pair.request, **finding.as_data()} for pair, found in pairs for finding in found
                ]
                for tier in Tier
                for pairs in [self._pairs(tier)]
            },
            "not_compared": {"recorded": list(self.diff.only_before), "live": list(self.diff.only_after)},
        }

    def _pairs(self, tier: Tier) -> list[tuple[ComparedPair, list[Finding]]]:
        split = (
            (pair, [part for finding in pair.findings for part in parts(finding, self.marks)])
            for pair in self.diff.pairs
        )
        found = ((pair, [each for each in findings if tier_of(each, self.marks) is tier]) for pair, findings in split)
        return [(pair, findings) for pair, findings in found if findings]

    def _lines(self) -> Iterator[str]:
        yield f"# {_code(self.url)} compared with {_code(self.against)}"
        yield ""
        exchanges = f"{self.compared} exchange{'s' * (self.compared != 1)} compared"
        yield f"{exchanges}: {'nothing differs' if self.tier is None else f'the worst difference {_verb(self.tier)}'}."
        if self.failure:
            yield ""
            yield f"The reference client got no answer: {_code(self.failure)}"
        for tier in Tier:
            if pairs := self._pairs(tier):
                yield ""
                yield f"## {tier.value.capitalize()}"
                for pair, findings in pairs:
                    yield ""
                    yield f"{_code(pair.request)}"
                    yield ""
                    yield from (f"- {finding.topic}: {_code(finding.sentence)}" for finding in findings)
        for heading, names in (
            ("Asked on this visit, not recorded", self.diff.only_after),
            ("Recorded, not asked on this visit", self.diff.only_before),
        ):
            if names:
                yield ""
                yield f"## {heading}"
                yield ""
                yield from (f"- {_code(name)}" for name in names)


def _verb(tier: Tier) -> str:
    return "is cosmetic" if tier is Tier.COSMETIC else tier.value


def _code(text: str) -> str:
    """Return *text* as inline code, so that a site's words do not become links or mentions."""
    text = " ".join(text.split())
    fence = _FENCE
    while fence in text:
        fence += _FENCE
    pad = " " if text.startswith(_FENCE) or text.endswith(_FENCE) else ""
    return f"{fence}{pad}{text}{pad}{fence}"
