"""Imports what the tests of a whole run need, in another order in each worker of xdist."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OTHER_RUNS = {"browser", "docs", "fuzz", "mutation", "typed", "wheel"}
"""Folders of tests that other environments of tox run."""


def import_in_the_order_of(worker: int, workers: int) -> None:
    """
    Import packages and tests, each worker from another place on.

    Workers that collect the same files at the same time in a fresh checkout compile all of them, each for itself. Here
    each begins with a part of its own, and finds the others' parts compiled when it comes to them. What cannot be
    imported is left to the collection, which reports it.
    """
    for names in (modules_of_packages(), modules_of_tests()):
        for name in rotated(names, worker, workers):
            with contextlib.suppress(Exception, pytest.skip.Exception):
                importlib.import_module(name)


def rotated(names: Sequence[str], worker: int, workers: int) -> list[str]:
    """Return the names from the given worker's part on, then those before it."""
    start = len(names) * worker // workers
    return [*names[start:], *names[:start]]


def modules_of_packages() -> list[str]:
    folders = [ROOT / "client", ROOT / "mock_server"]
    names = [_name(path, folder) for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [name for name in names if not name.endswith("__main__")]


def modules_of_tests() -> list[str]:
    names = [_name(path, ROOT) for path in sorted((ROOT / "tests").rglob("test_*.py"))]
    return [name for name in names if name.split(".")[1] not in OTHER_RUNS]


def _name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
