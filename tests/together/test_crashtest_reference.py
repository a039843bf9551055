"""
The reference client through the crash test: every scenario is right, on every interface and however it is cut.

Each scenario is cut at every byte, and in one of two other ways.  It meets three of the nine releases at which
something changed, and each of them a third of the scenarios; blocking client and classic provider, which read with the
same code, get every fourth.  The asynchronous client meets pages of the usual size, the others short ones.  The whole
matrix, in an hour:
``chatgptfree-mock crashtest --plugin all --chunks all -n auto --callable tests.support.reference:ask``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from msgspec import structs
from tests.support import reference
from tests.support.crashtest import (
    by_scenario,
    label,
    last_run,
    library,
    open_case_server,
    plan,
    planned,
    with_small_pages,
)
from tests.support.many_cases import check_each
from tests.support.time_limits import end_limits_of_reads

from chatgptfree_mock.crashtest.function import Client
from chatgptfree_mock.crashtest.scenarios import runner
from chatgptfree_mock.crashtest.scenarios.plan import Case
from chatgptfree_mock.crashtest.scenarios.server import CaseServer
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.scenario.expectation import DEFAULT_SECONDS

WAYS = ["whole", "random:1"]
"""No cut, and one between that and the finest; more of them are tried on the decoder and the reader themselves."""
EDGES = ["1.8.79", "1.8.90", "1.8.91", "1.9.18", "2.3", "2.3.31", "2.3.41", "2.4.0", "2.4.71"]

OWN = plan()
PATIENT = plan(timeout=60)
"""A busy machine may take seconds for anything, so the client waits for half a minute."""
CUT = [
    *planned(plan(chunks=["bytes"])),
    *(case for turn, way in enumerate(WAYS) for case in planned(plan(library().names[turn::2], chunks=[way]))),
]
FOURTH = library().names[::4]
ELSEWHERE = [
    case
    for turn, release in enumerate(EDGES)
    for case in planned(plan(library().names[turn % 3 :: 3], plugins=release))
]


def quick(case: Case) -> Case:
    """Return *case* with a shorter pace, if it has one: its seconds are waited for on the scenario's own release."""
    if not case.scenario.delivery.pace.startswith("every:"):
        return case
    delivery = structs.replace(case.scenario.delivery, pace="every:20ms")
    return structs.replace(case, scenario=structs.replace(case.scenario, delivery=delivery))


def brief(case: Case) -> bool:
    """Return whether *case* is about anything but a silence, which only a time limit of the client ends."""
    return case.scenario.expect.seconds == DEFAULT_SECONDS


@pytest.fixture(scope="module")
def server() -> Iterator[CaseServer]:
    with open_case_server() as running:
        yield running


def assert_right(case: Case, server: CaseServer, client: Client) -> None:
    result = runner.run(case, PATIENT, server, client)
    assert result.verdict is Verdict.RIGHT, f"{result.reason}\nprinted {result.printed!r}\n{result.stderr}"


@pytest.mark.parametrize("case", planned(OWN), ids=label)
def test_the_asynchronous_client(server: CaseServer, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[str] = []

    async def ask(url: str, message: str, bot: str | None = None, timeout: float = 5) -> AsyncIterator[str]:  # noqa: ASYNC109 - as in reference.ask
        async for piece in reference.ask(url, message, bot, timeout):
            got.append(piece)
            yield piece

    if not brief(case):
        # All that ever comes is there, so the client's limit may as well be over.
        runs, partial = last_run(monkeypatch), case.scenario.expect.partial
        end_limits_of_reads(monkeypatch, lambda: runs[0].run.counts.posts > 0 and "".join(got) == partial)
    assert_right(case, server, ask)


@pytest.mark.parametrize("case", [with_small_pages(case) for case in planned(plan(FOURTH))], ids=label)
def test_the_classic_provider_on_every_fourth_scenario(server: CaseServer, case: Case) -> None:
    assert_right(case, server, reference.ask_provider)


@pytest.mark.parametrize("case", [with_small_pages(case) for case in planned(plan(FOURTH))], ids=label)
def test_the_blocking_client_on_every_fourth_scenario(server: CaseServer, case: Case) -> None:
    assert_right(case, server, reference.ask_blocking)


def assert_each_right(cases: list[Case], server: CaseServer) -> None:
    check_each(lambda case: assert_right(with_small_pages(case), server, reference.ask), cases, label=label)


RECUT = by_scenario(case for case in CUT if case.scenario.delivery.recut and brief(case))
CHANGED = by_scenario(quick(case) for case in ELSEWHERE if not case.own_release and brief(case))


@pytest.mark.parametrize("name", RECUT)
def test_however_the_answer_is_cut(server: CaseServer, name: str) -> None:
    assert_each_right(RECUT[name], server)


@pytest.mark.parametrize("name", CHANGED)
def test_on_releases_where_something_changed(server: CaseServer, name: str) -> None:
    assert_each_right(CHANGED[name], server)
