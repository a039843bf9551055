"""The outcome of a crash test of scenarios: one result per case, as plain values that fit a JSON file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.crashtest.results import CaseExchange, Score, as_json, figures, scores
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict

SCHEMA = 2
ASKED_NOWHERE = "it sent the message in no case of this run, though some of them expect an answer"
"""Why an error that a client reports without ever sending the message is not right."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one case: scenario x release x chunking."""

    scenario: str
    title: str
    pack: str = DEFAULT_PACK
    """The site pack that it ran on."""
    plugin: str
    """The release that it ran on."""
    chunks: str
    verdict: Verdict
    reason: str
    cause: str = ""
    """The reason without details of this case."""
    sent: bool = False
    """A request carried the message or asked for its answer."""
    note: str = ""
    """A remark without effect on the verdict, such as a traceback where an error was expected."""
    unused: list[str] = []
    """Settings of the scenario without effect: a fault that was not applied, a response that was never used."""
    kinds: list[str] = []
    """The kinds of error that were expected; empty if an answer was."""
    expected: str = ""
    """The text that was expected: the answer, or what comes before the error."""
    printed: str = ""
    stderr: str = ""
    exchanges: list[CaseExchange] = []
    again: str = msgspec.field(default="", name="reproduce")

    @property
    def name(self) -> str:
        """Return the scenario."""
        return self.scenario

    @property
    def label(self) -> str:
        """Return a name that no other case of the run has."""
        return f"{self.scenario}[{self.plugin}-{self.chunks}]"

    @property
    def group(self) -> str:
        """Return the scenario's layer."""
        return self.scenario.partition("/")[0]

    @property
    def wants_error(self) -> bool:
        """Return whether an error was expected, instead of an answer."""
        return bool(self.kinds)

    @property
    def counts(self) -> bool:
        """Return whether it is in a score."""
        return self.verdict is not Verdict.NOT_APPLICABLE

    @property
    def counts_against(self) -> bool:
        """Return whether it is a failure of the client."""
        return self.verdict.counts_against

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the key of the case."""
        return (self.scenario, self.plugin, self.chunks)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The score card of a whole run."""

    client: str
    """The command or the callable."""
    results: list[Result]
    planned: int | None = None
    """The number of planned cases, if the run was interrupted; None if all were run."""

    @property
    def counts(self) -> Counter[Verdict]:
        """Return how often each verdict was given."""
        return Counter(result.verdict for result in self.results)

    @property
    def failures(self) -> list[Result]:
        """Return what counts against the client."""
        return [result for result in self.results if result.counts_against]

    @property
    def scores(self) -> tuple[Score, Score]:
        """Return both scores: of the scenarios that expect an answer, and of those that expect an error."""
        return scores(self.results)

    @property
    def unfinished(self) -> str:
        """Return how many cases of an interrupted run were run; empty if all were."""
        return "" if self.planned is None else f"{len(self.results)} of {self.planned} cases were run"


def card(client: str, results: Iterable[Result], order: Sequence[tuple[str, str, str]], *, interrupted: bool) -> Card:
    """Return the card of *results* in the *order* of the plan, whichever finished first."""
    place = {key: index for index, key in enumerate(order)}
    ordered = sorted(results, key=lambda result: place[result.key])
    answers = [result for result in ordered if result.counts and not result.wants_error]
    if answers and not any(result.sent for result in ordered) and all(result.counts_against for result in answers):
        ordered = [_asked_nowhere(result) if result.verdict is Verdict.RIGHT else result for result in ordered]
    return Card(client=client, results=ordered, planned=len(order) if interrupted else None)


def _asked_nowhere(result: Result) -> Result:
    return replace(result, verdict=Verdict.NEVER_ASKED, reason=ASKED_NOWHERE, cause=ASKED_NOWHERE)


def dump(found: Card) -> bytes:
    """Return the card as JSON; two runs with the same outcome give the same bytes."""
    document = {
        "schema": SCHEMA,
        "client": found.client,
        "planned": len(found.results) if found.planned is None else found.planned,
        "interrupted": found.planned is not None,
        **figures(found.scores, found.counts, Verdict),
        "results": [replace(each, pack=base_name(each.pack)) for each in found.results],
    }
    return as_json(document)


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal[2]
    results: list[Result]
    client: str = ""


def parse(data: bytes) -> Card:
    """
    Read what `dump` wrote.

    Raises:
        msgspec.DecodeError: it is something else.
    """
    document = msgspec.json.decode(data, type=_Document)
    return Card(client=document.client, results=document.results)
