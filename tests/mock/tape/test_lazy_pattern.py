"""Patterns that are compiled at their first use, and act as those of `re`."""

from __future__ import annotations

import re

import pytest

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

TEXT = "one 1, two 22"


def test_a_pattern_is_compiled_at_its_first_use() -> None:
    pattern = LazyPattern(r"(\d")
    assert pattern.pattern == r"(\d"
    with pytest.raises(re.error, match="unterminated subpattern"):
        pattern.search(TEXT)


def test_its_methods_are_those_of_re() -> None:
    lazy, usual = LazyPattern(r"([A-Z]+) (\d)", re.IGNORECASE), re.compile(r"([A-Z]+) (\d)", re.IGNORECASE)
    assert lazy.findall(TEXT) == usual.findall(TEXT) == [("one", "1"), ("two", "2")]
    assert [found.span() for found in lazy.finditer(TEXT)] == [found.span() for found in usual.finditer(TEXT)]
    assert lazy.sub(r"\2", TEXT) == usual.sub(r"\2", TEXT)
    assert lazy.split(TEXT) == usual.split(TEXT)
    assert lazy.match(TEXT, 1) is not None
    assert lazy.fullmatch(TEXT) is None
    assert lazy.search(TEXT, 5, 12) is not None


def test_a_match_names_its_compiled_pattern() -> None:
    pattern = LazyPattern(rb"\d+")
    found = pattern.search(TEXT.encode())
    assert found is not None
    assert found.re is pattern.compiled
