"""
Decide whether a value looks random: drawn by a machine for one visit, rather than written or named by a person.

What people and programs write consists of words and numbers joined by punctuation: ``gpt-4o-2024-08-06``,
``1920x1080``, ``getChatResponse``, ``app.3f2a9c1e.js``.  A random value has a stretch of at least `LEAST` letters and
digits that alternate as they do in no word.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

LEAST: Final = 8
"""The fewest characters of a value that can be distinguished from a word."""
_DECIMALS: Final = 10
"""The fewest digits of a number that is neither a count nor a measure."""
_STRETCH: Final = LazyPattern(r"[A-Za-z0-9]{8,}")
_HEX: Final = LazyPattern(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_CODED: Final = LazyPattern(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HUMP: Final = LazyPattern(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CONSONANTS: Final = LazyPattern(r"[b-df-hj-np-tv-xz]{6}", re.IGNORECASE)
_RARE: Final = LazyPattern(
    r"(?=b[qxz]|c[gjvwx]|d[x]|f[kqvxz]|g[qvx]|h[kvxz]|j[bcdfghklmnptvwxz]|k[qvxz]|l[qx]|m[jqz]|p[qvx]|q[bcdfghjklmnprtvwxyz]"
    r"|s[x]|t[q]|v[bcdfghjkmpqtwxz]|w[qvxz]|x[bgjkvz]|y[qv]|z[bcdgjkmnpqrstvx])"
)
"""Letters that hardly follow each other in words of European languages."""
_VOWELS: Final = LazyPattern(r"[aeiouy]", re.IGNORECASE)
_SHORT: Final = frozenset(
    {"a", "i", "btn", "cfg", "css", "ctx", "html", "http", "https", "msg", "php", "sql", "src", "str", "tmp", "xml"}
    | {
        "ai",
        "an",
        "as",
        "at",
        "be",
        "by",
        "db",
        "do",
        "go",
        "id",
        "if",
        "in",
        "io",
        "ip",
        "is",
        "js",
        "me",
        "my",
        "no",
        "of",
    }
    | {"ok", "on", "or", "pv", "so", "to", "ui", "up", "us", "we", "wp"}
)
_WRITTEN: Final = LazyPattern(
    r"https?:|[/?#.]|.*[\s<>{}@]|.*\.[a-z][a-z0-9]{0,4}\Z|.*\d+x\d+(?:x\d+)*\Z|P(?:T?\d+[A-Z])+\Z|\d{8}T\d{6}Z?\Z",
    re.DOTALL,
)
"""Addresses, paths, prose, mail addresses, names of files, sizes of pictures, ISO 8601 durations and dates."""


def is_random(value: str) -> bool:
    """Return whether *value* looks random."""
    if len(value) < LEAST:
        return False
    return _is_coded(value) or (not _WRITTEN.match(value) and any(map(_alternates, _STRETCH.findall(value))))


def is_unspeakable(word: str) -> bool:
    """Return whether the letters of *word* cannot be a word: six consonants in a row, or four letters and no vowel."""
    letters = re.sub(r"[^A-Za-z]", "", word)
    return bool(_CONSONANTS.search(letters)) or (len(letters) >= 4 and not _VOWELS.search(letters))


def _alternates(stretch: str) -> bool:
    if stretch.isdecimal():
        return len(stretch) >= _DECIMALS
    if stretch.isalpha():
        return not _is_compound(stretch) or len(_RARE.findall(stretch.lower())) >= 2
    if _HEX.fullmatch(stretch):
        return True
    changes = _changes(stretch)
    if changes <= 2:
        return len(_oddities(stretch)) >= (1 if changes == 2 else 2)
    return changes >= 3 and not (_digits(stretch) == 1 and _is_compound(stretch))


def _oddities(stretch: str) -> list[str]:
    """Return the parts of *stretch* that words do not have: rare pairs, and three letters or more without a vowel."""
    runs = re.findall(r"[A-Za-z]{3,}", stretch)
    mute = (run for run in runs if not _VOWELS.search(run) and run.lower() not in _SHORT)
    return [*_RARE.findall(stretch.lower()), *mute]


def _is_compound(stretch: str) -> bool:
    """Return whether *stretch* consists of words, as in `getChatResponse` or `IPv4Address`."""
    words = _HUMP.sub(" ", re.sub(r"[0-9]", " ", stretch)).split()
    return all(map(_is_speakable, words)) and sum(map(len, words)) >= 3 * len(words)


def _is_speakable(word: str) -> bool:
    """Return whether *word* can be one: a short one of `_SHORT`, an abbreviation, or with vowels among its letters."""
    if len(word) <= 2 or word.lower() in _SHORT:
        return word.lower() in _SHORT
    if word.isupper() and len(word) <= 6:
        return True
    return bool(_VOWELS.search(word)) and not _CONSONANTS.search(word)


def _digits(stretch: str) -> int:
    return sum(map(str.isdecimal, stretch))


def _changes(stretch: str) -> int:
    """Return how often *stretch* changes between small letters, capitals (but a word's first) and digits."""
    plain = re.sub(r"[A-Z](?=[a-z]{2})", lambda found: found[0].lower(), stretch)
    return sum(_kind(one) != _kind(other) for one, other in pairwise(plain))


def _kind(character: str) -> int:
    return 0 if character.isdecimal() else 1 if character.islower() else 2


def _is_coded(value: str) -> bool:
    """Return whether *value* is base64 whose signs cut it into short stretches."""
    letters = re.sub(r"[^A-Za-z0-9]", "", value)
    return bool(_CODED.fullmatch(value)) and _changes(letters) >= 0.4 * len(letters)
