"""Sentences about single tests for the end of the run, which workers of pytest-xdist hand on within their reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

_PROPERTY: Final = "chatgptfree_mock"
"""The name of the properties that hold them."""


def leave(item: pytest.Item, sentence: str) -> None:
    """Add a *sentence* to the report of *item*, which must not be torn down yet."""
    item.user_properties.append((_PROPERTY, f"{item.nodeid} {sentence}"))


def lines(stats: dict[str, list[Any]]) -> Iterator[str]:
    """Yield the sentences of all tests, from the reports in the *stats* of the terminal reporter."""
    for reports in stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                yield from (str(text) for name, text in report.user_properties if name == _PROPERTY)
