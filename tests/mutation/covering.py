"""
Which tests run which line: a fault is shown to those only, the most specific first.

``-p tests.mutation.covering`` makes this a plugin of pytest: under ``coverage run`` each test becomes a context of the
measurement, and how long each took that passed is written to $COVERING_SECONDS.

Of the cases of a parametrized test a few are measured, and of the examples of a property `EXAMPLES`; a fault is shown
to all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData
from hypothesis import settings

CASES, EXAMPLES = 3, 20
"""How many cases of a parametrized test, and examples of a property, are measured."""
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

    def pytest_collection(self) -> None:
        settings.register_profile("measured", settings.get_profile("untimed"), max_examples=EXAMPLES)
        settings.load_profile("measured")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        alike: dict[str, list[pytest.Item]] = {}
        for item in items:
            alike.setdefault(without_case(item.nodeid), []).append(item)
        self.cases.update({name: len(cases) for name, cases in alike.items()})
        items[:] = [case for cases in alike.values() for case in cases[:: max(1, len(cases) // CASES)][:CASES]]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        measuring = Coverage.current()
        if measuring is not None:
            measuring.switch_context(item.nodeid)
        result = yield
        if measuring is not None:
            measuring.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        passed = {name: seconds for name, seconds in self.seconds.items() if name not in self.failed}
        Path(os.environ[_SECONDS]).write_text(json.dumps([passed, self.cases]), encoding="utf-8")


def without_case(test: str) -> str:
    """Return the id of a test without the case in brackets."""
    return test.partition("[")[0]


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

    @classmethod
    def of(cls, data: CoverageData, seconds: dict[str, float], cases: dict[str, int]) -> Covering:
        """Count the lines of each test in *data*."""
        lines: Counter[str] = Counter()
        for file in data.measured_files():
            for names in data.contexts_by_lineno(file).values():
                lines.update(names)
        return cls(data, seconds, cases, lines)

    def batches(self, module: str, lines: range) -> Iterator[Batch]:
        """
        Yield the tests that run any of *lines* of *module*: first the few that run the fewest lines, then all cases.

        A line that runs on import has the tests of the whole module.
        """
        contexts = self.data.contexts_by_lineno(module)
        found = self._passing(contexts, lines) or self._passing(contexts, contexts)
        measured = sorted(found, key=lambda name: (self.lines[name], self.seconds[name]))
        first = measured[:FIRST]
        if first:
            yield Batch(tuple(first), sum(self.seconds[name] for name in first))
        all_cases = {without_case(name): self.seconds[name] * self.cases[without_case(name)] for name in measured}
        tests = list(_within(LONGEST, all_cases))
        if set(tests) - set(first):
            yield Batch(tuple(tests), sum(all_cases[name] for name in tests))

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
