"""The character encoding of a page, where neither its bytes nor a header decide."""

from __future__ import annotations

import pytest
from tests.support.answers import head_of

from chatgptfree.core.protocol.charset import decode

CYRILLIC = "Привет"
META = b"<meta charset=koi8-r"


@pytest.mark.parametrize(("end", "named"), [(len(META), True), (4096, True), (4097, False), (9000, False)])
def test_the_documents_own_charset_counts_in_its_first_4096_bytes(end: int, *, named: bool) -> None:
    page = b" " * (end - len(META)) + META + b">" + CYRILLIC.encode("koi8-r")
    assert decode(head_of("text/html"), page).endswith(CYRILLIC) is named


def test_a_header_is_taken_before_the_document() -> None:
    page = META + b">" + CYRILLIC.encode("cp1251")
    assert decode(head_of("text/html; charset=windows-1251"), page).endswith(CYRILLIC)
