"""Cases of the crash test, to be tried one by one inside a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import pytest

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


__all__ = ["Library", "label", "last_run", "library", "open_case_server", "plan", "planned"]
