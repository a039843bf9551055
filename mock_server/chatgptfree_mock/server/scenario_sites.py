"""
Scenarios as sites: each is played at ``/s/<layer>/<name>/``.

``/s/<layer>/<name>/@ID/``, or ``?run=ID`` behind the first, is the run *ID*, begun by its first request; tests that run
side by side give different ids.  Without an id there is one run for everybody, and it begins anew with the first page
after an answer, so that the URL replays the scenario from the start.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, unquote

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.scenario.library import Library
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.scenario.runs import Run
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.site_registry import Build, MountedSite, NoSuchSiteError

SEGMENT: Final = "s"
SHARED: Final = ""
"""The id of the run that everybody shares."""

_MOST_RUNS = 2000
_MOST_LOST = 10_000
_RUN_BYTES = 192 * 1024
"""About what a run takes: its site, and the pages that it has made."""
_PATH = re.compile(r"/s/([^/]+)/([^/]+)(?:/@([^/]*))?(/.*)?", re.DOTALL)


class ScenarioSites:
    """
    The scenarios of one server and their runs; *build* makes the site that a scenario's settings describe.

    *library* is called when the first scenario is asked for: most servers never play one.
    """

    def __init__(self, library: Callable[[], Library], build: Build, journal: Journal, files: FileAccess) -> None:
        self._library = library
        self._build = build
        self._journal = journal
        self._files = files
        self._lost: OrderedDict[tuple[str, str], None] = OrderedDict()
        """Runs that were forgotten to make room."""
        self._runs: OrderedDict[tuple[str, str], tuple[MountedSite, Run]] = OrderedDict()

    @cached_property
    def library(self) -> Library:
        """Return all scenarios there are; raises SettingsError if a folder of them is missing."""
        return self._library()

    def find(self, path: str, query: str) -> tuple[MountedSite, str]:
        """
        Return the run that a raw *path* means, begun if need be, and the path below it.

        Raises:
            NoSuchSiteError: the path is not of this form.
            MockError: there is no such scenario, its file is wrong, or it names a file that the server may not read.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise NoSuchSiteError(f"scenarios are at /s/<layer>/<name>/, not at {path[:100]}")
        layer, name, run_id = (unquote(part) if part else "" for part in found.groups()[:3])
        run_id = run_id or parse_qs(query).get("run", [SHARED])[0]
        return self._visited(f"{layer}/{name}", run_id, found[4] or ""), found[4] or ""

    def start(self, name: str, run_id: str, scenario: Scenario | None = None) -> tuple[MountedSite, Run]:
        """
        Begin a run, in place of one that has the same id; *scenario* may differ from what the library has.

        Raises:
            MockError: there is no such scenario, or it names a file that the server may not read.
        """
        if scenario is None:
            scenario = self.library[name].scenario
            self._files.check(scenario.spec)
        clock = SystemClock()
        run = Run(name, scenario, self._build(scenario.spec, clock, None), note=self._note(name, run_id))
        path = f"s/{name}/@{run_id}" if run_id else f"s/{name}"
        hosted = MountedSite(
            name=path,
            prefix=f"/{path}",
            spec=scenario.spec,
            delivery=AS_RECORDED,
            clock=clock,
            journal=self._journal.below(),
            build=self._build,
            answerer=run,
            scenario=name,
        )
        hosted.faults.expect(run.delivery)
        self.drop(name, run_id)
        self._runs[name, run_id] = hosted, run
        self._journal.memory.hold(_held(name, run_id), "runs", _RUN_BYTES, lambda: self._lose(name, run_id))
        if len(self._runs) > _MOST_RUNS:
            self._lose(*next(iter(self._runs)))
        return hosted, run

    def reload(self, library: Library) -> None:
        """Play the scenarios of *library* from now on; runs of those that have changed are forgotten."""
        self.library = library
        for (name, run_id), (hosted, run) in list(self._runs.items()):
            if not _is_same(library, name, hosted, run):
                self.drop(name, run_id)

    def drop(self, name: str, run_id: str) -> None:
        """Forget a run, if it is there."""
        dropped = self._runs.pop((name, run_id), None)
        if dropped is not None:
            self._journal.memory.release(_held(name, run_id))
            dropped[0].journal.retire()

    def _lose(self, name: str, run_id: str) -> None:
        """Forget a run to make room; if it is requested again, its journal notes that it began anew."""
        self.drop(name, run_id)
        self._lost[name, run_id] = None
        while len(self._lost) > _MOST_LOST:
            self._lost.popitem(last=False)

    def _note(self, name: str, run_id: str) -> str:
        if (name, run_id) not in self._lost:
            return ""
        del self._lost[name, run_id]
        return "this run began anew: what it remembered was forgotten to make room for others"

    def _visited(self, name: str, run_id: str, below: str) -> MountedSite:
        if (name, run_id) not in self._runs:
            return self.start(name, run_id)[0]
        hosted, run = self._runs[name, run_id]
        if run_id == SHARED and run.answered and hosted.kind(SiteRequest(method="GET", path=below)) == "page":
            return self.start(name, run_id)[0]
        self._runs.move_to_end((name, run_id))
        self._journal.memory.touch(_held(name, run_id))
        return hosted


def _is_same(library: Library, name: str, hosted: MountedSite, run: Run) -> bool:
    """Return whether *run* plays the scenario *name* as *library* has it."""
    try:
        scenario = library[name].scenario
    except MockError:  # it is gone
        return False
    return scenario == run.scenario and scenario.spec == hosted.spec


def _held(name: str, run_id: str) -> tuple[str, str, str]:
    return ("run", name, run_id)
