"""
Strings that are given to a call with a secret's name: `client.setToken("…")`, `.password('…')`, `api.key("…")`.

What is made of a secret alone (`Authenticator("…")`, `AzureKeyCredential("…")`) names it as well.

A call such as `getToken("…")` takes the name of a place, so that its verb and the looks of the value decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.redaction.byte_search import places
from chatgptfree_mock.tape.redaction.findings import Secret, one
from chatgptfree_mock.tape.redaction.names import ending_of, may_end_name, needs_query
from chatgptfree_mock.tape.redaction.rules import Context, Rules
from chatgptfree_mock.tape.redaction.values import Held, counts, is_token

OPENINGS: Final = ('("', "('")
_NAME: Final = re.compile(r"(?:(?P<object>[A-Za-z_]\w{0,30})\.)?(?P<name>[A-Za-z_]\w{1,60})\Z", re.ASCII)
_VALUE: Final = re.compile(r"([^\s\"'`<>\\]{8,400})[\"'][ ]?[,)]", re.ASCII)
_ASKING: Final = re.compile(
    r"(?:get|has|is|find|read|delete|remove|load|fetch|require|need|ask|prompt|input|label|translate|show|csrf)(?![a-z])"
)
"""Verbs of calls whose argument is not the secret."""
_MADE_OF_SECRETS: Final = ("authenticator", "tokencredential", "keycredential", "tokencredentials", "keycredentials")
"""How the names of classes end whose objects are made of a token or a key."""
_ENDINGS: Final = frozenset({name[-4:] for name in _MADE_OF_SECRETS})
_REACH: Final = 64


def called_values(text: str, context: Context, openings: tuple[str, ...] = OPENINGS) -> Iterator[Secret]:
    """Yield the strings in *text* that a call takes by the secret's name that it has."""
    for at in called_places(text, context.rules, openings):
        yield from _argument(text, at, context)


def called_places(text: str, rules: Rules, openings: tuple[str, ...] = OPENINGS) -> Iterator[int]:
    """Yield the places of parentheses in *text* behind what may be a secret's name."""
    for opening in openings:
        for at in places(text, opening):
            ending = ending_of(text[max(0, at - _REACH) : at])
            if may_end_name(ending) or ending in _ENDINGS or not rules.names_end_alike:
                yield at


def _argument(text: str, at: int, context: Context) -> Iterator[Secret]:
    called = _NAME.search(text, max(0, at - _REACH), at)
    value = _VALUE.match(text, at + 2) if called else None
    if called is None or value is None or _ASKING.match(called["name"]) or not is_token(value[1]):
        return
    name = called["name"]
    if needs_query(name) and called["object"]:
        name = called[0]  # `api.key("…")`
    found = context.rules.name("credential" if name.lower().endswith(_MADE_OF_SECRETS) else name)
    if found is None or not found.sure or needs_query(name):
        return
    if counts(found, name, value[1], Held.CODE):
        yield one(*value.span(1), found.rule, value[1], f"is given to `{name}`")
