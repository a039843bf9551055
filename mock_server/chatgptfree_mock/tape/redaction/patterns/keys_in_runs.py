"""Keys that begin in a long run of letters and digits: vendors' keys, web tokens, tokens of links and bots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_values import looks_mixed, looks_random
from chatgptfree_mock.tape.redaction.patterns.vendor_keys import BEGINNINGS, BY_LETTER, vendor_key_of
from chatgptfree_mock.tape.redaction.text.byte_search import ALPHANUMERIC, DIGITS, class_table, runs
from chatgptfree_mock.tape.redaction.text.findings import Secret, unless_placeholder

_TABLE: Final = class_table(ALPHANUMERIC + "_.-")
_SHORTEST: Final = 15
"""The shortest run that is tried as a key."""
_LEADS: Final = ("/", ":")
"""The text before a key that only its context shows; or the key begins with a zero."""
_WORDS: Final = LazyPattern(r"[A-Za-z0-9]+")
_JWT: Final = LazyPattern(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}")
_TELEGRAM: Final = LazyPattern(r"(?:\A|[^0-9])([0-9]{6,12}:)\Z")
_REFRESH: Final = LazyPattern(r"(?<![0-9])1(?://|\\/\\/)\Z")
_ASANA: Final = LazyPattern(r"(?<![0-9A-Za-z])([0-2]\\?/[0-9]{10,20}(?:\\?/[0-9]{10,20})?:)\Z")
_UUID: Final = LazyPattern(r"(?<![0-9A-Za-z-])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:)\Z")
_HEX_KEY: Final = LazyPattern(r"[0-9a-f]{32}(?![0-9A-Za-z_-])")
_OPAQUE: Final = LazyPattern(r"(?=[0-9]*[A-Za-z])(?=(?:[A-Za-z]*[0-9]){2})[A-Za-z0-9]{12,}")
_SHORT_PATHS: Final = frozenset({"s", "i", "t", "k", "l", "key", "keys", "hook", "hooks", "claim", "sso", "otp"})
"""Whole parts of a path that a token follows, as `/s/` in a link that is shared."""
_PATH_WORDS: Final = (
    *("webhook", "session", "reset", "verif", "confirm", "activat", "invit", "magic", "unsubscri", "recover"),
    *("password", "login", "token", "share", "auth", "join"),
)
"""The start of a path's segment before a token."""
_BASE64_BEFORE: Final = LazyPattern(r"[A-Za-z0-9+/]*\Z")
_BASE64_AFTER: Final = LazyPattern(r"[A-Za-z0-9+/]*")
_BLOB: Final = 100
"""The length from which on base64 around a run is a file, in which a slash is a character like others."""
_HEX_KEYS: Final = (
    ("Asana", _ASANA, "https://developers.asana.com/docs/personal-access-token"),
    ("fal", _UUID, "https://docs.fal.ai/model-apis/authentication"),
)
"""Keys of 32 hex digits after the number of their owner."""


def long_runs(data: bytes) -> list[tuple[int, int]]:
    """Return start and end of each run of letters, digits and `_.-` in *data* that is long enough for a key."""
    return list(runs(data.translate(_TABLE), _SHORTEST))


def keys_in_runs(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Secret]:
    """Yield the keys in *text* that begin in the long runs *spans*."""
    begun: dict[str, bool] = {}
    for start, end in spans:
        if text.startswith("eyJ", start) and (found := _JWT.match(text, start)):
            yield from unless_placeholder(
                start, found.end(), "keys", found[0], "has the shape of a JSON web token (RFC 7519)"
            )
            continue
        run = text[start:end]
        if run not in begun:
            begun[run] = any(map(_begins_key, repeat(run), (word.start() for word in _WORDS.finditer(run))))
        if begun[run]:
            yield from _vendor_keys(text, start, end)
        if (text[start - 1 : start] in _LEADS or text[start] == "0") and not _is_in_blob(text, start, end):
            yield from _by_surroundings(text, start, end)


def _begins_key(text: str, at: int) -> bool:
    return text[at : at + 3] in BEGINNINGS or text[at : at + 2] in BEGINNINGS


def _vendor_keys(text: str, start: int, end: int) -> Iterator[Secret]:
    reached = start
    for word in _WORDS.finditer(text, start, end):
        at = word.start()
        if at < reached or not _begins_key(text, at):
            continue
        found = BY_LETTER[text[at]].match(text, at)
        if found is None:
            continue
        kind = vendor_key_of(found)
        if _is_key(found[0], kind.prefix):
            reached = found.end()
            reason = f"has the shape of a key: {kind.vendor} ({kind.source})"
            yield from unless_placeholder(at, reached, kind.rule, found[0], reason)


def _is_key(value: str, prefix: str) -> bool:
    """Return whether what follows *prefix* is random: `sk-loading-indicator-bar` is a name in a style sheet."""
    rest = value[len(prefix) :]
    digits = sum(map(rest.count, DIGITS))
    return (
        digits >= 2 or looks_mixed(rest) or (rest.isupper() and rest.isalnum()) or (rest.isalpha() and len(rest) >= 20)
    )


def _is_in_blob(text: str, start: int, end: int) -> bool:
    """Return whether the run is part of a picture or a sound in base64, and of no path."""
    before = _BASE64_BEFORE.search(text[max(0, start - 2 * _BLOB) : start])
    after = _BASE64_AFTER.match(text, end, end + 2 * _BLOB)
    around = (before[0] if before else "") + (after[0] if after else "")
    return len(around) >= _BLOB and "+" in around and "/" in around


def _by_surroundings(text: str, start: int, end: int) -> Iterator[Secret]:
    before = text[max(0, start - 60) : start]
    if before.endswith("/") and (word := _path_word(before)):
        value = text[start:end].rstrip(".")
        if word in _SHORT_PATHS and not _OPAQUE.search(value):
            return
        if len(value) >= 16 and (looks_random(value) or looks_mixed(value)) and not re.search(r"\.[a-z]{2,5}$", value):
            yield from unless_placeholder(start, start + len(value), "keys", value, "is the token of a link")
    elif before.endswith(":") and (key := _HEX_KEY.match(text, start)):
        for vendor, identity, page in _HEX_KEYS:
            if lead := identity.search(before):
                at = start - len(lead[1])
                reason = f"has the shape of a key: {vendor} ({page})"
                yield from unless_placeholder(at, key.end(), "keys", text[at : key.end()], reason)
    elif before.endswith(":") and text.startswith("AA", start) and (found := _TELEGRAM.search(before)):
        at = start - len(found[1])
        if 34 <= end - start <= 42:
            yield from unless_placeholder(
                at,
                end,
                "keys",
                text[at:end],
                "has the shape of a Telegram bot's token (https://core.telegram.org/bots/api)",
            )
    elif text.startswith("0", start) and (lead := _REFRESH.search(before)):
        at = start - len(lead[0])
        yield from unless_placeholder(at, end, "keys", text[at:end], "has the shape of a Google refresh token")


def _path_word(before: str) -> str:
    """Return the word of the path *before* that a token follows: `/reset/`, and `/reset/MQ/` with a user's number."""
    parts = before.rstrip("\\/").split("/")
    last = parts[-1].rstrip("\\")
    if len(last) <= 8 and len(parts) > 1 and last.isalnum() and not last.islower():
        return "reset" if parts[-2].lower().startswith("reset") else ""
    word = last.lower()
    return word if (word in _SHORT_PATHS and len(parts) > 1) or word.startswith(_PATH_WORDS) else ""
