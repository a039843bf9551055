"""Numbers that people have and write in groups: phones, cards and IBANs; the latter two by their checksums."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.checksums import iban_length, is_card, is_iban
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_values import is_phone_mask
from chatgptfree_mock.tape.redaction.text.byte_search import CAPITALS, DIGITS, positions
from chatgptfree_mock.tape.redaction.text.findings import Secret, unless_placeholder
from chatgptfree_mock.tape.redaction.text.literals import Literals

_CLASSES: Final = bytes(
    48 if chr(code) in DIGITS else 65 if chr(code) in CAPITALS else code if chr(code) in " +-)" else 120
    for code in range(256)
)
"""Digits become 0, capitals A; blanks, plus, dash and parenthesis stay."""
_ENCODED_PLUS: Final = (b"%2B", b"%2b")
_PHONE: Final = LazyPattern(r"(?:\+|%2[Bb])[1-9][0-9]{0,2}(?:[ ./-]{0,1}\(?[0-9]{1,5}\)?){2,7}(?![\w.]*[0-9])")
_US_PHONE: Final = LazyPattern(
    r"(?<![\w.+-])(?:1[ .-])?(?:\([2-9][0-9]{2}\)[ -]?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4}(?![\w-])"
)
_NATIONAL: Final = LazyPattern(
    r"(?<![\w.,+/-])(?<![0-9.,] )(?:00[1-9][0-9]{0,2}(?:[ /-][0-9]{1,8}){2,5}"
    r"|0[1-9](?:(?:[ ][0-9]{2}){4}|(?:[.][0-9]{2}){4}"
    r"|(?:-[0-9]{2}){4})|0[1-9][0-9]{0,4}(?:[ ][0-9]{3,4}[ ][0-9]{3,4}|-[0-9]{3,4}-[0-9]{3,4}"
    r"|[ ][0-9]{3}(?:[ ][0-9]{2}){2})"
    r"|0[1-9][0-9]{1,4}[ /][0-9]{6,8}|\([0-9]{2}\)[ ]?9?[0-9]{4}-[0-9]{4}|[2-9][0-9]{2}\.[2-9][0-9]{2}\.[0-9]{4})"
    r"(?![\w/-]|[ .,][0-9])"
)
"""Digits in groups as in France, Britain, Germany, Switzerland, Japan, Australia, Brazil and the United States."""
_NATIONAL_SIGNS: Final = (
    *(b"00 00 00 00 00", b"00x00x00x00x00", b"00-00-00-00-00", b"000 0000", b"00-0000-0000", b"000 000 00 00"),
    *(b"0000 000 000", b"000x000000", b"000 000000", b"00) 0000", b"000x000x0000", b"000-000-0000", b"0000 0 0000"),
)
"""Their pattern in `_CLASSES`."""
_CARD: Final = LazyPattern(
    r"(?<![\w.+-])[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}(?![\w-]|\.[0-9])"
    r"|(?<![\w.+-])3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}(?![\w-]|\.[0-9])"
)
_CARD_SIGNS: Final = (
    *(b"0000000000000", b"0000 0000 0000 0", b"0000-0000-0000-0", b"0000 000000 0000", b"0000-000000-0000"),
)
"""The pattern of cards in `_CLASSES`."""
_IBAN: Final = LazyPattern(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]){11,30}")


def grouped_numbers(text: str, data: bytes) -> Iterator[Secret]:
    """Yield the phone numbers, cards and IBANs in *text*, whose bytes are *data*."""
    classes = data.translate(_CLASSES)
    for at in positions(classes, b"AA00"):
        found = _IBAN.match(text, at)
        if found and (value := _iban(found[0])):
            yield from unless_placeholder(at, at + len(value), "payment", value, "is an IBAN (its checksum is right)")
    for plus in _ENCODED_PLUS if b"%2" in data else ():
        for at in positions(data, plus):
            yield from _phones(text, at)
    for sign, places in _SIGNS.find(classes).items():
        for at in places:
            if sign not in _CARD_SIGNS or classes[at - 1 : at] != b"0":  # a card begins where its digits do
                yield from _READERS[sign](text, at)


def _iban(text: str) -> str | None:
    """Return the IBAN that *text* begins with, blanks included."""
    length, count = iban_length(text[:2]), 0
    for at, character in enumerate(text):
        count += character != " "
        if count == length:
            value = text[: at + 1]
            return value if is_iban(value.replace(" ", "")) and not text[at + 1 : at + 2].isalnum() else None
    return None


def _cards(text: str, at: int) -> Iterator[Secret]:
    found = _CARD.match(text, at)
    if found and is_card(re.sub(r"[ -]", "", found[0])):
        yield from unless_placeholder(*found.span(), "payment", found[0], "is a card number (its checksum is right)")


def _phones(text: str, at: int) -> Iterator[Secret]:
    before = text[max(0, at - 1) : at]
    found = _PHONE.match(text, at)
    if found is None or before.isalnum() or before in (")", "]", "_", "+", "/", "."):
        return
    digits = sum(map(str.isdigit, found[0].removeprefix("%2B").removeprefix("%2b")))
    if 8 <= digits <= 15 and found[0].count("(") == found[0].count(")") and not is_phone_mask(found[0]):
        yield from unless_placeholder(*found.span(), "phones", found[0], "is a phone number (ITU-T E.164)")


def _us_phones(text: str, at: int) -> Iterator[Secret]:
    for start in (at - 7, at - 6, at - 5, at - 4):
        if start >= 0 and (found := _US_PHONE.match(text, start)):
            if not is_phone_mask(found[0]):
                yield from unless_placeholder(*found.span(), "phones", found[0], "is a phone number")
            return


def _national_phones(text: str, at: int) -> Iterator[Secret]:
    for found in _NATIONAL.finditer(text, max(0, at - 8), at + 40):
        digits = sum(map(str.isdigit, found[0]))
        if found.end() > at and 9 <= digits <= 15 and not is_phone_mask(found[0]):
            yield from unless_placeholder(*found.span(), "phones", found[0], "is a phone number")


_READERS: Final = {
    b"+0": _phones,
    b"000-0000": _us_phones,
    **dict.fromkeys(_CARD_SIGNS, _cards),
    **dict.fromkeys(_NATIONAL_SIGNS, _national_phones),
}
"""The function that reads the text if its `_CLASSES` have this pattern."""
_SIGNS: Final = Literals(_READERS)
