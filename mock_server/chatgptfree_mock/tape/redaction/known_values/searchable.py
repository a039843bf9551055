"""Which values are searched everywhere: not words or short numbers, which occur in too many texts."""

from __future__ import annotations

import unicodedata
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_public
from chatgptfree_mock.tape.redaction.names.secret_values import looks_mixed, looks_random
from chatgptfree_mock.tape.redaction.patterns.at_signs import SEAMLESS
from chatgptfree_mock.tape.redaction.text.findings import unescaped

_LONG_WORD: Final = LazyPattern(r"[^\s\"'`=<>(){}\[\]:;,/\\|]{10,}")
"""A password without digits that is searched everywhere; shorter words occur in too many texts."""
_ORDINARY: Final = frozenset(
    {"administrator", "anonymous", "authorization", "configuration", "development", "localhost", "placeholder"}
    | {"postgresql", "production", "superuser", "supersecret", "undefined", "authenticated", "integration"}
)
"""Words that people use as a password and also write elsewhere in their usual sense."""
_PHRASE: Final = LazyPattern(rf"{SEAMLESS.pattern}{{4}}")
"""Words of a language without blanks between words."""


def is_searched_everywhere(rule: str, value: str) -> bool:
    """Return whether *value* is searched everywhere; a word or a short number is not."""
    if rule in ("emails", "phones", "payment") or (rule == "addresses" and ("." in value or ":" in value)):
        return False  # found by their form
    if is_public(value):
        return False
    plain = unescaped(value)
    if rule == "own":
        return len(plain) >= 5
    if not plain.isascii() and _PHRASE.search(plain):
        return False
    digits = any(map(str.isdecimal, plain))
    if rule == "nonces":
        return len(plain) >= 8 and (digits or _is_long_word(plain))
    if looks_random(value) or looks_mixed(value):
        return True
    if digits:
        return len(plain) >= 6 and not plain.isdecimal()
    return rule == "keys" and (_is_long_word(plain) or _has_symbols(plain))


def _is_long_word(text: str) -> bool:
    return _LONG_WORD.fullmatch(text) is not None and text.lower() not in _ORDINARY


def _has_symbols(text: str) -> bool:
    """Return whether *text* has a symbol that is in no word, such as an emoji or `€`, among eight characters."""
    return (
        len(text) >= 8 and " " not in text and any(not c.isascii() and unicodedata.category(c)[0] == "S" for c in text)
    )
