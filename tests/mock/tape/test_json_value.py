"""What is nested too deep for the functions that walk through it is refused when it is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.json_value import MAX_NESTING, is_nested_deeper, read_json


def nested(levels: int) -> str:
    return '{"a":[' * (levels // 2) + "[" * (levels % 2) + "1" + "]" * (levels % 2) + "]}" * (levels // 2)


@given(levels=st.integers(0, 400))
@example(levels=256)
@example(levels=257)
def test_the_limit_is_exact(levels: int) -> None:
    text = nested(levels)
    if levels > MAX_NESTING:
        with pytest.raises(ValueError, match="nested deeper than 256 levels"):
            read_json(text)
    else:
        assert read_json(text) == read_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("levels", [5_000, 100_000])
def test_whatever_the_reader_of_this_python_takes(levels: int) -> None:
    with pytest.raises(ValueError, match="nested"):
        read_json(nested(levels))


def test_many_values_beside_each_other_are_not_deep() -> None:
    text = json.dumps([{"a": []}] * 1_000)
    assert read_json(text) == json.loads(text)
    assert not is_nested_deeper(1, 0)
    assert is_nested_deeper([], 0)
    assert not is_nested_deeper([[], {}], 2)
    assert is_nested_deeper([[], [{}]], 2)
