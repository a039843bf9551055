"""
One fault: planted into a copy of the checkout and shown to its tests.

This is a separate module because the processes that plant the faults import it: `multiprocessing` does not import the
``__main__`` of a package again.
"""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_item import TestOutcome, WorkItem
from tests.mutation.covering import Batch

UNMEASURED = 900.0
"""The most seconds for tests that nobody measured."""
SLACK, TIMES = 60.0, 10.0
"""Measured tests may take this many seconds more than so many times their usual time."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Part:
    """A package, dotted and as a folder, and the tests that have to see its faults."""

    package: str
    folder: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault to plant, and the tests that run its line, in the order in which they are tried."""

    item: WorkItem
    batches: tuple[Batch, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault; *hung*: killed because its tests ran past their limit."""

    module: str
    operator: str
    line: str
    killed: bool
    hung: bool
    diff: str


def environment(copy: Path) -> dict[str, str]:
    """Return the variables that make Python import the packages from *copy*."""
    path = os.pathsep.join([str(copy), str(copy / "client"), str(copy / "mock_server")])
    return {**os.environ, "PYTHONPATH": path}


def work_in(copy: Path) -> None:
    """Make *copy* the folder in which this process plants its faults."""
    os.chdir(copy)
    os.environ.update(environment(copy))


def run(planned: Planned) -> Outcome:
    """Plant the fault in the current folder, run its tests, and take it out again."""
    fault = planned.item.mutations[0]
    line = fault.module_path.read_text(encoding="utf-8").splitlines()[fault.start_pos[0] - 1].strip()
    killed, hung, diff = False, False, ""
    for batch in planned.batches:
        limit = SLACK + TIMES * batch.seconds if batch.seconds else UNMEASURED
        result = mutate_and_test([fault], shlex.join([*PYTEST, *batch.tests]), limit)
        killed, diff = result.test_outcome is TestOutcome.KILLED, result.diff or ""
        hung = killed and result.output == "timeout"
        if killed:
            break
    return Outcome(fault.module_path.as_posix(), fault.operator_name, line, killed, hung, diff)
