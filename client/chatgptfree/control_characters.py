r"""
Escape control characters before they reach a terminal.

Text from a site may contain escape sequences that move the cursor, retitle the window or fill the clipboard, and
characters that reverse the direction of writing.  `escape` writes each of them as ``\x1b`` or ``\u202e``.  This module
imports nothing from the project.
"""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

_ACTING: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1 (ECMA-48)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control (UAX 9)
    "\u2028\u2029"  # line ends for some programs only
    "\ud800-\udfff"  # halves of characters, which can't be encoded
)
_CONTROLS: Final = re.compile(f"[{_ACTING}\t\n\r]")
_CONTROLS_IN_LINES: Final = re.compile(f"[{_ACTING}\r]")


def escape(text: str) -> str:
    """Return *text* on one line, with each control character escaped."""
    return _CONTROLS.sub(_escape_sequence, text)


class TerminalText:
    """
    Escape a text that arrives in parts; tabs and line ends are kept.

    A carriage return at the end of a part is held back: before a line feed it is half of a line end, before anything
    else it would overwrite the line and is escaped.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Take in *text*, and return what can be printed now."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return _CONTROLS_IN_LINES.sub(_escape_sequence, text.removesuffix("\r").replace("\r\n", "\n"))

    def close(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return escape(held)


def _escape_sequence(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
