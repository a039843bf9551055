"""
Scenarios as sites: the server plays each at ``/s/<layer>/<name>/``.

The URL ``/s/<layer>/<name>/@ID/``, or the first one with ``?run=ID``, is the run *ID*, which starts with its first
request; tests that run side by side use different ids.  Without an id all clients share one run, which starts over with
the first page after an answer, so that the URL replays the scenario from the start.
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
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.scenario.library import Library
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.scenario.runs import Run
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.mounted_site import Build, MountedSite
from chatgptfree_mock.server.site_registry import NoSuchSiteError

SEGMENT: Final = "s"
SHARED: Final = ""
"""The id of the run that all clients without an id share."""

_MOST_RUNS = 2000
MOST_LOST = 10_000
_RUN_BYTES = 192 * 1024
"""The approximate memory of a run in bytes: its site, and the pages that it has rendered."""
_PATH = re.compile(r"/s/([^/]+)/([^/]+)(?:/@([^/]*))?(/.*)?", re.DOTALL)


class ScenarioSites:
    """
    The scenarios of one server and their runs.

    Args:
        library: returns all scenarios; called for the first request of one, as most servers never play any.
        build: builds the site that a scenario's settings describe.
        journal: the server's journal, which gets the exchanges of all runs.
        files: the check of the files that a scenario names.
    """

    def __init__(self, library: Callable[[], Library], build: Build, journal: Journal, files: FileAccess) -> None:
        self._library = library
        self._build = build
        self._journal = journal
        self._files = files
        self._lost: OrderedDict[tuple[str, str], None] = OrderedDict()
        """The runs that were dropped because of the memory limit."""
        self._runs: OrderedDict[tuple[str, str], tuple[MountedSite, Run]] = OrderedDict()

    @cached_property
    def library(self) -> Library:
        """
        Return all scenarios.

        Raises:
            SettingsError: a folder of scenarios does not exist.
        """
        return self._library()

    def find(self, path: str, query: str) -> tuple[MountedSite, str]:
        """
        Return the run for a request, started if necessary, and the rest of the path below it.

        Args:
            path: the path of the request, percent-encoded as received.
            query: its query, without the question mark.

        Raises:
            NoSuchSiteError: *path* is not of the form ``/s/<layer>/<name>/``.
            MockError: the scenario does not exist, its file is wrong, it breaks TLS, or it names a file that the server
                may not read.
        """
        found = _PATH.fullmatch(path)
        if found is None:
            raise NoSuchSiteError(f"scenarios are at /s/<layer>/<name>/, not at {path[:100]}")
        layer, name, run_id = (unquote(part) if part else "" for part in found.groups()[:3])
        run_id = run_id or parse_qs(query).get("run", [SHARED])[0]
        return self._visited(f"{layer}/{name}", run_id, found[4] or ""), found[4] or ""

    def start(self, name: str, run_id: str, scenario: Scenario | None = None) -> tuple[MountedSite, Run]:
        """
        Start a run, in place of one with the same id, and return its site and the run.

        Args:
            name: the scenario, as ``<layer>/<name>``.
            run_id: the id of the run; empty for the one that is shared.
            scenario: what to play; None (default) for the library's scenario *name*.

        Raises:
            MockError: the scenario does not exist, or it names a file that the server may not read.
        """
        if scenario is None:
            scenario = self.library[name].scenario
            self._files.check(scenario.spec)
        clock = SystemClock()
        run = Run(name, scenario, self._build(scenario.spec, clock, None), note=self._note(name, run_id))
        path = f"s/{name}/@{run_id}" if run_id else f"s/{name}"
        mounted = MountedSite(
            name=path,
            prefix=f"/{path}",
            spec=scenario.spec,
            delivery=AS_RECORDED,
            clock=clock,
            journal=self._journal.below(),
            build=self._build,
            site=run,
            scenario=name,
        )
        mounted.faults.expect(run.delivery)
        self.drop(name, run_id)
        self._runs[name, run_id] = mounted, run
        self._journal.memory.hold(_held(name, run_id), "runs", _RUN_BYTES, lambda _: self._lose(name, run_id))
        if len(self._runs) > _MOST_RUNS:
            self._lose(*next(iter(self._runs)))
        return mounted, run

    def reload(self, library: Library) -> None:
        """Play the scenarios of *library* from now on; drop runs of changed scenarios."""
        self.library = library
        for (name, run_id), (mounted, run) in list(self._runs.items()):
            if not _is_same(library, name, mounted, run):
                self.drop(name, run_id)

    def drop(self, name: str, run_id: str) -> None:
        """Drop a run; no-op if it does not exist."""
        dropped = self._runs.pop((name, run_id), None)
        if dropped is not None:
            self._journal.memory.release(_held(name, run_id))
            dropped[0].journal.retire()

    def _lose(self, name: str, run_id: str) -> None:
        """Drop a run because of the memory limit; if it is requested again, its journal notes that it started over."""
        self.drop(name, run_id)
        self._lost[name, run_id] = None
        while len(self._lost) > MOST_LOST:
            self._lost.popitem(last=False)

    def _note(self, name: str, run_id: str) -> str:
        if (name, run_id) not in self._lost:
            return ""
        del self._lost[name, run_id]
        return "this run was restarted: its state was dropped to make room for others"

    def _visited(self, name: str, run_id: str, below: str) -> MountedSite:
        known = self._runs.get((name, run_id))
        scenario = self.library[name].scenario if known is None else known[1].scenario
        if scenario.delivery.tls is not None:
            raise SettingsError(
                f"the scenario {name} breaks TLS ({scenario.delivery.tls}), and this address has none: run it with "
                "`crashtest --intercept`, or in a test with intercept=True"
            )
        if known is None:
            return self.start(name, run_id)[0]
        mounted, run = known
        if run_id == SHARED and run.answered and mounted.kind(SiteRequest(method="GET", path=below)) == "page":
            return self.start(name, run_id)[0]
        self._runs.move_to_end((name, run_id))
        self._journal.memory.touch(_held(name, run_id))
        return mounted


def _is_same(library: Library, name: str, mounted: MountedSite, run: Run) -> bool:
    """Return whether *run* plays the scenario *name* as *library* has it."""
    try:
        scenario = library[name].scenario
    except MockError:  # the scenario no longer exists
        return False
    return scenario == run.scenario and scenario.spec == mounted.spec


def _held(name: str, run_id: str) -> tuple[str, str, str]:
    return ("run", name, run_id)
