"""Where a cheap sign decides what is looked at closely, nothing is missed that a look at every place would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.bodies.tables import FIRST_LINE, first_lines
from chatgptfree_mock.tape.redaction.patterns.ip_addresses import ip_addresses

PIECES = st.lists(
    st.sampled_from(["\n", "\0\n", "\0", "```", "```csv\n", "`", " ", "\t", "\r", "a,b", "token|x", "abc", "\ufeff"]),
    max_size=40,
).map("".join)
COLONS = st.text(alphabet=":f1.- x", max_size=30)


@given(PIECES)
def test_the_first_lines_are_those_that_a_search_at_every_place_finds(text: str) -> None:
    assert [found.span() for found in first_lines(text)] == [found.span() for found in FIRST_LINE.finditer(text)]


@given(COLONS.map(lambda text: text + " "), COLONS.map(lambda text: " " + text))
def test_an_address_is_found_whatever_colons_are_around_it(before: str, after: str) -> None:
    text = f"{before}ff::12{after}"
    found = {secret.spans[0] for secret in ip_addresses(text, text.encode("latin-1"))}
    assert (len(before), len(before) + len("ff::12")) in found
