"""Places in a text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.known_values.occurrences import merged

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)).map(lambda span: (span[0], sum(span))))


@given(spans=SPANS)
@example(spans=[(0, 2), (2, 4), (6, 8)])
@example(spans=[(0, 9), (1, 3)])
def test_merged_spans_cover_the_same_characters_and_leave_a_gap_between_them(spans: list[tuple[int, int]]) -> None:
    found = list(merged(spans))
    assert {at for span in found for at in range(*span)} == {at for span in spans for at in range(*span)}
    assert all(end < start for (_, end), (start, _) in pairwise(found))
