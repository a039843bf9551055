r"""
Decode base64 in a text (RFC 4648, sections 4 and 5; with line breaks RFC 2045, section 6.8), and encode it again.

A stretch of it may be escaped itself, as `%2B`, `\/` or `&#43;`, or its lines may end with an escaped line feed.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from chatgptfree_mock.tape.decoding.escapes import escaped
from chatgptfree_mock.tape.decoding.located_views import located_views

STRETCH: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{8,}={0,2}(?![A-Za-z0-9+/_=-])")
"""Possible base64: eight characters or more of either alphabet."""
_STANDARD: Final = str.maketrans("-_", "+/", " \t\n\v\f\r")
_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32)])
_GLANCE: Final = 16
"""The characters that are decoded first: most runs of letters and digits are not base64."""
_WHOLE: Final = re.compile(r"[A-Za-z0-9+/_-]+(?:(\r?\n)[A-Za-z0-9+/_-]+)*={0,2}(?:\r?\n)?")


def decode_base64(text: str) -> bytes:
    """
    Decode *text*, of either alphabet, padded or not, whatever white space is in it.

    Raises:
        ValueError: it has other characters, or one too many or too few.
    """
    letters = text.translate(_STANDARD).rstrip("=")
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True)


def from_base64(stretch: str) -> bytes | None:
    """Return the bytes encoded in *stretch*, of either alphabet, padded or not; None if it is not base64."""
    try:
        return decode_base64(stretch)
    except ValueError:
        return None


def text_in_base64(stretch: str) -> bytes | None:
    """Return the UTF-8 of the text encoded in *stretch*; None if its bytes are not text."""
    if _has_controls(from_base64(stretch[:_GLANCE])):
        return None
    data = from_base64(stretch)
    if not data or _has_controls(data):
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    return data


def decoded(stretch: str) -> str:
    """Return the text that *stretch* encodes; empty if it is not base64, or not of text."""
    return (text_in_base64(stretch) or b"").decode()


def _has_controls(data: bytes | None) -> bool:
    return data is not None and len(data.translate(None, _CONTROLS)) < len(data)


def encoded_like(data: bytes, like: str) -> str:
    """Return *data* as base64 of the alphabet, padding, line length and escapes of *like*."""
    for view in reversed(list(located_views(like))):
        if found := _WHOLE.fullmatch(view.text):
            text = _lined(_encoded(data, view.text.strip()), view.text, found[1] or "")
            for name in reversed(view.chain):
                text = escaped(text, name)
            return text
    return _encoded(data, like)


def _encoded(data: bytes, like: str) -> str:
    text = (base64.urlsafe_b64encode if "-" in like or "_" in like else base64.b64encode)(data).decode()
    padded = like.endswith("=") or len(like.translate(_STANDARD)) % 4 == 0
    return text if padded else text.rstrip("=")


def _lined(text: str, like: str, line_break: str) -> str:
    if line_break:
        width = like.index(line_break)
        text = line_break.join(text[at : at + width] for at in range(0, len(text), width))
    return text + like[len(like.rstrip("\r\n")) :]
