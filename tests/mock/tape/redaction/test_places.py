"""A known value is found around each run that it shares with a text, and runs near each other are searched in one go."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.places import places_of


class CountedText(str):
    """Counts the searches in it."""

    __slots__ = ("searches",)

    def __init__(self, text: str) -> None:
        del text
        self.searches = 0

    def find(self, *args: object) -> int:
        self.searches += 1
        return super().find(*args)  # type: ignore[arg-type]


@given(value=st.text("ab=", min_size=3, max_size=8), text=st.text("ab= ", max_size=60))
def test_no_run_that_a_value_overlaps_is_left_over(value: str, text: str) -> None:
    runs = [found.span() for found in re.finditer("[ab]+", text) if found[0] in value]
    places, others = places_of(text, value, runs)
    assert {text[start:end] for start, end in places} <= {value}
    covered = {at for found in re.finditer(re.escape(value), text) for at in range(*found.span())}
    assert [run for run in others if covered.issuperset(range(*run))] == []
    assert {run for run in runs if not any(start < run[1] and run[0] < end for start, end in places)} == set(others)


def test_a_long_value_that_repeats_itself_is_not_searched_for_from_each_of_its_words() -> None:
    value = "token=1" * 3000
    text = CountedText(f"a={value}&b={value}")
    runs = [found.span() for found in re.finditer("1token", text)]
    places, others = places_of(text, value, runs)
    assert places == [(2, 2 + len(value)), (5 + len(value), 5 + 2 * len(value))]
    assert others == []
    assert text.searches < 10
