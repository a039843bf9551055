"""What a crash test found: one result per case, as plain values that cross process borders and fit a JSON file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from chatgptfree_mock.crashtest.verdict import Verdict


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange of a case as the mock saw it."""

    asked: str
    """`POST /wp-admin/admin-ajax.php action=…`."""
    answered: str
    """`200 text/event-stream;charset=UTF-8`."""
    chunks: list[int] = []
    """The sizes of the pieces, in order."""
    ended: str = "complete"
    why: list[str] = []


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case: a scenario, on a release, cut in a way."""

    scenario: str
    title: str
    plugin: str
    """The release that it ran on."""
    chunks: str
    verdict: Verdict
    reason: str
    expected: str = ""
    printed: str = ""
    stderr: str = ""
    exchanges: list[Sent] = []
    reproduce: str = ""

    @property
    def layer(self) -> str:
        """Return the scenario's layer."""
        return self.scenario.partition("/")[0]

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells one case from another."""
        return (self.scenario, self.plugin, self.chunks)


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The score card of a whole run."""

    client: str
    """The command or the callable."""
    results: list[Result]
    schema: Literal[1] = 1

    @property
    def counts(self) -> Counter[Verdict]:
        """Return how often each verdict was given."""
        return Counter(result.verdict for result in self.results)

    @property
    def failures(self) -> list[Result]:
        """Return what was not right."""
        return [result for result in self.results if result.verdict is not Verdict.RIGHT]


def card(client: str, results: Iterable[Result], order: Sequence[tuple[str, str, str]]) -> Card:
    """Return the card of *results* in the *order* of the plan, whoever finished first."""
    place = {key: index for index, key in enumerate(order)}
    return Card(client=client, results=sorted(results, key=lambda result: place[result.key]))


def dump(found: Card) -> bytes:
    """Return the card as JSON; two runs with the same outcome give the same bytes."""
    summary = {str(verdict): found.counts[verdict] for verdict in Verdict}
    document = {"schema": found.schema, "client": found.client, "summary": summary, "results": found.results}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    results: list[Result]
    client: str = ""
    schema: Literal[1] = 1


def parse(data: bytes) -> Card:
    """
    Read what `dump` wrote.

    Raises:
        msgspec.DecodeError: it is something else.
    """
    document = msgspec.json.decode(data, type=_Document)
    return Card(client=document.client, results=document.results)
