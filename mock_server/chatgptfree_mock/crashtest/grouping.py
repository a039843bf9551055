"""Group failures by reason, across scenarios and releases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from chatgptfree_mock.control_characters import quoted
from chatgptfree_mock.crashtest.results import CaseResult, Result

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.regressions import TurningPoint

_TEXT_SHOWN = 400
_NAMES_SHOWN = 6


R = TypeVar("R", bound=CaseResult)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Generic[R]):
    """All *results* of a crash test, at least one, with one *verdict* and one *cause*."""

    verdict: StrEnum
    cause: str
    results: tuple[R, ...]

    @property
    def names(self) -> list[str]:
        """Return the names of the scenarios or variants, each once."""
        return list(dict.fromkeys(result.name for result in self.results))

    @property
    def again(self) -> str:
        """Return a command that runs one of them again."""
        return self.results[0].again


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


def listed(names: Sequence[str], most: int = _NAMES_SHOWN) -> str:
    """Return *names* separated by commas; of more than *most*, the first ones and how many others there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def clip(text: str, length: int = _TEXT_SHOWN) -> str:
    """Return *text* shortened, with line ends and control characters made visible."""
    return quoted(text) if len(text) <= length else f"{quoted(text[:length])}… ({len(text)} characters)"
