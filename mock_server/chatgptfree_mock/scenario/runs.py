"""
Scenarios being played: each run is a site of its own, with a count of what was asked.

``/s/<layer>/<name>/@ID/`` is the run *ID*, made by its first request; tests that run side by side give different ids.
Without an id there is one run for everybody, and it begins anew with the first page after an answer, so that the same
address tells the same story again.  Nothing here waits or opens a socket.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import Library
from chatgptfree_mock.scenario.model import HandMade, Scenario
from chatgptfree_mock.scenario.role import Role, action, role
from chatgptfree_mock.visit import Visit
from chatgptfree_mock.wordpress.call import Answered
from chatgptfree_mock.wordpress.core import reason
from chatgptfree_mock.wordpress.settings import SiteSettings

SHARED: Final = ""
"""The id of the run that everybody shares."""

_MOST_RUNS = 2000


class Answerer(Protocol):
    """Whatever answers for a site."""

    def answer(self, visit: Visit) -> Answered:
        """Answer one request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much was asked: page fetches, and requests that ask the chat or prepare it."""

    pages: int = 0
    posts: int = 0


class Run:
    """One play of a scenario: the site, the responses given by hand, the way they travel, and what was asked so far."""

    def __init__(self, name: str, scenario: Scenario, site: Answerer) -> None:
        self.name = name
        self.scenario = scenario
        self.counts = Counts()
        self.answered = False
        """Whether the chat has answered in this run."""
        self._site = site
        self._way = scenario.way()
        self._left = [response.times for response in scenario.responses]
        self._travelled = 0

    def answer(self, visit: Visit) -> Answered:
        """Answer *visit* as the scenario has it."""
        part = role(visit, self.scenario.site.front.ajax_path)
        self._count(visit, part)
        by_hand = self._by_hand(visit, part)
        answered = self._site.answer(visit) if by_hand is None else by_hand
        if part == "answer" and not answered.nonce_refused:
            self.answered = True
        return replace(answered, way=self._way_for(part))

    def _count(self, visit: Visit, part: Role) -> None:
        if part == "page":
            self.counts = replace(self.counts, pages=self.counts.pages + 1)
        elif visit.method == "POST" or (part == "answer" and not action(visit).startswith("aipkit_")):
            self.counts = replace(self.counts, posts=self.counts.posts + 1)

    def _by_hand(self, visit: Visit, part: Role) -> Answered | None:
        for index, response in enumerate(self.scenario.responses):
            if self._left[index] != 0 and _meant(response, visit, part):
                if (left := self._left[index]) is not None:
                    self._left[index] = left - 1
                made = response.response()
                made = made if made.reason else replace(made, reason=reason(made.status))
                return Answered(response=made, why=(f"given by hand: responses[{index}] of {self.name}",))
        return None

    def _way_for(self, part: Role) -> Delivery:
        words = self.scenario.delivery
        if words.on not in ("everything", part):
            return Delivery()
        self._travelled += 1
        return self._way if words.first is None or self._travelled <= words.first else Delivery()


def _meant(response: HandMade, visit: Visit, part: Role) -> bool:
    if response.to in ("page", "ajax"):
        return part == response.to or (response.to == "ajax" and part == "answer")
    return part in ("answer", "ajax") and action(visit) == response.to


class Runs:
    """The runs of one server; *build* makes the site that a scenario's settings describe."""

    def __init__(self, library: Library, build: Callable[[SiteSettings], Answerer]) -> None:
        self.library = library
        self._build = build
        self._runs: OrderedDict[tuple[str, str], Run] = OrderedDict()

    def start(self, name: str, run_id: str, scenario: Scenario | None = None) -> Run:
        """
        Begin a run, in place of one that has the same id; *scenario* may differ from what the library has.

        Raises:
            SettingsError: there is no such scenario.
        """
        scenario = self.library[name].scenario if scenario is None else scenario
        run = Run(name, scenario, self._build(scenario.site))
        self._runs[name, run_id] = run
        while len(self._runs) > _MOST_RUNS:
            self._runs.popitem(last=False)
        return run

    def find(self, name: str, run_id: str = SHARED, *, page: bool = False) -> Run:
        """
        Return a run, begun if need be; *page* says that a page is asked for.

        Raises:
            SettingsError: there is no such scenario.
        """
        run = self._runs.get((name, run_id))
        if run is None or (run_id == SHARED and page and run.answered):
            return self.start(name, run_id)
        self._runs.move_to_end((name, run_id))
        return run

    def drop(self, name: str, run_id: str) -> Counts:
        """
        End a run and return what was asked in it.

        Raises:
            SettingsError: there is no such run.
        """
        run = self._runs.pop((name, run_id), None)
        if run is None:
            raise SettingsError(f"no run `{run_id}` of `{name}`")
        return run.counts
