r"""
Show control characters instead of sending them to a terminal.

Requests, recordings, scenarios and programs under test may hold escape sequences; `escape` writes each as ``\x1b`` or
``\u202e``, `escaped_json` as ``\u001b``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final

_BEYOND_ASCII: Final = (
    "\x7f-\x9f"  # DEL, C1 (ECMA-48)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control (UAX 9)
    "\u2028\u2029\ud800-\udfff"  # line ends for some programs, halves of characters
)
_ACTING: Final = re.compile(f"[\x00-\x08\x0b-\x1f{_BEYOND_ASCII}]")  # C0 without tab and line feed
_ACTING_IN_JSON: Final = re.compile(f"[{_BEYOND_ASCII}]")  # C0 is escaped already (RFC 8259, section 7)

_INVISIBLE: Final = (range(0x2065, 0x2066), range(0xFDD0, 0xFDF0), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
"""Characters that are, or will be, shown as nothing (Unicode's Default_Ignorable_Code_Point), and noncharacters."""


def escape(text: str) -> str:
    """Return *text* with each control character but tab and line feed written out."""
    return _ACTING.sub(_escape_sequence, text)


def escaped_json(value: Any, *, indent: int | None = None) -> str:
    """Return *value* as JSON that is safe to print, *indent* blanks a level; other characters stay readable."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    return _ACTING_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def is_harmless(char: str) -> bool:
    """
    Return whether a terminal shows *char* as it is: what is printable, or newer than Python's table of characters.

    An emoji of a later Unicode is not in that table, but harmless.  Noncharacters, and what Unicode reserves for
    invisible characters, are not.
    """
    if char.isprintable():
        return True
    code = ord(char)
    reserved = (code & 0xFFFE) == 0xFFFE or any(code in each for each in _INVISIBLE)
    return unicodedata.category(char) == "Cn" and not reserved


def quoted(text: str) -> str:
    """Return *text* as `repr` does, with each harmless character as it is."""
    quote = repr(text)[0]
    written = {"\\": "\\\\", quote: f"\\{quote}"}
    shown = (written.get(char) or (char if is_harmless(char) else repr(char)[1:-1]) for char in text)
    return f"{quote}{''.join(shown)}{quote}"


def _escape_sequence(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
