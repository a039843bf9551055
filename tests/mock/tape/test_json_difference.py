"""Differences of JSON: what one list has more is one difference, wherever it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.json_difference import differences

SYSTEM, USER, REPLY = ({"role": role, "content": role} for role in ("system", "user", "assistant"))


def nothing_ignored(_name: str, _path: str) -> bool:
    return False


def paths(recorded: Any, sent: Any) -> list[str]:
    return [path for path, _ in differences(recorded, sent, nothing_ignored)]


@pytest.mark.parametrize(
    ("recorded", "sent", "found"),
    [
        ([SYSTEM, USER], [USER], ["$[0]"]),
        ([USER], [SYSTEM, USER], ["$[0]"]),
        ([SYSTEM, USER, REPLY, USER], [USER, USER], ["$[0]", "$[2]"]),
        ([SYSTEM, USER], [REPLY], ["$[0].role", "$[0].content", "$[1]"]),
        ([SYSTEM, USER], [REPLY, USER], ["$[0].role", "$[0].content"]),
        ([1, 2], [2, 1], ["$[0]", "$[1]"]),
        ([[1, 2]], [[2]], ["$[0][0]"]),
    ],
)
def test_what_a_list_has_more_is_the_difference(recorded: Any, sent: Any, found: list[str]) -> None:
    assert paths(recorded, sent) == found


def test_what_is_ignored_is_so_in_items_that_moved() -> None:
    recorded, sent = [SYSTEM, {"id": 1, **USER}], [{"id": 2, **USER}]
    assert [path for path, _ in differences(recorded, sent, lambda name, _: name == "id")] == ["$[0]"]


def test_deep_and_long_lists_are_compared_in_reasonable_steps() -> None:
    deep, other = [1], [1]
    steps = 0

    def count(_name: str, _path: str) -> bool:
        nonlocal steps
        steps += 1
        return False

    for _ in range(200):
        deep, other = [deep, 1], [other]  # type: ignore[list-item]
    assert len(list(differences(deep, other, count))) == 200
    assert steps < 200 * 200 * 4
    steps = 0
    assert [path for path, _ in differences(list(range(5000)), list(range(1, 5000)), count)] == ["$[0]"]
    assert steps < 5000 * 4


JSON = st.recursive(st.integers(0, 2), lambda inner: st.lists(inner, max_size=4), max_leaves=12)


@given(recorded=JSON, sent=JSON)
def test_there_is_a_difference_exactly_if_the_values_differ(recorded: Any, sent: Any) -> None:
    assert bool(paths(recorded, sent)) is (recorded != sent)


def test_long_texts_are_shown_where_they_differ() -> None:
    same = "What is the capital of this country? " * 5
    found = dict(differences({"content": same + "France"}, {"content": same + "Spain"}, nothing_ignored))
    assert found == {"$.content": f"recorded '…{same[-20:]}France'   got '…{same[-20:]}Spain'"}
