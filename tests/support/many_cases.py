"""Many small cases in one test: most of the time of a test of a millisecond goes into starting and reporting it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from tests.support.recordings import recording_id

T = TypeVar("T")


def check_each(check: Callable[[T], None], cases: Iterable[T], *, label: Callable[[T], str] = str) -> None:
    """
    Run *check* on each of *cases*, also behind one that fails.

    Raises:
        ExceptionGroup: with every failure and a note that names its case, as *label* does.
    """
    failures = []
    for case in cases:
        try:
            check(case)
        except Exception as exc:  # noqa: BLE001 - all of them are raised below
            exc.add_note(f"case: {label(case)}")
            failures.append(exc)
    if failures:
        raise ExceptionGroup(f"{len(failures)} cases fail", failures)


def by_release(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return recordings by the release of the plugin that they are of."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(path.parent.name, []).append(path)
    return found


def check_recordings(check: Callable[[Path], None], paths: Iterable[Path]) -> None:
    """Run *check* on each recording of *paths*, see `check_each`."""
    check_each(check, paths, label=recording_id)
