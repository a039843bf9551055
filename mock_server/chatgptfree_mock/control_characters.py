r"""
Show control characters instead of sending them to a terminal.

Requests, recordings and programs under test may hold escape sequences; `escape` writes each as ``\x1b`` or ``\u202e``.
"""

from __future__ import annotations

import re
from typing import Final

_ACTING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1 (ECMA-48)
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control (UAX 9)
    "\u2028\u2029\ud800-\udfff]"  # line ends that some programs know, halves of characters
)


def escape(text: str) -> str:
    """Return *text* with each control character but tab and line feed written out."""
    return _ACTING.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
