"""
String functions of PHP and WordPress: escaping, slashing, cleaning, JSON.

A PHP string is bytes; here it is a str in which a byte that is not UTF-8 is a lone surrogate, as Python's
``surrogateescape`` makes it.  Nothing here depends on requests or on the plugin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Flag
from functools import cache
from html.entities import name2codepoint
from json.encoder import encode_basestring, encode_basestring_ascii
from string import ascii_lowercase, ascii_uppercase, hexdigits
from typing import Any

from chatgptfree_mock.sites.wordpress.php_tags import strip_tags, without_code

BLANKS = " \t\n\r\0\x0b"
"""The characters that PHP's trim removes."""


_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_ENTITIES = frozenset(name2codepoint) | {"apos"}
_AMPERSAND = re.compile(r"&(?:#0*\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([a-zA-Z][a-zA-Z0-9]*);)?")
_UNSURE_TAG = re.compile(r"<[^>]*?(?:(?=<)|>|$)")
_INTEGER = re.compile(r"[ \t\n\r\v\f]*([+-]?\d{1,19})", re.ASCII)
_OCTET = re.compile(r"%[a-f0-9]{2}", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Json(Flag):
    """The flags of PHP's json_encode that the plugin uses."""

    DEFAULT = 0
    UNESCAPED_UNICODE = 256
    HEX_TAG = 1
    HEX_AMP = 2
    HEX_APOS = 4
    HEX_QUOT = 8


_HEX = {Json.HEX_TAG: "<>", Json.HEX_AMP: "&", Json.HEX_APOS: "'"}
_LINE_ENDS = "\u2028\u2029"


def json_encode(value: object, flags: Json = Json.DEFAULT) -> str:
    r"""
    Encode *value* as PHP does: ``\/`` for slashes, ``\uXXXX`` for all but ASCII, no blanks, keys in their order.

    A byte that is not UTF-8 becomes a question mark, as WordPress replaces it before it tries again.
    """
    coded = _json(value, encode_basestring if Json.UNESCAPED_UNICODE in flags else _ascii_string)
    # Backslashes and the characters that are escaped here occur in strings only, so all strings are done at once.
    if '\\"' in coded and Json.HEX_QUOT in flags:
        coded = re.sub(r"\\(.)", lambda m: "\\u0022" if m[1] == '"' else m[0], coded)
    for letter, escape in _escapes(flags):
        coded = coded.replace(letter, escape)
    return coded


def _json(value: object, encode: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return encode(value if value.isascii() else _SURROGATE.sub("?", value))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _json_float(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_json(str(k), encode)}:{_json(v, encode)}" for k, v in value.items()]) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join([_json(item, encode) for item in value]) + "]"
    raise TypeError(f"PHP has no {type(value).__name__}")


@cache
def _escapes(flags: Json) -> tuple[tuple[str, str], ...]:
    """Return PHP's escapes for the characters that Python's encoder does not escape."""
    letters = _LINE_ENDS + "".join(letters for flag, letters in _HEX.items() if flag in flags)
    return ("/", "\\/"), *((letter, f"\\u{ord(letter):04X}") for letter in letters)


def _ascii_string(text: str) -> str:
    # Python escapes DEL, PHP does not.
    if "\x7f" not in text:
        return encode_basestring_ascii(text)
    return '"' + "\x7f".join(encode_basestring_ascii(part)[1:-1] for part in text.split("\x7f")) + '"'


def _json_float(value: float) -> str:
    text = repr(value)
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent[0]}{exponent[1:].lstrip('0')}"


def empty(value: Any) -> bool:
    """Return the result of PHP's `empty`: the string ``"0"`` is empty, a blank is not."""
    if isinstance(value, str):
        return value in ("", "0")
    return value in (None, False, 0, {}, [])


def intval(value: object) -> int:
    """Return the integer at the start of *value*, else 0; for an array 1, or 0 if it is empty."""
    if value in ("", "0"):
        return 0
    if isinstance(value, dict):
        return int(bool(value))
    found = _INTEGER.match(str(value))
    return int(found[1]) if found else 0


def trim(text: str) -> str:
    """Remove blanks at both ends."""
    return text.strip(BLANKS)


def strtolower(text: str) -> str:
    """Convert the letters A to Z to lower case; PHP 8 leaves all others unchanged."""
    return text.translate(_SMALL)


def addslashes(text: str) -> str:
    """Put a backslash before quotes, backslashes and NULs, as WordPress does to every field."""
    return re.sub(r"['\"\\]", r"\\\g<0>", text).replace("\0", "\\0")


def is_utf8(text: str) -> bool:
    """Return whether *text* came from valid UTF-8."""
    return not _SURROGATE.search(text)


def esc_html(text: str) -> str:
    """Escape for HTML; existing entities stay."""
    if not is_utf8(text):
        return ""
    text = _AMPERSAND.sub(_escape_ampersand, text)
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#039;")


def _escape_ampersand(match: re.Match[str]) -> str:
    name, whole = match[1], match[0]
    known = name in _ENTITIES if name else len(whole) > 1
    return whole if known else "&amp;" + whole[1:]


def sanitize_text_field(text: str) -> str:
    """Clean one line: no tags, no octets like ``%41``, every run of blanks and line breaks one blank."""
    if not text or (text.isascii() and text.isalnum()):
        return text
    return _sanitize(text, keep_newlines=False)


def sanitize_textarea_field(text: str) -> str:
    """Clean as `sanitize_text_field` does, but keep line breaks, tabs and runs of blanks."""
    return _sanitize(text, keep_newlines=True)


def _sanitize(text: str, *, keep_newlines: bool) -> str:
    if not is_utf8(text):
        return ""
    if "<" in text:
        text = _UNSURE_TAG.sub(lambda m: m[0] if ">" in m[0] else esc_html(m[0]), text)
        text = strip_all_tags(text).replace("<\n", "&lt;\n")
    if not keep_newlines:
        text = re.sub(r"[\r\n\t ]+", " ", text)
    text = trim(text)
    return trim(re.sub(r" +", " ", _without_octets(text))) if _OCTET.search(text) else text


def _without_octets(text: str) -> str:
    """Remove all octets, also those that only form when others are removed; in one pass at any depth of nesting."""
    kept: list[str] = []
    for letter in text:
        kept.append(letter)
        if letter in hexdigits and len(kept) > 2 and kept[-2] in hexdigits and kept[-3] == "%":
            del kept[-3:]
    return "".join(kept)


def strip_all_tags(text: str) -> str:
    """Remove scripts and styles with their content, and all other tags without theirs."""
    return trim(strip_tags(without_code(text)))


def sanitize_key(text: str) -> str:
    """Keep lower-case letters, digits, dashes and underscores."""
    return re.sub(r"[^a-z0-9_\-]", "", text.lower())
