"""
Which tests run which line: a fault is shown to those only, the most specific first.

``-p tests.mutation.covering`` makes this a plugin of pytest: under ``coverage run`` each test becomes a context of the
measurement, and how long each took that passed is written to $COVERING_SECONDS.

Of a parametrized test as many cases are measured as `BUDGET` allows, and of the examples of a property `EXAMPLES`; a
fault is shown to all of them.  Seconds are those of the processor, so that a busy machine measures the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pytest
from coverage import Coverage, CoverageData
from hypothesis import settings

CASES, BUDGET, EXAMPLES = 3, 1.0, 20
"""Cases of a parametrized test that are measured at least, seconds that more may take, and examples of a property."""
FIRST = 25
"""How many of the measured tests are tried before all cases of all that were found."""
LONGEST = 120.0
"""For how many seconds, as measured, a fault is shown to tests at most."""
_SECONDS = "COVERING_SECONDS"
_RC = "[run]\nbranch = false\nparallel = false\nrelative_files = true\ndata_file = {data}\nsource_pkgs = {package}\n"


@dataclass(slots=True)
class Plugin:
    """Names the context of the measurement after the test that runs, and adds up the seconds of each test."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    cases: Counter[str] = field(default_factory=Counter)
    measured: Counter[str] = field(default_factory=Counter)
    spent: dict[str, float] = field(default_factory=dict)

    def pytest_collection(self) -> None:
        settings.register_profile("measured", settings.get_profile("untimed"), max_examples=EXAMPLES)
        settings.load_profile("measured")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        alike: dict[str, list[pytest.Item]] = {}
        for item in items:
            alike.setdefault(without_case(item.nodeid), []).append(item)
        self.cases.update({name: len(cases) for name, cases in alike.items()})
        items[:] = [case for cases in alike.values() for case in spread(cases)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        measuring = Coverage.current()
        if measuring is not None:
            measuring.switch_context(item.nodeid)
        start = _processor_seconds()
        result = yield
        test, seconds = without_case(item.nodeid), _processor_seconds() - start
        if item.nodeid in self.seconds:
            self.seconds[item.nodeid] = seconds
            self.measured[test] += 1
            self.spent[test] = self.spent.get(test, 0.0) + seconds
        if measuring is not None:
            measuring.switch_context("")
        return result

    @pytest.hookimpl(specname="pytest_runtest_protocol", tryfirst=True)
    def leave_out(self, item: pytest.Item) -> bool | None:
        """Pass over a case if enough of its test were measured."""
        test = without_case(item.nodeid)
        return (self.measured[test] >= CASES and self.spent[test] > BUDGET) or None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds.setdefault(report.nodeid, 0.0)
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        passed = {name: seconds for name, seconds in self.seconds.items() if name not in self.failed}
        Path(os.environ[_SECONDS]).write_text(json.dumps([passed, self.cases]), encoding="utf-8")


def _processor_seconds() -> float:
    """Return what this process and its children have used."""
    return sum(os.times()[:4])


def spread(cases: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return *cases* with `CASES` of them from all parts of the list first."""
    first = cases[:: max(1, len(cases) // CASES)][:CASES]
    return [*first, *(case for case in cases if case not in first)]


def without_case(test: str) -> str:
    """Return the id of a test without the case in brackets."""
    return test.partition("[")[0]


def file_of(test: str) -> PurePath:
    """Return the file that a test, by its id, is in."""
    return PurePath(test.partition("::")[0])


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin."""
    config.pluginmanager.register(Plugin())


@dataclass(frozen=True, slots=True)
class Batch:
    """Tests to run in one go, by id or path, and the *seconds* that they take; 0.0 if nobody measured them."""

    tests: tuple[str, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Covering:
    """The tests of a part by the file and line that they run, and the *seconds* of each that passes."""

    data: CoverageData
    seconds: dict[str, float]
    cases: dict[str, int]
    """How many cases each test has, by its id without the case."""
    lines: Counter[str]
    """How many lines of the part each measured case runs."""
    of_test: dict[str, list[float]]
    """The seconds of the measured cases of each test."""

    @classmethod
    def of(cls, data: CoverageData, seconds: dict[str, float], cases: dict[str, int]) -> Covering:
        """Count the lines of each test in *data*."""
        lines: Counter[str] = Counter()
        for file in data.measured_files():
            for names in data.contexts_by_lineno(file).values():
                lines.update(names)
        of_test: dict[str, list[float]] = {}
        for name, each in seconds.items():
            of_test.setdefault(without_case(name), []).append(each)
        return cls(data, seconds, cases, lines, of_test)

    def batches(self, module: str, lines: range) -> Iterator[Batch]:
        """
        Yield the tests that run any of *lines* of *module*: first the few that run the fewest lines, then all cases.

        A line that runs on import has all tests of the files in which one runs any line of the module: how a class is
        made (`kw_only=True`) shows without running a line of it.  Files that are named after the module come first.
        """
        contexts = self.data.contexts_by_lineno(module)
        found = self._passing(contexts, lines) or self._beside(self._passing(contexts, contexts))
        own = f"test_{PurePath(module).stem}.py"
        measured = sorted(found, key=lambda name: (file_of(name).name != own, self.lines[name], self.seconds[name]))
        first = measured[:FIRST]
        if first:
            yield Batch(tuple(first), sum(self.seconds[name] for name in first))
        all_cases = {test: self._seconds_of_all(test) for test in dict.fromkeys(map(without_case, measured))}
        tests = list(_within(LONGEST, all_cases))
        if set(tests) - set(first):
            yield Batch(tuple(tests), sum(all_cases[name] for name in tests))

    def _seconds_of_all(self, test: str) -> float:
        """Return how long all cases of *test* take, by those that were measured."""
        measured = self.of_test[test]
        return sum(measured) / len(measured) * self.cases[test]

    def _beside(self, tests: Collection[str]) -> set[str]:
        """Return all tests of the files of *tests*."""
        files = set(map(file_of, tests))
        return {name for name in self.seconds if file_of(name) in files}

    def _passing(self, contexts: Mapping[int, Sequence[str]], lines: Iterable[int]) -> set[str]:
        return {name for line in lines for name in contexts.get(line, ()) if name in self.seconds}


def _within(limit: float, seconds: dict[str, float]) -> Iterator[str]:
    """Yield the tests in their order, but those that would take longer than what is left of *limit*."""
    for name, each in seconds.items():
        if each <= limit:
            limit -= each
            yield name


def measure(copy: Path, package: str, tests: Sequence[str], environment: dict[str, str]) -> Covering:
    """
    Run *tests* in *copy* and return which of them run which line of *package*, a dotted name.

    Those that fail although there is no fault are left out.

    Raises:
        CalledProcessError: the tests could not be run.
    """
    data, seconds, rc = copy / f"{package}.coverage", copy / f"{package}.json", copy / f"{package}.rc"
    rc.write_text(_RC.format(data=data, package=package), encoding="utf-8")
    command = [sys.executable, "-m", "coverage", "run", f"--rcfile={rc}", "-m", "pytest", "-q", "-n0"]
    command += ["-p", "no:cacheprovider", "-p", "tests.mutation.covering", *tests]
    variables = {**environment, _SECONDS: str(seconds)}
    done = subprocess.run(command, check=False, cwd=copy, env=variables, stdout=subprocess.DEVNULL)
    if done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        done.check_returncode()
    found = CoverageData(str(data))
    found.read()
    return Covering.of(found, *json.loads(seconds.read_text(encoding="utf-8")))
