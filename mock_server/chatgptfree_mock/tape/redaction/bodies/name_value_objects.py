"""
Objects of JSON that hold a name and its value: `{"name": "Authorization", "value": "…"}`, `{"label": "API key", …}`.

Other plain fields may be between them, and the value may come first.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.names.secret_names import Name, needs_query

KEYS: Final = frozenset(
    {
        "value",
        "Value",
        "ParameterValue",
        "parameterValue",
        "val",
        "content",
        "v",
        "data",
        "text",
        "defaultValue",
        "current",
    }
)
"""Keys whose value may be a secret that another key names."""
_NAME: Final = LazyPattern(
    r"\"(?:(?P<shown>[Ll]abel|[Tt]itle|[Dd]isplayName)|(?:[Pp]arameter)?(?:[Nn]ame|[Kk]ey)|[Ff]ield|[Hh]eader|[Oo]ption|id|k)\""
    r"\s*+:\s*+\"(?P<name>[^\"\\\n]{1,80}+)\""
)
_REACH: Final = 800


class Pair(NamedTuple):
    """What an object calls its value."""

    name: str
    found: Name
    shown: bool
    """Whether the name is shown to people, so that the value may be just another word for it."""


def pair_of(text: str, at: int, rules: Rules) -> Pair | None:
    """Return the name that the object around *at*, where the value of one of `KEYS` begins, has for it."""
    start = text.rfind("{", max(0, at - _REACH), at)
    if start < 0 or "}" in text[start:at]:
        return None
    end = text.find("}", at, at + _REACH)
    for named in _NAME.finditer(text, start, end if end >= 0 else at + _REACH):
        found = rules.name(named["name"])
        if found is not None and not needs_query(named["name"]):
            return Pair(named["name"], found, bool(named["shown"]))
    return None
