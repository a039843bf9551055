"""The name before a separator in running text: `password:`, `?token=`, `export API_KEY=`, `"apiKey" :`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_names import ending_of, may_end_name
from chatgptfree_mock.tape.redaction.text.byte_search import DIGITS

_NAME: Final = LazyPattern(
    r"(?P<lead>[?&;]|&amp;|^|(?<![\w-])--|(?<![\w-])-D|[^\w.-])"
    r"(?P<name>[A-Za-z_][\w.$-]{0,60}(?:\[[\w-]{0,40}\])*)(?P<quote>\\*[\"'`])?\]?[ \t]*+:?\Z",
    re.ASCII,
)
_NUMBERS_AND_QUOTES: Final = DIGITS + "-\"'`\\ \t\r\n"
_LONGEST_NAME: Final = 60
_LETTERS: Final = LazyPattern(r"[\w.$\[\]-]+\Z", re.ASCII)
REACH: Final = 72
"""The number of characters before a value in which its name is looked for."""


@lru_cache(8192)
def name_at_end(tail: str) -> tuple[str, str, bool] | None:
    """Return the name that *tail* ends with, what leads to it, and whether it is quoted."""
    found = _NAME.search(tail)
    return (found["name"], found["lead"], bool(found["quote"])) if found else None


def name_before(text: str, at: int) -> str | None:
    """Return the name that ends before the separator at *at*, quotes and blanks apart; None if it is too long."""
    tail = text[max(0, at - REACH) : at]
    begun = tail.rstrip(_NUMBERS_AND_QUOTES)[-1:]
    if begun and not (begun in "_$]." or begun.isalpha()):
        return ""  # a number, as in `10:30`, or none
    tail = tail.rstrip()
    found = name_at_end(tail)
    if found is not None:
        return found[0]
    letters = _LETTERS.search(tail)
    return "" if letters is None or len(letters[0]) <= _LONGEST_NAME else None


def promising_endings(pieces: Iterable[str], begun: frozenset[str], *, every: bool) -> set[str]:
    """Return the last four characters of those *pieces* that may end with a secret's name, or of *every* piece."""
    endings = set(map(ending_of, pieces))
    return endings if every else {ending for ending in endings if may_end_name(ending) or ending in begun}
