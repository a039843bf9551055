"""
Values of YAML that do not follow their name at once: blocks (`password: |`), items of lists, after a tag or an anchor.

YAML 1.2.2, sections 8.1 (block scalars), 8.2.1 (block sequences) and 6.9 (node properties).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.secret_names import Name, is_password
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

_VALUE: Final = r"[\"']?(?P<value>[^\s\"']{4,400})[\"']?[ \t]*+(?=[\r\n#]|\Z)"
_STORED: Final = (
    r"(?:Ref|Sub|GetAtt|ImportValue|FindInMap|Join|Select|Base64|Transform|reference|secret|env|env_var|ENV|include"
    r"|lookup)\b"
)
"""Tags of CloudFormation, GitLab and Home Assistant whose value is the name of a place."""
_BLOCK: Final = LazyPattern(rf"[|>][+-]?[0-9]?[+-]?[ \t]*+\r?\n[ \t]++{_VALUE}", re.ASCII)
_TAGGED: Final = LazyPattern(rf"(?:!(?!{_STORED})!?[A-Za-z]\w{{0,30}}|&\w{{1,40}})[ ]{_VALUE}", re.ASCII)
_ITEM: Final = LazyPattern(rf"[ \t]*+\r?\n[ \t]*+-[ ]{_VALUE}", re.ASCII)


def yaml_values(text: str, start: int, name: str, found: Name, reason: str) -> Iterator[Secret]:
    """Yield what is under the secret *name*, whose colon ends before *start*, as a block, after a tag or in a list."""
    for pattern in (_BLOCK, _TAGGED):
        if one_value := pattern.match(text, start):
            value = one_value["value"]
            chosen = is_password(name) and any(map(str.isdigit, value))
            if (chosen or is_token(value)) and is_secret_value(found, name, value, Notation.CODE):
                yield secret_at(*one_value.span("value"), found.rule, value, reason)
            return
    while item := _ITEM.match(text, start):
        if not is_token(item["value"]) or not is_secret_value(found, name, item["value"], Notation.CODE):
            return  # a list of something else: its items are not read again for each name within it
        yield secret_at(*item.span("value"), found.rule, item["value"], f"is in the list `{name}`")
        start = item.end()
