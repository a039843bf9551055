"""
Strings that are given to a call with a secret's name: `client.setToken("…")`, `.password('…')`, `api.key("…")`.

What is made of a secret alone (`Authenticator("…")`, `AzureKeyCredential("…")`) names it as well, and so does a vendor
whose key opens an account: `new Pusher("…")`, `StripeClient("…")`, `require("stripe")("…")`, `mixpanel.init("…")`.

A call such as `getToken("…")` takes the name of a place, so that its verb and the looks of the value decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context, Rules
from chatgptfree_mock.tape.redaction.names.secret_names import ending_of, may_end_name, needs_query, squeezed
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_slug, is_token
from chatgptfree_mock.tape.redaction.names.tables import VENDORS
from chatgptfree_mock.tape.redaction.text.byte_search import offsets_of
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

OPENINGS: Final = ('("', "('")
_NAME: Final = LazyPattern(r"(?:(?P<object>[A-Za-z_]\w{0,30})\.)?(?P<name>[A-Za-z_]\w{1,60})\Z", re.ASCII)
_VALUE: Final = LazyPattern(r"([^\s\"'`<>\\]{8,400})[\"'][ ]?[,)]", re.ASCII)
_ASKING: Final = LazyPattern(
    r"(?:get|has|is|find|read|delete|remove|load|fetch|require|need|ask|prompt|input|label|translate|show|csrf)(?![a-z])"
)
"""Verbs of calls whose argument is not the secret."""
_MADE_OF_SECRETS: Final = ("authenticator", "tokencredential", "keycredential", "tokencredentials", "keycredentials")
"""How the names of classes end whose objects are made of a token or a key."""
_OF_VENDORS: Final = ("client", "api", "sdk", "bot", "init")
"""How the names of the objects and calls of a vendor end, besides its own name."""
_CLASSES: Final = frozenset({"webclient", "asyncwebclient", "telebot", "telegraf"})
"""What Slack's and Telegram's libraries call theirs."""
_ENDINGS: Final = frozenset({name[-4:] for name in (*_MADE_OF_SECRETS, *_OF_VENDORS, *VENDORS, *_CLASSES)})
_SHORT: Final = tuple(name for name in (*_OF_VENDORS, *VENDORS) if len(name) < 4)
_REQUIRED: Final = LazyPattern(
    r"require\([\"'](?:@[\w-]{1,40}/)?(?P<name>[\w-]{2,40})[\"']\)\([\"'](?P<value>[A-Za-z0-9_.-]{16,400})[\"'][,)]",
    re.ASCII,
)
_LEAST: Final = 16
"""The shortest key that a vendor's name alone shows."""
_KEY: Final = LazyPattern(
    r"(?=[A-Za-z0-9_-]*?(?=[A-Za-z]*[0-9][A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{12})[A-Za-z0-9_-]+"
)
"""A run of letters and digits that no name of a model has, such as `gpt-4o-mini-2024-07-18`."""
_REACH: Final = 64


def called_values(text: str, context: Context, openings: tuple[str, ...] = OPENINGS) -> Iterator[Secret]:
    """Yield the strings in *text* that a call takes by the secret's name that it has."""
    for at in called_places(text, context.rules, openings):
        yield from _argument(text, at, context)
    for found in _REQUIRED.finditer(text) if "require(" in text else ():
        if squeezed(found["name"]) in VENDORS and _is_key(found["value"]) and "keys" not in context.rules.keep:
            yield secret_at(*found.span("value"), "keys", found["value"], f"is given to `{found['name']}`")


def called_places(text: str, rules: Rules, openings: tuple[str, ...] = OPENINGS) -> Iterator[int]:
    """Yield the offsets of parentheses in *text* after what may be a secret's name."""
    for opening in openings:
        for at in offsets_of(text, opening):
            ending = ending_of(text[max(0, at - _REACH) : at])
            if _may_call(ending) or not rules.names_end_alike:
                yield at


@lru_cache(16384)
def _may_call(ending: str) -> bool:
    return may_end_name(ending) or ending.lower() in _ENDINGS or ending.lower().endswith(_SHORT)


def _argument(text: str, at: int, context: Context) -> Iterator[Secret]:
    called = _NAME.search(text, max(0, at - _REACH), at)
    value = _VALUE.match(text, at + 2) if called else None
    if called is None or value is None or _ASKING.match(called["name"]) or not is_token(value[1]):
        return
    name = called["name"]
    if _is_vendor(called) and _is_key(value[1]) and "keys" not in context.rules.keep:
        yield secret_at(*value.span(1), "keys", value[1], f"is given to `{name}`")
        return
    if needs_query(name) and called["object"]:
        name = called[0]  # `api.key("…")`
    found = context.rules.name("credential" if name.lower().endswith(_MADE_OF_SECRETS) else name)
    if found is None or not found.sure or needs_query(name):
        return
    if is_secret_value(found, name, value[1], Notation.CODE):
        yield secret_at(*value.span(1), found.rule, value[1], f"is given to `{name}`")


def _is_vendor(called: re.Match[str]) -> bool:
    """Return whether what is *called* is a vendor's: a class of its name, or its `init`."""
    key = squeezed(called["name"])
    if key == "init":
        return squeezed(called["object"] or "") in VENDORS
    stem = next((key.removesuffix(end) for end in _OF_VENDORS if key.endswith(end)), key)
    return key in VENDORS or stem in VENDORS or key in _CLASSES


def _is_key(value: str) -> bool:
    return len(value) >= _LEAST and _KEY.fullmatch(value) is not None and is_token(value) and not is_slug(value)
