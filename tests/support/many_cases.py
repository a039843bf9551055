"""Many small cases in one test: most of the time of a test of a millisecond goes into starting and reporting it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.support.recordings import recording_id

T = TypeVar("T")
Test = Callable[..., None]
_LONGEST = 300
_WITH_ID = type(pytest.param())


def check_each(check: Callable[[T], None], cases: Iterable[T], *, label: Callable[[T], str] = str) -> None:
    """
    Run *check* on each of *cases*, also behind one that fails.

    Raises:
        BaseExceptionGroup: with every failure and a note that names its case, as *label* does.
        ValueError: there is no case, so the test could not fail.
    """
    failures: list[BaseException] = []
    checked = False
    for case in cases:
        checked = True
        try:
            check(case)
        except (Exception, pytest.fail.Exception) as exc:  # noqa: BLE001 - all of them are raised below
            exc.add_note(f"case: {label(case)}")
            failures.append(exc)
    if not checked:
        raise ValueError("there is no case to check")
    if failures:
        raise BaseExceptionGroup(f"{len(failures)} cases fail", failures)


def for_each(
    names: str | Sequence[str], cases: Iterable[Any], *, ids: Callable[[Any], object] = repr
) -> Callable[[Test], Test]:
    """
    Run a test with the arguments of each of *cases* as `pytest.mark.parametrize` does, but as one test.

    A case that fails is named by its id, or by *ids* of each of its values; the others run as well, see `check_each`.
    Of two decorators each case of the one meets each of the other.
    """
    named = names.replace(" ", "").split(",") if isinstance(names, str) else list(names)
    found = list(cases)

    def values(case: Any) -> Sequence[Any]:
        return case.values if isinstance(case, _WITH_ID) else (case,) if len(named) == 1 else case

    def label(case: Any) -> str:
        given = case.id if isinstance(case, _WITH_ID) else None
        return str(given or ", ".join(str(ids(value)) for value in values(case)))[:_LONGEST]

    def decorated(check: Test) -> Test:
        def test(**others: Any) -> None:
            check_each(lambda case: check(**others, **dict(zip(named, values(case), strict=True))), found, label=label)

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return decorated


def by_release(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return recordings by the release of the plugin that they are of."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        found.setdefault(path.parent.name, []).append(path)
    return found


def check_recordings(check: Callable[[Path], None], paths: Iterable[Path]) -> None:
    """Run *check* on each recording of *paths*, see `check_each`."""
    check_each(check, paths, label=recording_id)
