"""
Scenarios as sites: ``/s/<layer>/<name>/`` plays one to whoever comes.

``/s/<layer>/<name>/@ID/``, or ``?run=ID`` behind the first, is the run *ID*, begun by its first request; tests that run
side by side give different ids.  Without an id there is one run for everybody, and it begins anew with the first page
after an answer, so that the same address tells the same story again.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, unquote

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.scenario.library import Library
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.scenario.runs import Run
from chatgptfree_mock.sites import Build, Hosted, NoSuchSiteError
from chatgptfree_mock.wordpress.role import is_page

SEGMENT: Final = "s"
SHARED: Final = ""
"""The id of the run that everybody shares."""

_MOST_RUNS = 2000
_PATH = re.compile(r"/s/([^/]+)/([^/]+)(?:/@([^/]*))?(/.*)?", re.DOTALL)


class Plays:
    """
    The scenarios of one server and their runs; *build* makes the site that a scenario's settings describe.

    *library* is called when the first scenario is asked for: most servers never play one.
    """

    def __init__(self, library: Callable[[], Library], build: Build, journal: Journal) -> None:
        self._library = library
        self._build = build
        self._journal = journal
        self._runs: OrderedDict[tuple[str, str], tuple[Hosted, Run]] = OrderedDict()

    @cached_property
    def library(self) -> Library:
        """Return all scenarios there are; raises SettingsError if a folder of them is missing."""
        return self._library()

    def find(self, path: str, query: str) -> tuple[Hosted, str]:
        """
        Return the run that a raw *path* means, begun if need be, and the path below it.

        Raises:
            NoSuchSiteError: there is no such scenario, or its file is wrong.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise NoSuchSiteError(f"scenarios hang at /s/<layer>/<name>/, not at {path[:100]}")
        layer, name, run_id = (unquote(part) if part else "" for part in found.groups()[:3])
        run_id = run_id or parse_qs(query).get("run", [SHARED])[0]
        try:
            hosted = self._visited(f"{layer}/{name}", run_id, found[4] or "")
        except MockError as exc:
            raise NoSuchSiteError(str(exc)) from exc
        return hosted, found[4] or ""

    def start(self, name: str, run_id: str, scenario: Scenario | None = None) -> tuple[Hosted, Run]:
        """
        Begin a run, in place of one that has the same id; *scenario* may differ from what the library has.

        Raises:
            SettingsError: there is no such scenario.
        """
        scenario = self.library[name].scenario if scenario is None else scenario
        clock = SystemClock()
        run = Run(name, scenario, self._build(scenario.site, clock, None))
        path = f"s/{name}/@{run_id}" if run_id else f"s/{name}"
        hosted = Hosted(
            name=path,
            prefix=f"/{path}",
            settings=scenario.site,
            delivery=AS_RECORDED,
            clock=clock,
            journal=Journal(above=self._journal),
            build=self._build,
            answerer=run,
        )
        hosted.faults.expect(run.delivery)
        self._runs[name, run_id] = hosted, run
        while len(self._runs) > _MOST_RUNS:
            self._runs.popitem(last=False)
        return hosted, run

    def drop(self, name: str, run_id: str) -> None:
        """Forget a run, if it is there."""
        self._runs.pop((name, run_id), None)

    def _visited(self, name: str, run_id: str, below: str) -> Hosted:
        if (name, run_id) not in self._runs:
            return self.start(name, run_id)[0]
        hosted, run = self._runs[name, run_id]
        if run_id == SHARED and run.answered and is_page(below, hosted.settings.front.ajax_path):
            return self.start(name, run_id)[0]
        self._runs.move_to_end((name, run_id))
        return hosted
