"""Release numbers sort by their parts, not as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.page.release_number import order

NUMBERS = st.lists(st.integers(0, 9999), min_size=1, max_size=4)


@given(one=NUMBERS, other=NUMBERS)
def test_they_sort_by_their_parts(one: list[int], other: list[int]) -> None:
    first, second = (order(".".join(map(str, parts))) for parts in (one, other))
    assert first is not None
    assert second is not None
    assert (first < second) is (one < other)


@pytest.mark.parametrize("text", [None, "", "2.", ".4", "2..4", "2.4-beta", "²", "٣.٤", "9" * 5000])
def test_what_is_not_one_has_no_order(text: str | None) -> None:
    assert order(text) is None
