"""Group failures by reason, across scenarios and releases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chatgptfree_mock.crashtest.grouping import Group, clip
from chatgptfree_mock.crashtest.scenarios.results import Result

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.scenarios.regressions import TurningPoint

_TEXT_SHOWN: Final = 400


def by_cause(results: Iterable[Result]) -> list[Group[Result]]:
    """Return *results* in groups, the biggest first."""
    groups: dict[tuple[StrEnum, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result.verdict, result.cause or result.reason), []).append(result)
    found = [
        Group(verdict=verdict, cause=cause, results=tuple(members)) for (verdict, cause), members in groups.items()
    ]
    return sorted(found, key=lambda group: -len(group.results))


def by_summary(points: Sequence[TurningPoint]) -> list[tuple[str, list[TurningPoint]]]:
    """Return *points* grouped by their description, such as `crash since 1.8.91`, the biggest group first."""
    groups: dict[str, list[TurningPoint]] = {}
    for point in points:
        groups.setdefault(point.summary, []).append(point)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def expected(result: Result, length: int = _TEXT_SHOWN) -> str:
    """Return the expected result in words, such as `an error (challenge)`; of a text, at most *length* characters."""
    if not result.kinds:
        return f"the answer {clip(result.expected, length)}"
    error = f"an error ({' or '.join(result.kinds)})"
    return f"{error} after {clip(result.expected, length)}" if result.expected else error
