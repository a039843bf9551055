"""Documents that no site sends are refused before they are parsed: parsing them takes too much memory or time."""

from __future__ import annotations

import pytest

from chatgptfree.core.page.document import UnparsableError, parse

DEEPEST = 20_000


@pytest.mark.parametrize("ends", [0, 1, 9_000])
@pytest.mark.parametrize("other", ["", "<!-- x --><!doctype html>"])
def test_elements_count_as_nested_until_they_end(ends: int, other: str) -> None:
    def nested(depth: int) -> str:
        return other + "<b>" * (depth + ends) + "</b>" * ends

    parse(nested(DEEPEST))
    with pytest.raises(UnparsableError, match="the document is nested too deeply"):
        parse(nested(DEEPEST + 1))
