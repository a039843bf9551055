"""Base64 as files have it: in lines, without its padding, or in the alphabet for URLs (RFC 4648 sections 4 and 5)."""

from __future__ import annotations

import base64
from typing import Final

_STANDARD: Final = str.maketrans("-_", "+/")


def decode_base64(text: str) -> bytes:
    """
    Decode *text*, whatever white space is in it.

    Raises:
        ValueError: it has other characters, or one too many or too few.
    """
    letters = "".join(text.split()).rstrip("=").translate(_STANDARD)
    return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
