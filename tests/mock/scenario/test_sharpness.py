"""Every scenario is sharp: a client with the bad habit that it is about fails it with the verdict in `naive`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.crashtest import library, open_case_server, plan, planned, with_small_pages
from tests.support.naive.client import client
from tests.support.naive.habits import Habit
from tests.support.naive.table import FAILS

from chatgptfree_mock.crashtest.scenarios import runner
from chatgptfree_mock.crashtest.scenarios.server import CaseServer
from chatgptfree_mock.journal import OPEN

SHORT = 0.4


@pytest.fixture(scope="module")
def server() -> Iterator[CaseServer]:
    with open_case_server() as running:
        yield running


NAMES = sorted(library().names)


def habits_of(name: str) -> tuple[Habit, ...]:
    assert name in FAILS, (
        f"{name} has no line in tests/support/naive/table.py: name there the habits of tests/support/naive/habits.py "
        "that make a client fail it"
    )
    return FAILS[name]


def test_the_table_names_scenarios_that_exist() -> None:
    assert sorted(set(FAILS) - set(NAMES)) == []


def test_every_habit_is_caught_by_a_scenario() -> None:
    assert {habit for habits in FAILS.values() for habit in habits} == set(Habit)


@pytest.mark.parametrize("name", NAMES)
def test_a_naive_client_fails_it(server: CaseServer, name: str) -> None:
    expected = library()[name].scenario.naive
    of = plan([name], timeout=SHORT if expected == "hang" else None)
    (case,) = map(with_small_pages, planned(of))
    result = runner.run(case, of, server, client(*habits_of(name)))
    if expected == "crash" and case.scenario.expect.kinds:
        # A traceback reports an error, in an ugly way.
        assert (result.verdict, result.note.partition(",")[0]) == ("right", "it crashed with a traceback")
    else:
        habits = ", ".join(habit.name for habit in habits_of(name)) or "no habit"
        assert result.verdict == expected, (
            f"the naive client with {habits} gets the verdict `{result.verdict}`: name habits in "
            "tests/support/naive/table.py that fail the scenario, or write this verdict as its `naive`\n"
            f"{result.reason}\nprinted {result.printed!r}\n{result.stderr}"
        )
    if expected == "hang":
        # Its thread waits for more, so the crash test has closed its connection.
        assert result.exchanges[-1].ended != OPEN


@pytest.mark.parametrize("name", NAMES)
def test_without_its_habits_the_client_does_better(server: CaseServer, name: str) -> None:
    of = plan([name])
    (case,) = map(with_small_pages, planned(of))
    # Where it has to give up, it may do so at any time.
    decent = client(patience=SHORT) if "timeout" in case.scenario.expect.kinds else client()
    result = runner.run(case, of, server, decent)
    assert result.verdict != library()[name].scenario.naive, result.reason
    assert not result.note
