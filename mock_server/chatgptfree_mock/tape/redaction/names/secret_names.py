"""
The names whose values are secret: fields, JSON keys, attributes, headers, cookies; in any spelling.

`accessToken`, `access-token`, `X-Access-Token`, `user[access_token]` and `auth.access_token` are one name.  Some names
decide alone (`password`: any value of it is secret); others need a value that looks like one as well (`token` is
a word in many APIs, `code` an error code, `state` a region).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Final

import msgspec

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names import tables
from chatgptfree_mock.tape.redaction.text.byte_search import DIGITS
from chatgptfree_mock.tape.redaction.text.findings import unescaped

RULES: Final = {
    "cookies": "every value in Cookie and Set-Cookie",
    "authorization": "Authorization headers, passwords in URLs",
    "challenge": "clearance of bot checks: cf_clearance, turnstile, captchas",
    "addresses": "IP addresses",
    "emails": "e-mail addresses",
    "phones": "phone numbers",
    "payment": "card numbers and IBANs",
    "keys": "API keys, bearer tokens, passwords, signatures of URLs, private keys",
    "nonces": "WordPress nonces and CSRF tokens",
    "sessions": "session, conversation, client and cache ids",
    "own": "what pyproject.toml names",
}
"""Every rule and what it replaces."""


class Name(msgspec.Struct, frozen=True):
    """What a name reveals about its value."""

    rule: str
    sure: bool
    """The value is secret whatever it looks like; otherwise only if it also looks like a token."""


_ENDINGS: Final = tuple(
    {
        name[-4:]
        for names in (
            tables.NONCES,
            tables.NONCE_ENDS,
            tables.SESSIONS,
            tables.SESSION_ENDS,
            tables.ADDRESSES,
            tables.CHALLENGE,
            tables.AUTHORIZATION,
            tables.SECRETS,
        )
        for name in names
    }
    | {name[-4:] for names in (tables.SECRET_ENDS, tables.PAYMENT, tables.PHONES, tables.LIKELY) for name in names}
    | {name[-4:].strip() for name in tables.FOREIGN_PASSWORDS | tables.FOREIGN_KEYS if name[-4:].isascii()}
    | {name[-4:] for name in ("token", "cookie", "cookies", "signature", "hmac", "ticket", "sid")}
)
"""The endings of all names in these tables, but of those that are prefixes."""
_HOLDER_ENDINGS: Final = tuple({name[-3:] for name in (*tables.HOLDERS, *tables.OF_KEYS, *tables.PLURALS)})
"""The endings of the names of all such objects: with the quote after it, four characters are seen."""
_SHOWN: Final = 4
"""The number of characters of a name that are checked first."""
_BEGUN_ENDINGS: Final = frozenset(name[at:] for name in _ENDINGS for at in range(1, len(name)))
_CLOSING: Final = " \t\r\n:\"'`\\"
"""Characters between a name and its separator."""
_NAME_TAIL: Final = LazyPattern(r"[\w.$-]+\Z", re.ASCII)
SIGNS: Final = (*(b"chl", b"clearance", b"duid", b"datadome", b"waf", b"incap", b"bmsc", b"captcha", b"turnstile"),)
"""Each of `CHALLENGE_STARTS` holds one of these, whatever separates its words."""
ending_of: Final = itemgetter(slice(-_SHOWN, None))
"""What `may_end_name` looks at: the last four characters before a separator."""
_OPEN_NAME: Final = LazyPattern(r"[\w.$\[\]-]{0,160}+(?P<closing>[ \t\r\n\"'`\\]{0,8}+)", re.ASCII)
_PUNCTUATION: Final = LazyPattern(r"[^A-Za-z0-9]")
_NO_LETTERS: Final = LazyPattern(r"[^a-z0-9]+")
_LEADING_X: Final = LazyPattern(r"\A(?:[xX](?=[_-])|x(?=[A-Z]))")
_BLANKED: Final = LazyPattern(r"\[([^\[\]]*)\]")


@lru_cache(16384)
def squeezed(name: str) -> str:
    """Return *name* without case and punctuation; a leading `data-` or `x-`, and what holds it (`user[…]`), go."""
    if "[" in name and (inner := _BLANKED.findall(name)) and inner[-1]:
        name = inner[-1]
    if name[:1] in ("x", "X"):
        name = _LEADING_X.sub("", name)
    key = name.lower()
    return (key if key.isalnum() and key.isascii() else _NO_LETTERS.sub("", key)).removeprefix("data")


def open_endings(text: str, signs: Mapping[bytes, list[int]]) -> frozenset[str]:
    """
    Return the endings of those names in *text* that may be secret by their beginning, which `may_end_name` cannot see.

    *signs*: where those of `SIGNS` that are in the text are, in any case.

    Each ending has the last four characters before what may be a separator: with and without quotes and blanks.
    """
    endings: set[str] = set()
    reached = 0
    for at in sorted(chain.from_iterable(signs.get(sign, ()) for sign in SIGNS)):
        if at >= reached and (name := _OPEN_NAME.match(text, at)):
            reached = name.end()
            endings.update(text[max(0, end - _SHOWN) : end] for end in range(name.start("closing"), reached + 1))
    return frozenset(endings)


@lru_cache(16384)
def may_end_name(ending: str) -> bool:
    """
    Return whether a name that counts may be before a separator: a cheap first look that lets too many through.

    *ending*: the last four characters before `=`, `:` or a comma; fewer at the beginning of a text.
    """
    shown = ending.rstrip(_CLOSING)
    if not shown or "[" in shown or "]" in shown or not shown.isascii():
        return True
    name = _NAME_TAIL.search(shown)
    if name is None:
        return False
    if name.start() or len(ending) < _SHOWN:
        return classify(name[0]) is not None
    letters = squeezed(f"_{name[0]}").rstrip(DIGITS)
    return not letters or letters in _BEGUN_ENDINGS or letters.endswith(_ENDINGS)


def may_end_holder(ending: str) -> bool:
    """Return whether *ending*, as for `may_end_name`, may end the name of an object whose fields are secret."""
    return squeezed(_PUNCTUATION.sub("_", ending)).endswith(_HOLDER_ENDINGS)


@lru_cache(16384)
def classify(name: str) -> Name | None:
    """Return what *name* reveals about its value, or None if that is nothing."""
    if _in_words(name) in tables.FOREIGN_PASSWORDS:
        return Name("keys", True)
    if _in_words(name) in tables.FOREIGN_KEYS:
        return Name("keys", False)
    if "[" in name and _is_held_password(name):
        return Name("keys", True)
    key = squeezed(name)
    if not 1 < len(key) < 80:
        return None
    if rule := _sure(key) or _sure(key.rstrip("0123456789")):  # `password2` is a password
        return Name(rule, True)
    if key.endswith("token") and not key.endswith(tables.PUBLIC_TOKENS):
        return Name("keys", key not in ("token", "nexttoken"))
    if key.endswith("key") and key[:-3] in tables.VENDORS:
        return Name("keys", True)
    if rule := tables.LIKELY.get(key):
        return Name(rule, False)
    last = _last_word(name)
    if last == "pass":
        return Name("keys", False)
    if last in ("signature", "hmac", "ticket") or (last == "sid" and "_" in name):
        return Name("keys" if last != "sid" else "sessions", False)
    holder, bracket, _ = name.partition("[")
    rule = _plural(squeezed(holder)) if bracket else None
    return Name(rule, False) if rule else None


def _in_words(name: str) -> str:
    """Return *name*, whatever separates its words, as a word of a language."""
    return unescaped(name).lower().strip(" :*").replace("_", " ")


def _plural(key: str) -> str | None:
    if key.removesuffix("s").endswith(tables.PUBLIC_TOKENS):
        return None
    found = [rule for ending, rule in tables.PLURALS.items() if key.endswith(ending)]
    return found[-1] if found else None


@lru_cache(16384)
def classify_holder(name: str) -> Name | None:
    """Return what *name* reveals about the plain fields of its object, or of its list of objects; None for nothing."""
    key = squeezed(name)
    if key in tables.HOLDERS or key in tables.OF_KEYS:
        return Name("keys", False)
    rule = _plural(key)
    return Name(rule, False) if rule else None


def classify_field(holder: str, found: Name, field: str) -> Name | None:
    """
    Return what a plain *field* of an object reveals about its value, or None if that is nothing.

    *holder*: the name of the object, which *found* describes, such as `auth` in `{"auth": {"key": "…"}}`.
    """
    key, field = squeezed(holder), squeezed(field)
    if key in tables.OF_KEYS:
        return Name("keys", True) if field in ("key", "token", "secret") else None
    if classify_holder(holder) is None:
        return Name(found.rule, found.sure or field in ("key", "secret")) if field in tables.INNER else None
    if field in tables.INNER or (found.rule not in ("authorization", "addresses") and field not in tables.BENIGN):
        return Name(found.rule, field in ("key", "secret"))
    return None


def _sure(key: str) -> str | None:
    if key.endswith(tables.NONCE_ENDS) or key in tables.NONCES:
        return "nonces"
    if key in tables.CHALLENGE or key.startswith(tables.CHALLENGE_STARTS):
        return "challenge"
    if key in tables.SESSIONS or key.endswith(tables.SESSION_ENDS):
        return "sessions"
    if key in tables.ADDRESSES:
        return "addresses"
    if key in tables.AUTHORIZATION:
        return "authorization"
    if key in tables.SECRETS or key.endswith(tables.SECRET_ENDS):
        return "keys"
    if key in ("cookie", "cookies", "setcookie"):
        return "cookies"
    if key in tables.PAYMENT:
        return "payment"
    return "phones" if key in tables.PHONES else None


def _last_word(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return words[-1].lower() if words else ""


def needs_query(name: str) -> bool:
    """Return whether *name* counts in URLs and forms only: `code`, `state`, `key`, `sig` are ordinary words in JSON."""
    return squeezed(name) in tables.IN_QUERIES


def is_word_for_password(value: str) -> bool:
    """Return whether *value* is what a language calls a password, as in lists of translations."""
    return _in_words(value) in tables.FOREIGN_PASSWORDS or squeezed(value) in tables.CHOSEN_BY_PERSONS


def is_password(name: str) -> bool:
    """Return whether a person chose the value: it may be an ordinary word."""
    if _in_words(name) in tables.FOREIGN_PASSWORDS:
        return True
    return _is_password_key(squeezed(name)) or ("[" in name and _is_held_password(name))


def _is_password_key(key: str) -> bool:
    key = key.rstrip("0123456789")
    return key in tables.CHOSEN_BY_PERSONS or key.endswith(tables.PASSWORD_ENDS)


def _is_held_password(name: str) -> bool:
    """Return whether *name* is a field of one or more passwords: `passwords[main]`, `user[password][first]`."""
    *holders, last = (squeezed(part.rstrip("]")) for part in name.split("["))
    if last in tables.BENIGN or last in tables.ABOUT_PASSWORDS:
        return False
    return any(_is_password_key(key) or _is_password_key(key.removesuffix("s")) for key in holders)
