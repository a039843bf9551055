"""Measured numbers are passed over, and nothing that is secret by its looks is lost by that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mock.tape.redaction.secrets import PEOPLE, VENDORS

from chatgptfree_mock.tape.redaction.patterns.measurements import without_measurements
from chatgptfree_mock.tape.redaction.running_text import pattern_search

SHOWN = sorted(each.encode().decode("latin-1") for each in (VENDORS | PEOPLE).values())
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**7), 10**17).map(str),
    st.sampled_from(["4111111111111111", "030 1234567", "192.0.2.7", "0.5", "-1e-05", "12.", "4111.1111"]),
)
LISTS = st.builds(
    lambda numbers, joint: f"[{joint.join(numbers)}]",
    st.lists(NUMBERS, min_size=6, max_size=14),
    st.sampled_from([",", ", ", ",\n  ", ",-", " ,"]),
)
FIELDS = st.builds(
    '"{}":{}{}{}'.format, st.sampled_from(["p", "ip"]), st.sampled_from(["", " ", " -"]), NUMBERS, st.just("}")
)
PARTS = st.lists(st.one_of(LISTS, FIELDS, NUMBERS, st.sampled_from(SHOWN), st.sampled_from([" ", "[", ",", "\n", '"'])))


@given(PARTS.map("".join))
def test_nothing_that_shows_by_its_looks_is_lost(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pattern_search, "without_measurements", str)
        expected = found_in(text)
    assert found_in(text) == expected


def found_in(text: str) -> set[tuple[tuple[tuple[int, int], ...], str]]:
    long = text + "\n" * 200  # what was found in a short text is kept
    return {(secret.spans, secret.value) for secret in pattern_search.pattern_secrets(long)}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[" + "-0.25, " * 9 + "0.5]", "[" + "," * 62 + " 0.5]"),
        ('{"p":0.12345678,"q": -1.23456}', '{"p":0.,,,,,,,,,"q": -1.,,,,,}'),
        ("[4111111111111111, 1, 2, 3, 4, 5, 6, 7, 8]", "[4111111111111111, 1, 2, 3, 4, 5, 6, 7, 8]"),
    ],
    ids=["a list", "values of keys", "a card in a list"],
)
def test_measured_numbers_are_filled_in(text: str, left: str) -> None:
    assert without_measurements(text) == left
    assert len(without_measurements(text)) == len(text)
