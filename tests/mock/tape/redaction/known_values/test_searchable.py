"""Which values are searched in all texts, and by which signs: what may be a word, or is found by its form, is not."""

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.redaction.known_values.searchable import is_searched_everywhere
from chatgptfree_mock.tape.redaction.known_values.symbol_signs import symbol_signs


@for_each(
    ("rule", "value", "searched"),
    [
        ("emails", "jane7doe@mail.example", False),
        ("phones", "+49-151-23456789", False),
        ("payment", "DE89370400440532013000", False),
        ("addresses", "203.0.113.77", False),
        ("addresses", "2001:db8::8a2e:370", False),
        ("addresses", "k7Jq2mW9xR4t", True),  # an address that was hashed
        ("own", "Acme", False),
        ("own", "Acmes", True),
        ("keys", "secret7", True),
        ("keys", "s3cret", True),
        ("keys", "s3cre", False),
        ("keys", "1234567", False),
        ("sessions", "correcthorse", False),
        ("keys", "correcthorse", True),
        ("keys", "configuration", False),
        ("nonces", "a1b2c3d", False),
        ("nonces", "a1b2c3d4", True),
    ],
)
def test_a_value_is_searched_everywhere_if_it_is_no_ordinary_text(rule: str, value: str, searched: bool) -> None:
    assert is_searched_everywhere(rule, value) is searched


@pytest.mark.parametrize(
    ("value", "signs"),
    [
        (
            "pw€word",
            {"u20ac", "u20AC", "x20ac", "x20AC", "u{20AC", "u{020ac", "#8364", "euro;", "82%ac", "82%25AC"},
        ),
        ("pw😀word", {"ude00", "uDE00", "u{1f600", "x1F600", "#128512", "98%80"}),
    ],
    ids=["a euro sign", "an emoji"],
)
def test_a_symbol_is_searched_in_each_spelling(value: str, signs: set[str]) -> None:
    found = symbol_signs(value)
    assert signs <= found
    assert all(len(sign) > 1 for sign in found)  # a sign of one letter would be everywhere
