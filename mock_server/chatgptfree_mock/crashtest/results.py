"""What the results of both crash tests have in common: what reports, baselines and JSON files need of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

V = TypeVar("V", bound=StrEnum)
R_co = TypeVar("R_co", bound="CaseResult", covariant=True)


class CaseExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange of a case, from the journal of the mock."""

    request: str
    """`POST /chat/ask action=…`."""
    response: str
    """`200 text/event-stream;charset=UTF-8`."""
    chunks: list[int] = []
    """The sizes of the chunks, in order."""
    ended: str = "complete"
    why: list[str] = []
    faults: list[tuple[str, int]] = []
    """The applied faults, in words of the delivery, and the number of bytes before each; -1 is before the head."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The number of *right* cases *of* those that count."""

    name: str
    right: int
    of: int

    def __str__(self) -> str:
        return f"{self.name}: {self.right} of {self.of}"


class CaseResult(Protocol):
    """The common attributes of the results of both crash tests: of a scenario, and of a variant of a recording."""

    @property
    def name(self) -> str:
        """The scenario or the variant."""

    @property
    def label(self) -> str:
        """A name that no other case of the run has."""

    @property
    def key(self) -> Hashable:
        """The key of the case, by which runs are compared."""

    @property
    def group(self) -> str:
        """The layer of the scenario, or the family of the variant."""

    @property
    def wants_error(self) -> bool:
        """Whether the client has to report a failure, instead of an answer."""

    @property
    def verdict(self) -> StrEnum:
        """The verdict on the client."""

    @property
    def counts(self) -> bool:
        """Whether it is in a score."""

    @property
    def counts_against(self) -> bool:
        """Whether it is a failure of the client."""

    @property
    def reason(self) -> str:
        """The reason for the verdict."""

    @property
    def note(self) -> str:
        """A remark without effect on the verdict, empty for none."""

    @property
    def printed(self) -> str:
        """The client's stdout."""

    @property
    def stderr(self) -> str:
        """The client's stderr."""

    @property
    def exchanges(self) -> Sequence[CaseExchange]:
        """The exchanges of the case, in order."""

    @property
    def again(self) -> str:
        """The command that runs the case again."""


class ScoreCard(Protocol[R_co]):
    """The common attributes of the score cards of both crash tests."""

    @property
    def client(self) -> str:
        """The command or the callable."""

    @property
    def results(self) -> Sequence[R_co]:
        """One result for each case that was run."""

    @property
    def failures(self) -> Sequence[R_co]:
        """The results that count against the client."""

    @property
    def scores(self) -> tuple[Score, Score]:
        """Answers delivered, and failures reported."""

    @property
    def unfinished(self) -> str:
        """How much of an interrupted run was done, such as `3 of 9 cases were run`; empty if all of it was."""


def scores(results: Iterable[CaseResult]) -> tuple[Score, Score]:
    """Return how many of *results* are right: of those that expect an answer, and of those that expect an error."""
    counting = [result for result in results if result.counts]
    parts = {"answers delivered": False, "failures reported": True}
    delivered, reported = (
        _score(name, [result for result in counting if result.wants_error is wants_error])
        for name, wants_error in parts.items()
    )
    return delivered, reported


def _score(name: str, results: Sequence[CaseResult]) -> Score:
    return Score(name=name, right=sum(not result.counts_against for result in results), of=len(results))


def figures(scores: Iterable[Score], counts: Mapping[V, int], verdicts: Iterable[V]) -> dict[str, object]:
    """Return the keys with the sums of a run: its *scores*, and how often each of the *verdicts* was given."""
    return {
        "scores": {score.name: {"right": score.right, "of": score.of} for score in scores},
        "summary": {str(verdict): counts[verdict] for verdict in verdicts},
    }


def as_json(document: Mapping[str, object]) -> bytes:
    """Return *document* as indented JSON with a line end."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
