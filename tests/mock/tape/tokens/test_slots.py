"""New values in the places of recorded ones: how they are spelled there."""

from __future__ import annotations

import base64
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


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(("deepest", "found"), [(0, 1), (1, 2), (2, 3)])
def test_base64_is_decoded_as_often_as_asked_for(deepest: int, found: int) -> None:
    once = in_base64(f"a value: {OLD}")
    text = f"{OLD} {once} {in_base64(f'again: {once}')}"
    chains = [slot.chain for slot in find_slots(text, [OLD], deepest=deepest)]
    assert chains == [("base64",) * times for times in range(found)]
