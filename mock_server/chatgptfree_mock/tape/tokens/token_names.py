"""Classify the name of a value: a token, the id of a thing, a measure, or text that a person typed."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

_HUMP: Final = LazyPattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SURE: Final = LazyPattern(
    r"(?:nonce|csrf|xsrf|(?:csrf|xsrf|middleware|verification|authenticity)token|viewstate|eventvalidation)\Z"
)
_SESSION: Final = LazyPattern(r"(?:.*sess|.*sessid|.*session|.*sessionid|sid|.*sessionkey)\Z")
_TOKEN: Final = LazyPattern(
    r"(?:.*token|.*ticket|state|.*key|.*secret|verifier|signature|sig|hmac|challenge|jwt|auth|authorization)\Z"
)
_WORDS_IN_KEY: Final = frozenset({"monkey", "turkey", "hockey", "donkey", "jockey", "whiskey"})
_SUFFIXES: Final = frozenset({"id", "value", "field", "hash", "hex", "input", "v2"})
"""Words that may follow the word that decides, as in `nonce_field`."""
_THINGS: Final = frozenset(
    {"post", "page", "bot", "chatbot", "form", "user", "author", "product", "item", "category", "model", "assistant"}
    | {"widget", "blog", "site", "channel", "agent", "app", "project", "tenant", "workspace", "shop", "store"}
)
"""Things whose ids are the same for every visitor."""
_IDS: Final = frozenset({"id", "uuid", "guid", "no", "number"})
_MEASURES: Final = frozenset(
    {"phone", "tel", "mobile", "fax", "zip", "postcode", "price", "amount", "total", "count", "counts", "quantity"}
    | {"qty", "year", "date", "size", "width", "height", "version", "ver", "offset", "limit", "pages", "views", "likes"}
    | {"length", "bytes", "tokens", "number", "seed"}
)
_TYPED: Final = frozenset(
    {"message", "prompt", "query", "question", "text", "content", "msg", "q", "title", "search", "comment", "email"}
    | {"mail", "name", "password", "passwd", "pass", "pwd", "language", "locale", "timezone"}
)
_TIMES: Final = frozenset({"ts", "time", "timestamp", "t", "now", "date", "at"})


class NameKind(Enum):
    """The kinds of names."""

    SURE = "a token, whatever the value"
    SESSION = "an id of a session"
    TOKEN = "a token, if the value is not a word"  # noqa: S105 - words, not a password
    THING = "the id of a thing"
    MEASURE = "a number of something"
    TYPED = "what a person typed"
    OTHER = ""


def kind_of_name(name: str) -> NameKind:
    """Return the kind of *name*, in any spelling, such as `_csrf`, `cacheKey` or `X-CSRF-Token`."""
    words = words_of(name)
    if not words:
        return NameKind.OTHER
    core = words[:-1] if len(words) > 1 and words[-1] in _SUFFIXES else words
    joined = "".join(core)
    if _SURE.search(joined) or "csrf" in core or "xsrf" in core or "nonce" in core:
        return NameKind.SURE
    if (words[-1] in _IDS and core[-1] in _THINGS) or _ends_with_thing_id(words[-1]):
        return NameKind.THING
    if words[-1] in _TYPED:
        return NameKind.TYPED
    if _SESSION.match(core[-1]):
        return NameKind.SESSION
    if _TOKEN.match(core[-1]) and core[-1] not in _WORDS_IN_KEY:
        return NameKind.TOKEN
    return NameKind.MEASURE if words[-1] in _MEASURES else NameKind.OTHER


def is_id(name: str) -> bool:
    """Return whether *name* is the name of an id, which `paid` is not."""
    words = words_of(name)
    return bool(words) and words[-1] in _IDS


def is_time(name: str) -> bool:
    """Return whether *name* is the name of a time; an empty one may be."""
    words = words_of(name)
    return not words or words[-1] in _TIMES


def words_of(name: str) -> list[str]:
    """Return the words of *name* in lower case."""
    parts = re.split(r"[^A-Za-z0-9]+", _HUMP.sub("_", name))
    return [part.lower() for part in parts if part]


def _ends_with_thing_id(word: str) -> bool:
    return word.endswith("id") and word.removesuffix("id") in _THINGS
