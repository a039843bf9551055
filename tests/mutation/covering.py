"""
Which tests run which line: a fault is shown to those first, the quickest first.

``-p tests.mutation.covering`` makes this a plugin of pytest: under ``coverage run`` each test becomes a context of the
measurement, and how long each took is written to $COVERING_SECONDS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

MOST = 300
"""How many tests, the quickest of those that run a line, are tried before the others."""
_SECONDS = "COVERING_SECONDS"
_RC = "[run]\nbranch = false\nparallel = false\nrelative_files = true\ndata_file = {data}\nsource_pkgs = {package}\n"


@dataclass(slots=True)
class Plugin:
    """Names the context of the measurement after the test that runs, and adds up the seconds of each test."""

    seconds: dict[str, float] = field(default_factory=dict)

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

    def pytest_sessionfinish(self) -> None:
        Path(os.environ[_SECONDS]).write_text(json.dumps(self.seconds), encoding="utf-8")


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
    """The tests of a part by the file and line that they run."""

    data: CoverageData
    seconds: dict[str, float]

    def batches(self, module: Path, lines: range) -> Iterator[Batch]:
        """Yield the tests that run any of *lines* of *module*: the `MOST` quickest, then the others."""
        contexts = self.data.contexts_by_lineno(str(module))
        found = {name for line in lines for name in contexts.get(line, ()) if name}
        tests = sorted(found, key=lambda name: self.seconds.get(name, 0.0))
        for some in filter(None, (tests[:MOST], tests[MOST:])):
            yield Batch(tuple(some), sum(self.seconds.get(name, 0.0) for name in some))


def measure(copy: Path, package: str, tests: Sequence[str], environment: dict[str, str]) -> Covering:
    """
    Run *tests* in *copy* and return which of them run which line of *package*, a dotted name.

    Raises:
        CalledProcessError: the tests fail without any fault.
    """
    data, seconds, rc = copy / f"{package}.coverage", copy / f"{package}.json", copy / f"{package}.rc"
    rc.write_text(_RC.format(data=data, package=package), encoding="utf-8")
    command = [sys.executable, "-m", "coverage", "run", f"--rcfile={rc}", "-m", "pytest", "-q", "-x", "-n0"]
    command += ["-p", "no:cacheprovider", "-p", "tests.mutation.covering", *tests]
    subprocess.run(
        command, cwd=copy, check=True, env={**environment, _SECONDS: str(seconds)}, stdout=subprocess.DEVNULL
    )
    found = CoverageData(str(data))
    found.read()
    return Covering(found, json.loads(seconds.read_text(encoding="utf-8")))
