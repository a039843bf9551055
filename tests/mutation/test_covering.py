"""Which tests a fault is shown to: those of every case that runs its line, however busy the machine is."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from coverage import CoverageData
from tests.mutation.covering import BUDGET, Covering, Plugin, spread


def items(count: int) -> list[Any]:
    return [SimpleNamespace(nodeid=f"t.py::test[{number}]") for number in range(count)]


def test_all_cases_of_a_short_test_are_measured_and_of_a_long_one_the_first() -> None:
    plugin, (case,) = Plugin(), items(1)
    plugin.measured["t.py::test"], plugin.spent["t.py::test"] = 2, BUDGET * 9
    assert plugin.leave_out(case) is None
    plugin.measured["t.py::test"] = 3
    assert plugin.leave_out(case) is True
    plugin.spent["t.py::test"] = BUDGET
    assert plugin.leave_out(case) is None


def test_the_first_cases_are_from_all_parts_of_the_list() -> None:
    cases = items(9)
    assert [cases.index(case) for case in spread(cases)] == [0, 3, 6, 1, 2, 4, 5, 7, 8]
    assert spread(cases[:2]) == cases[:2]


def test_a_fault_is_shown_to_every_measured_case_that_runs_its_line_and_then_to_all_cases() -> None:
    data = CoverageData(no_disk=True)
    names = [item.nodeid for item in items(8)]
    for name in (*names[3:], "t.py::other"):
        data.set_context(name)
        data.add_lines({"m.py": [7, *([8] if name == "t.py::other" else [])]})
    seconds = {**dict.fromkeys(names, 0.5), "t.py::other": 1.0}
    covering = Covering.of(data, seconds, Counter({"t.py::test": 20, "t.py::other": 1}))
    first, every = covering.batches("m.py", range(7, 8))
    data.close(force=True)
    assert set(first.tests) == {*names[3:], "t.py::other"}
    assert (every.tests, every.seconds) == (("t.py::test", "t.py::other"), 20 * 0.5 + 1.0)


def test_a_line_that_runs_on_import_has_all_tests_of_the_files_that_use_the_module_its_own_first() -> None:
    data = CoverageData(no_disk=True)
    data.set_context("test_others.py::runs_it")
    data.add_lines({"events.py": [9]})
    data.set_context("test_events.py::runs_it")
    data.add_lines({"events.py": [9, 10]})
    names = ["test_others.py::runs_it", "test_events.py::makes_one", "test_events.py::runs_it", "test_far.py::other"]
    covering = Covering.of(data, dict.fromkeys(names, 0.5), Counter(names))
    (only,) = covering.batches("events.py", range(1, 2))
    data.close(force=True)
    assert only.tests == ("test_events.py::makes_one", "test_events.py::runs_it", "test_others.py::runs_it")
