"""A recorder in front of a site, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chatgptfree_mock.clock import Clock, SystemClock
from chatgptfree_mock.config.site import pack_of
from chatgptfree_mock.recorder.batch import Start
from chatgptfree_mock.recorder.captured_response import CapturedResponse
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.cassette_process import Writing
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.tape.origin import Origin
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.whole_file import MAX_BYTES


@dataclass
class SilentView:
    """Keeps what a person would have seen."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    captured: list[CapturedResponse] = field(default_factory=list)

    def began(self, number: int, method: str, target: str) -> None:
        self.lines.append(f"{method} {target}")

    def receiving(self, number: int, captured: CapturedResponse) -> None:
        self.captured.append(captured)

    def ended(self, number: int, what: str) -> None:
        self.lines.append(what)

    def problem(self, text: str) -> None:
        self.problems.append(text)


@dataclass(kw_only=True)
class Running:
    """A running recorder."""

    url: str
    cassette: CassetteFile
    view: SilentView


def write_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process for each recording of the plugin or the command, which takes a tenth of a second."""
    defaults = CassetteFile.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "writing", CassetteWriter)


@asynccontextmanager
async def recording(
    site: str,
    path: Path,
    *,
    mode: Mode = Mode.ALL,
    rules: Rules | None = None,
    clock: Clock | None = None,
    secure: bool = True,
    limit: int = MAX_BYTES,
    writing: Callable[[Start], Writing] = CassetteWriter,
    **how: Any,
) -> AsyncIterator[Running]:
    """Record *site* to *path*, without a second process by default; all is on the disk when this ends."""
    origin, clock, view = Origin.parse(site), clock or SystemClock(), SilentView()
    cassette = CassetteFile(
        path,
        mode=mode,
        site=str(origin),
        rules=rules,
        match=pack_of({}).match_rules,  # of the default pack, as the command `record` hands them in
        clock=clock,
        limit=limit,
        writing=writing,
    )
    try:
        async with Recorder(
            UpstreamConnection(site=origin, secure=secure), cassette, view=view, clock=clock, **how
        ) as recorder:
            yield Running(url=recorder.url, cassette=cassette, view=view)
    finally:
        cassette.save_now()
        cassette.close()
