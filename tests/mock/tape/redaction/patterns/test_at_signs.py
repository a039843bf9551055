"""What is around an `@`: a user with a password, an address after an escaped line end, and harmless names."""

from __future__ import annotations

import pytest

from chatgptfree_mock.tape.redaction.patterns.at_signs import at_signs


def values_in(text: str) -> list[str]:
    return [secret.value for secret in at_signs(text, text.encode("latin-1"))]


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("ssh://git@host.example/x", []),
        ("ssh://hg@host.example/x", []),
        ("https://git:s3cr3t77@host.example/x", ["git", "s3cr3t77"]),
        ("https://jane:s3cr3t77@host.example/x", ["jane", "s3cr3t77"]),
        ("https://jane:PASSWORD@host.example/x", []),
        ("https://ghp_0123456789abcdefABCDEF0123456789abcd@host.example", ["ghp_0123456789abcdefABCDEF0123456789abcd"]),
    ],
)
def test_user_and_password_of_an_address(address: str, values: list[str]) -> None:
    assert values_in(f"see {address} now") == values


@pytest.mark.parametrize("before", ["\\n", "\\t", "\\r", " ", "<", '"', ":"])
def test_an_address_begins_behind_an_escaped_line_end(before: str) -> None:
    assert values_in(f"hello{before}jane@mail.example.com") == ["jane@mail.example.com"]


@pytest.mark.parametrize("text", ["image@2x.png", "git@host.example", "a@b", "name.@host.example", "@host.example"])
def test_what_only_looks_like_an_address_stays(text: str) -> None:
    assert values_in(f"see {text} now") == []
