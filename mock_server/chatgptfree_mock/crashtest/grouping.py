"""Groups of failures with one reason, and names and texts that are shortened for a report."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from chatgptfree_mock.control_characters import quoted
from chatgptfree_mock.crashtest.results import CaseResult

_TEXT_SHOWN = 400
_NAMES_SHOWN = 6


R = TypeVar("R", bound=CaseResult)


class Group(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
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


def listed(names: Sequence[str]) -> str:
    """Return *names* separated by commas; of many, the first ones and how many others there are."""
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def clip(text: str, length: int = _TEXT_SHOWN) -> str:
    """Return *text* shortened, with line ends and control characters made visible."""
    return quoted(text) if len(text) <= length else f"{quoted(text[:length])}… ({len(text)} characters)"
