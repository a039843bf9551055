"""Cases of the crash test, to be tried one by one inside a test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import pytest
from msgspec.structs import replace

from chatgptfree_mock.crashtest.scenarios.plan import Case, Plan, cases
from chatgptfree_mock.crashtest.scenarios.server import CaseRun, CaseServer
from chatgptfree_mock.scenario.library import Library, shipped

library = cache(shipped)


def plan(
    scenarios: Sequence[str] = (),
    *,
    plugins: str | None = None,
    chunks: Sequence[str] = (),
    command: Sequence[str] = (),
    timeout: float | None = None,
) -> Plan:
    """Return a plan for these scenarios, by default for all that ship."""
    return Plan(
        scenarios=list(scenarios) or library().names,
        folders=[],
        here=".",
        plugins=plugins,
        chunks=list(chunks),
        command=list(command),
        timeout=timeout,
    )


def planned(of: Plan) -> list[Case]:
    """Return the cases of a plan."""
    return list(cases(of, library()))


def label(case: Case) -> str:
    """Return a name for a test of *case*."""
    return f"{case.entry.name} on {case.plugin}, {case.chunks}"


def by_scenario(of: Iterable[Case]) -> dict[str, list[Case]]:
    """Return cases by the name of their scenario, for one test each (see `many_cases`)."""
    found: dict[str, list[Case]] = {}
    for case in of:
        found.setdefault(case.entry.name, []).append(case)
    return found


def with_small_pages(case: Case) -> Case:
    """Return *case* with pages of what matters alone, without the filler that takes half of the time of a case."""
    scenario = case.scenario
    return replace(case, scenario=replace(scenario, site=replace(scenario.site, page_kilobytes=0)))


@contextmanager
def open_case_server() -> Iterator[CaseServer]:
    """Give a running mock to try cases on."""
    server = CaseServer()
    try:
        yield server
    finally:
        server.close()


def last_run(monkeypatch: pytest.MonkeyPatch) -> list[CaseRun]:
    """Return a list with the case that a server in this process began last."""
    begun: list[CaseRun] = []
    open_case = CaseServer.open

    def noted(server: CaseServer, case: Case) -> CaseRun:
        begun[:] = [open_case(server, case)]
        return begun[0]

    monkeypatch.setattr(CaseServer, "open", noted)
    return begun


__all__ = [
    "Library",
    "by_scenario",
    "label",
    "last_run",
    "library",
    "open_case_server",
    "plan",
    "planned",
    "with_small_pages",
]
