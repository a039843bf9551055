"""What is nested too deep for the functions that walk through it is refused when it is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.json_value import MAX_NESTING, duplicate_keys, is_nested_deeper, read_json


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


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('[{"a": {"b": 1}, "b": 2}]', []),
        ('[{"a": {"b": 1, "b": 2}}]', ["[0].a.b"]),
        (
            '{"a": [[1, {"b": 1, "b": {"c": 1, "c": 2, "c": 3}}]], "a": 1}',
            [".a[0][1].b.c", ".a[0][1].b.c", ".a[0][1].b", ".a"],
        ),
        ('{"a": ["b", "b"], "\\u0061": 1}', [".a"]),
        ("1", []),
    ],
)
def test_duplicate_keys_are_found_at_any_depth(text: str, places: list[str]) -> None:
    assert duplicate_keys(text) == places
