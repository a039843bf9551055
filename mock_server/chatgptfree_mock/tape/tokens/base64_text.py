"""Texts that are encoded in base64 within another text (RFC 4648 sections 4 and 5, with or without padding)."""

from __future__ import annotations

import base64
import re
from typing import Final

STRETCH: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")
"""What may be base64: eight characters or more of either alphabet."""


def decoded(stretch: str) -> str:
    """Return the text that *stretch* encodes; empty if it is not base64, or not of printable UTF-8."""
    plain = stretch.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return ""
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
    except ValueError:
        return ""
    return text if all(character.isprintable() or character in "\r\n\t" for character in text) else ""


def encoded_like(text: str, stretch: str) -> str:
    """Return *text* in base64, in the alphabet of *stretch* and with padding if that has any or needs none."""
    encode = base64.urlsafe_b64encode if "-" in stretch or "_" in stretch else base64.b64encode
    encoded = encode(text.encode()).decode()
    padded = stretch.endswith("=") or len(stretch) % 4 == 0
    return encoded if padded else encoded.rstrip("=")
