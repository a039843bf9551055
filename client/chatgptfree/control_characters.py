r"""
Show control characters instead of sending them to a terminal.

What a site sends may hold escape sequences that move the cursor, retitle the window or fill the clipboard, and marks
that turn the direction of writing around.  `escape` writes each of them as ``\x1b`` or ``\u202e``.  This module imports
nothing of the project.
"""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}

_ACTING: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line ends, DEL, C1 (ECMA-48)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control (UAX 9)
    "\u2028\u2029"  # line ends that only some programs know
    "\ud800-\udfff"  # halves of characters, which can't be encoded
)
_CONTROLS: Final = re.compile(f"[{_ACTING}\t\n\r]")
_CONTROLS_IN_LINES: Final = re.compile(f"[{_ACTING}\r]")


def escape(text: str) -> str:
    """Return *text* on one line, each control character in it written out."""
    return _CONTROLS.sub(_written, text)


class TerminalText:
    """
    Escape a text that comes piece by piece; tabs and line ends stay as they are.

    A carriage return is one half of a line end, or it would overwrite the line; which of the two, the next piece shows.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be printed once *text* has come."""
        text = self._held + text
        self._held = "\r" if text.endswith("\r") else ""
        return _CONTROLS_IN_LINES.sub(_written, text.removesuffix("\r").replace("\r\n", "\n"))

    def close(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return escape(held)


def _written(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
