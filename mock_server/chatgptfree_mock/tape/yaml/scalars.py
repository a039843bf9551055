"""Text as YAML writes it in one line: bare where every reader takes that for text, else in quotes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import yaml

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

UNPRINTABLE: Final = LazyPattern("[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PLAIN: Final = LazyPattern(r"[A-Za-z/_](?:[A-Za-z0-9/_.;=+()%&?@~*$!-]|:(?=[^\s:])| (?=[^\s#]))*")
"""Bare text in a block: nothing that begins as a number may, for YAML 1.1, 1.2 and Psych have different numbers."""
_PLAIN_IN_FLOW: Final = LazyPattern(r"[A-Za-z/_][A-Za-z0-9/_.;=+-]*(?: [A-Za-z0-9/_.;=+-]+)*")
"""Bare text between brackets, and as a key: PyYAML's pure loader refuses `?` there, older ones `:` as well."""
_WORDS: Final = frozenset({"y", "n"})
"""Booleans of YAML 1.1 that PyYAML takes for text."""
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
_RESOLVER: Final = yaml.resolver.Resolver()
_TEXT: Final = "tag:yaml.org,2002:str"


@lru_cache(4096)
def _word(text: str, bare: LazyPattern[str]) -> str:
    resolved = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # not in the stubs
    if resolved == _TEXT and bare.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if not UNPRINTABLE.search(text) and "\n" not in text and "\t" not in text:
        return "'" + text.replace("'", "''") + "'"
    return '"' + re.sub(UNPRINTABLE.pattern + r'|[\n\t"\\]', _escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    number = ord(character)
    if number > 0xFFFF:
        return f"\\U{number:08x}"
    return _ESCAPES.get(character) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")


def scalar(text: str) -> str:
    """Return *text* as YAML writes it in one line of a block: bare where every reader takes that for text."""
    return _in_one_line(text, _PLAIN)


def in_flow(text: str) -> str:
    """Return *text* as YAML writes it between brackets, or as a key."""
    return _in_one_line(text, _PLAIN_IN_FLOW)


def _in_one_line(text: str, bare: LazyPattern[str]) -> str:
    return _word(text, bare) if len(text) < 256 else _word.__wrapped__(text, bare)
