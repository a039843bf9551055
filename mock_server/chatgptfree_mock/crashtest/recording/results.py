"""The outcome of a crash test from a recording: one result per variant, as plain values that fit a JSON file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from chatgptfree_mock.crashtest.recording.plan import PAGE
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.results import CaseExchange, Score, as_json, figures, scores
from chatgptfree_mock.variants.grades import GRADES
from chatgptfree_mock.variants.rule import VariantKind

SCHEMA: Final = 1
KIND: Final = "recording"


class VariantResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    The outcome of one variant.

    *kind*: `equivalent` or `breakage`.  *exchanges*: what was sent, if it counts against the client.  *requests*: all
    requests of the client, *plays* those for the exchange that was disturbed.  *again*: the command that shows it
    again.
    """

    variant: str
    kind: str
    grade: int
    source: str
    verdict: VariantVerdict
    reason: str
    note: str = ""
    printed: str = ""
    stderr: str = ""
    status: int | None = None
    plays: int = 0
    requests: int = 0
    exchanges: list[CaseExchange] = []
    uncounted: bool = False
    """Whether it is in no score, whatever its verdict: a stall without a time limit."""
    again: str = ""

    @property
    def key(self) -> str:
        """Return the key of the variant."""
        return self.variant

    @property
    def name(self) -> str:
        """Return the variant."""
        return self.variant

    @property
    def label(self) -> str:
        """Return the variant, which no other result of the run has."""
        return self.variant

    @property
    def wants_error(self) -> bool:
        """Return whether a failure has to be reported, instead of the answer."""
        return self.kind != VariantKind.EQUIVALENT

    @property
    def group(self) -> str:
        """
        Return the family: the name up to the slash; of a combination with another spelling, that of the spelling.

        A client that cannot read the spelling fails in every delivery, so that both are one finding.
        """
        delivery, _, spelling = self.variant.partition("+")
        name = spelling if spelling and not delivery.startswith(PAGE) else delivery
        return name.partition("/")[0]

    @property
    def counts(self) -> bool:
        """Return whether it is in a score."""
        return self.verdict.counts and not self.uncounted

    @property
    def counts_against(self) -> bool:
        """Return whether it is a failure of the client."""
        return self.verdict.counts_against and not self.uncounted


class VariantCard(msgspec.Struct, frozen=True, kw_only=True):
    """
    The score card of a whole run.

    *client*: the command or the callable.  *recording* and *answer*: what was played, and *fingerprint* of all its
    exchanges.  *message*: what was asked, and *message_place* where that was recorded.  *reference_output*: what the
    client prints on the undisturbed replay, in JSON `truth`.  *planned*: how many variants there were to run.
    *left_out*: names of variants, each with the reason.  *remarks*: other lines.  *problem*: why there is no judgement,
    empty if there is one.
    """

    client: str
    recording: str = ""
    fingerprint: str = ""
    answer: str = ""
    message: str = ""
    message_place: str = ""
    reference_output: str = msgspec.field(default="", name="truth")
    planned: int = 0
    results: list[VariantResult] = []
    left_out: list[tuple[str, str]] = []
    remarks: list[str] = []
    problem: str = ""

    @property
    def interrupted(self) -> bool:
        """Return whether some variants were not run."""
        return len(self.results) < self.planned

    @property
    def failures(self) -> list[VariantResult]:
        """Return what counts against the client."""
        return [result for result in self.results if result.counts_against]

    @property
    def counts(self) -> Counter[VariantVerdict]:
        """Return how often each verdict was given."""
        return Counter(result.verdict for result in self.results)

    @property
    def scores(self) -> tuple[Score, Score]:
        """Return both scores: of the equivalents, and of the breakages."""
        return scores(self.results)

    @property
    def unfinished(self) -> str:
        """Return how many variants of an interrupted run were run; empty if all were."""
        return f"{len(self.results)} of {self.planned} variants were run" if self.interrupted else ""


Column = tuple[int, int]
"""A column of a table: which of both scores, and the grade."""


def by_column(results: Iterable[VariantResult]) -> dict[Column, Score]:
    """Return both scores of each grade, without those to which nothing counts."""
    kept = list(results)
    pairs = {grade: scores(each for each in kept if each.grade == grade) for grade in GRADES}
    return {(at, grade): pair[at] for at in (0, 1) for grade, pair in pairs.items() if pair[at].of}


def dump(card: VariantCard) -> bytes:
    """Return the card as JSON; two runs with the same outcome give the same bytes."""
    document = {
        "schema": SCHEMA,
        "kind": KIND,
        **msgspec.to_builtins(card),
        "interrupted": card.interrupted,
        **figures(card.scores, card.counts, VariantVerdict),
    }
    return as_json(document)


class _VariantDocument(VariantCard, frozen=True, kw_only=True):
    schema: Literal[1]
    kind: Literal["recording"]


def parse(data: bytes) -> VariantCard:
    """
    Read what `dump` wrote.

    Raises:
        msgspec.DecodeError: it is something else.
    """
    return msgspec.json.decode(data, type=_VariantDocument)
