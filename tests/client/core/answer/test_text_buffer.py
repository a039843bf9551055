"""The text of an answer so far, and whether it is the same text twice."""

from __future__ import annotations

import pytest

from chatgptfree.core.answer.text_buffer import TextBuffer


@pytest.mark.parametrize(
    ("text", "doubled"),
    [
        ("abcdefgh" * 4 * 2, True),  # 32 bytes, twice
        ("abcdefgh" * 4 + "x" + "abcdefgh" * 4, False),
        ("abcdefghijklmnopqrstuvwxyz01234" * 2, False),  # 31 bytes, twice
        ("é" * 16 * 2, True),  # bytes count
        ("abcdefgh" * 4 + "abcdefgH" * 4, False),
        ("", False),
    ],
)
def test_a_text_of_at_least_32_bytes_twice_is_doubled(text: str, *, doubled: bool) -> None:
    buffer = TextBuffer(1000)
    buffer.add(text)
    assert buffer.doubled is doubled
