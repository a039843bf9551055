"""Values that a secret has if it is not set: `ENV["API_KEY"] ||= "…"`, `process.env.SECRET ?? "…"`, `key or "…"`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_names import classify, is_password, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

SIGNS: Final = tuple(
    f"{operator}{quote}".encode()
    for operator in ("||", "|| ", "||=", "||= ", "??", "?? ", "??=", "??= ", " or ", "?:", "?: ")
    for quote in ('"', "'")
)
_VALUE: Final = LazyPattern(r"(?:\|\|=?|\?\?=?|\?:|[ ]or)[ ]?(?P<quote>[\"'])(?P<value>[^\s\"'<>\\]{6,400})(?P=quote)")
_NAME: Final = LazyPattern(r"(?P<name>[A-Za-z_$][\w.$-]{1,60})(?:[\"'][\])]{1,2})?[ ]?\Z", re.ASCII)
_ASSIGNED: Final = LazyPattern(
    r"(?<![\w$.-])(?P<name>[A-Za-z_$][\w.$-]{1,60})[ ]?[:=][ ][\w.$]{1,60}[\[(][\"'][\w.-]{1,60}[\"'][\])]{1,2}[ ]?\Z",
    re.ASCII,
)
"""`config.api_key = ENV["KEY"]`, before `|| "…"`."""
_REACH: Final = 140


def default_values(text: str, signs: Mapping[bytes, list[int]]) -> Iterator[Secret]:
    """Yield the strings of *text* that a secret's name has if nothing else is set, at the places of its *signs*."""
    for sign in SIGNS:
        for at in signs.get(sign, ()):
            value = _VALUE.match(text, at)
            if value is None:
                continue
            before = text[max(0, at - _REACH) : at]
            for pattern in (_NAME, _ASSIGNED):
                found = [each for name in pattern.finditer(before) for each in _default(name["name"], value)]
                if found:
                    yield from found
                    break


def _default(name: str, found: re.Match[str]) -> Iterator[Secret]:
    named, value = classify(name), found["value"]
    if named is None or needs_query(name):
        return
    chosen = named.sure and is_password(name) and any(map(str.isdigit, value))
    if (chosen or is_token(value)) and is_secret_value(named, name, value, Notation.CODE):
        yield secret_at(*found.span("value"), named.rule, value, f"is the value of `{name}` if it is not set")
