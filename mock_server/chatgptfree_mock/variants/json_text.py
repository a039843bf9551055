"""
JSON rewritten as text: white space, escapes and the order of keys change, values do not (RFC 8259).

The text is split into tokens and joined again, so that numbers keep their digits, which a parser might change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from chatgptfree_mock.tape.json_value import read_json

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)|(.)", re.DOTALL)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
LINE_SEPARATORS: Final = "\u0085\u2028\u2029"
"""Unicode line separators, which are line ends to `str.splitlines` but not in JSON or event streams."""
_FIRST_PRINTABLE, _ASCII = 0x20, 0x80

CharacterWriter = Callable[[str], str]
"""Returns how one UTF-16 code unit or character of a text is written."""


def is_json(body: bytes) -> bool:
    """Return whether *body* is a JSON object or array in UTF-8, whose texts are whole characters."""
    try:
        text = body.decode()
        value = read_json(text)
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        return False
    return isinstance(value, dict | list)


def is_json_lines(body: bytes) -> bool:
    """Return whether *body* is a stream of JSON objects, one a line, and at least two of them (ndjson, JSON Lines)."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    return len(lines) > 1 and all(line.lstrip().startswith(b"{") and is_json(line) for line in lines)


def tokens(text: str) -> list[str]:
    """Return the tokens of JSON *text*, without white space."""
    return _TOKEN.findall(text)


def spaced(text: str, *, colon: str = ":", comma: str = ",", inside: str = "") -> str:
    """Return *text* with this white space around colons, commas and inside of brackets, and no other white space."""
    marks = {":": colon, ",": comma, "{": "{" + inside, "[": "[" + inside, "}": inside + "}", "]": inside + "]"}
    return "".join(marks.get(token, token) for token in tokens(text))


def indented(text: str, step: str = "  ") -> str:
    """Return *text* with a line for each member, as pretty-printers write it."""
    parts: list[str] = []
    depth = 0
    for part in tokens(text):
        if part in "{[":
            depth += 1
            parts += [part, "\n", step * depth]
        elif part in "}]":
            depth -= 1
            parts += ["\n", step * depth, part]
        elif part == ",":
            parts += [part, "\n", step * depth]
        else:
            parts.append(": " if part == ":" else part)
    return "".join(parts)


def reordered(text: str, *, alphabetical: bool = False) -> str:
    """Return *text* with the members of each object in reverse order, or sorted by name."""
    written, _ = _reordered(tokens(text), 0, alphabetical)
    return written


def _reordered(found: list[str], at: int, alphabetical: bool) -> tuple[str, int]:
    opening = found[at]
    if opening not in "{[":
        return opening, at + 1
    is_object = opening == "{"
    members: list[str] = []
    closing = "}" if is_object else "]"
    at += 1
    while found[at] != closing:
        if found[at] == ",":
            at += 1
        key = ""
        if is_object:
            key, at = f"{found[at]}:", at + 2
        value, at = _reordered(found, at, alphabetical)
        members.append(key + value)
    if is_object:
        members = sorted(members) if alphabetical else members[::-1]
    return opening + ",".join(members) + closing, at + 1


def respelled(text: str, write: CharacterWriter, *, keys: bool = False, values: bool = True) -> str:
    """Return *text* with the characters of its strings written by *write*; *keys* and *values* choose the strings."""
    found = tokens(text)
    parts: list[str] = []
    at = 0
    for place, token in enumerate(found):
        start = text.index(token, at)
        is_key = found[place + 1 : place + 2] == [":"]
        chosen = token.startswith('"') and (keys if is_key else values)
        parts += [text[at:start], f'"{_rewrite(token[1:-1], write)}"' if chosen else token]
        at = start + len(token)
    return "".join([*parts, text[at:]])


def _rewrite(inner: str, write: CharacterWriter) -> str:
    return "".join(map(write, _characters(inner)))


def _characters(inner: str) -> Iterator[str]:
    """Yield the characters of a JSON string, given its inside; a surrogate pair is one character."""
    if "\\" not in inner:
        yield from inner
        return
    half = ""
    for found in _ESCAPE.finditer(inner):
        character = chr(int(found[1], 16)) if found[1] else _SHORT.get(found[2], found[2]) if found[2] else found[3]
        if half and "\udc00" <= character <= "\udfff":
            yield (half + character).encode("utf-16", "surrogatepass").decode("utf-16")
            half = ""
            continue
        if half:
            yield half
            half = ""
        if "\ud800" <= character <= "\udbff":
            half = character
        else:
            yield character
    if half:
        yield half


def plain(character: str) -> str:
    """Write *character* as itself, escaped only where JSON asks for it."""
    if character in '"\\' or ord(character) < _FIRST_PRINTABLE:
        return json.dumps(character)[1:-1]
    return escaped(character) if "\ud800" <= character <= "\udfff" else character


@lru_cache(maxsize=4096)  # the same characters come again and again
def escaped(character: str) -> str:
    r"""Write *character* as `\uXXXX`, in two where it is above U+FFFF."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))


def escaped_upper(character: str) -> str:
    r"""Write *character* as `\uXXXX` with upper-case digits."""
    return escaped(character).upper().replace("\\U", "\\u")


def ascii_only(character: str) -> str:
    """Write *character* as itself if it is ASCII, else escaped."""
    return plain(character) if ord(character) < _ASCII else escaped(character)


def raw_text(character: str) -> str:
    """Write *character* as itself, except those that some readers mistake for line ends."""
    return escaped(character) if character in LINE_SEPARATORS else plain(character)


def slashed(character: str) -> str:
    r"""Write a slash as `\/`, as PHP does, and all other characters as ASCII."""
    return "\\/" if character == "/" else ascii_only(character)
