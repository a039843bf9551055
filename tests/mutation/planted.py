"""
One fault: planted into a copy of the checkout and shown to its tests.

Most of the seconds of a short run of pytest go into importing its plugins.  So the tests run in children of a process
that has imported those, but nothing of the project.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator
from tests.mutation.covering import Batch
from tests.mutation.sample import Fault

UNMEASURED = 900.0
"""The most seconds for tests that nobody measured."""
SLACK, TIMES = 120.0, 10.0
"""Measured tests may take this many seconds more than so many times their usual time."""
PRELOADED = ["aiohttp.web", "cosmic_ray.mutating", "hypothesis", "pydantic", "rich.console", "trio", "werkzeug"]
"""What this module, plugins of pytest and many tests import."""
OPTIONS = ("-q", "-x", "-n0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True, slots=True)
class Part:
    """A package, dotted and as a folder, and the tests that have to see its faults."""

    package: str
    folder: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault to plant, by its *name* in the sample, and its tests, in the order in which they are tried."""

    name: str
    fault: Fault
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault; *hung*: killed because its tests ran past their limit."""

    name: str
    module: str
    operator: str
    line: str
    becomes: str
    killed: bool
    hung: bool


def environment(copy: Path) -> dict[str, str]:
    """Return the variables that make Python import the packages from *copy*."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(_paths(copy))}


def _paths(copy: Path) -> list[str]:
    return [str(copy), str(copy / "client"), str(copy / "mock_server")]


def run(copy: Path, planned: Planned) -> Outcome:
    """Plant the fault in *copy*, run its tests, and take it out again."""
    fault = planned.fault
    with use_mutation(copy / fault.module, get_operator(fault.operator)(), fault.occurrence) as (before, after):
        results = (_tests_exit_code(copy, batch) for batch in planned.batches)
        killer = next((result for result in results if result != pytest.ExitCode.OK), pytest.ExitCode.OK)
    line, becomes = (text.splitlines()[fault.start[0] - 1].strip() for text in (before, after))
    killed = killer != pytest.ExitCode.OK
    return Outcome(planned.name, fault.module, fault.operator, line, becomes, killed, hung=killer is None)


def check(copy: Path, batch: Batch) -> None:
    """
    Run the tests without a fault.

    Raises:
        RuntimeError: they fail.
    """
    if (code := _tests_exit_code(copy, batch)) != pytest.ExitCode.OK:
        raise RuntimeError(f"exit code {code} without a fault: {' '.join(batch.tests)}")


def _tests_exit_code(copy: Path, batch: Batch) -> int | None:
    """Run the tests and return the exit code of pytest, or None if they ran past their limit."""
    limit = SLACK + TIMES * batch.seconds if batch.seconds else UNMEASURED
    code = _exit_code(copy, batch.tests, limit)
    if code == pytest.ExitCode.USAGE_ERROR:
        # Tests that are named after values of the module have other names now, which must not count as a failure.
        code = _exit_code(copy, sorted({test.partition("::")[0] for test in batch.tests}), UNMEASURED)
    return code


def _exit_code(copy: Path, tests: Sequence[str], limit: float) -> int | None:
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_pytest, args=(copy, [*OPTIONS, *tests]))
    process.start()
    process.join(limit)
    code = process.exitcode
    with suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return code


def _pytest(copy: Path, arguments: list[str]) -> None:
    """Run pytest in this process, which leads a group of its own, with *copy* as the project."""
    os.setsid()
    os.chdir(copy)
    os.environ.update(environment(copy), PYTHONDONTWRITEBYTECODE="1")
    # A module that was changed twice within a moment must not come out of a cache.
    sys.dont_write_bytecode = True
    sys.path[:0] = _paths(copy)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    sys.argv[:] = ["pytest", *arguments]
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    code = pytest.main(arguments)
    os._exit(code)
