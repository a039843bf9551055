"""New values in the places of recorded ones: how they are spelled there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from chatgptfree_mock.tape.tokens.slots import fill, find_slots, layout

OLD, NEW = "0a1b2c3d4e5f", "+/9AFlLTyvM6u9cxdA=="


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        (f'{{"stream": "/stream?ticket={OLD}"}}', '{"stream": "/stream?ticket=%2B%2F9AFlLTyvM6u9cxdA%3D%3D"}'),
        (f'<a href="/x?a=1&amp;ticket={OLD}">', '<a href="/x?a=1&amp;ticket=%2B%2F9AFlLTyvM6u9cxdA%3D%3D">'),
        (f'{{"ticket": "{OLD}"}}', f'{{"ticket": "{NEW}"}}'),
        (f"ticket={OLD}; path=/", f"ticket={NEW}; path=/"),
    ],
    ids=["an address in JSON", "an address in a page", "a value in JSON", "a cookie"],
)
def test_a_value_in_the_query_of_an_address_is_percent_encoded(text: str, filled: str) -> None:
    assert fill(text, layout(find_slots(text, [OLD])).filled, {OLD: NEW}) == filled


def test_a_client_that_takes_the_address_as_it_is_brings_the_value() -> None:
    text = f"/stream?ticket={OLD}&n=1"
    address = fill(text, layout(find_slots(text, [OLD])).filled, {OLD: NEW})
    assert parse_qs(urlsplit(address).query) == {"ticket": [NEW], "n": ["1"]}
