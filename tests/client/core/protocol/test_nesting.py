"""JSON that is nested too deep is recognised by its text alone, whole or cut off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.protocol.nesting import MAX_NESTING, is_too_deep

VALUES = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\a'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\a'), inner, max_size=3),
)


def nested(levels: int, value: object = 1) -> str:
    for level in range(levels):
        value = [value] if level % 2 else {"[": value}
    return json.dumps(value)


@given(value=VALUES, levels=st.sampled_from([0, MAX_NESTING - 1, MAX_NESTING, MAX_NESTING + 1]))
def test_brackets_in_strings_do_not_count(value: object, levels: int) -> None:
    text = nested(levels, json.dumps([value] * MAX_NESTING))
    assert is_too_deep(text) == is_too_deep(text.encode()) == (levels > MAX_NESTING)


def test_many_values_beside_each_other_are_not_deep() -> None:
    assert not is_too_deep(json.dumps([{"a": [1]}] * 10_000))


@pytest.mark.parametrize("start", ["[", '{"a":', '[{"a":'])
def test_a_cut_text_is_as_deep_as_it_came(start: str) -> None:
    assert is_too_deep(start * 50_000)
    assert not is_too_deep(start * (MAX_NESTING // 2))
