"""
Decode the bytes of a page by its character encoding.

A byte order mark decides, then valid UTF-8 (other encodings of non-ASCII text are never valid UTF-8, whatever the
header names), then the header, then the document's own ``<meta>``.  Decoding never fails.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from chatgptfree.core.protocol.http import ResponseHead

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# Python also has codecs that are not character sets (`rot13`, `unicode_escape`); allow only those of web pages.
_TRUSTED: Final = re.compile(
    r"utf-(8|16|16-le|16-be)|iso8859-\d+|cp125\d|cp866|koi8-[ru]|gb(k|2312|18030)|big5|euc_(jp|kr)|shift_jis"
)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)


def decode(head: ResponseHead, body: bytes) -> str:
    """Return *body* as text; what can't be decoded becomes U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode(_charset(head, body) or "utf-8", "replace")


def _charset(head: ResponseHead, body: bytes) -> str | None:
    for parameter in head.get("content-type").split(";")[1:]:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and (name := _known(value.strip(" \t\"'"))):
            return name
    found = _META.search(body[:4096])
    return _known(found[1].decode("ascii")) if found else None


def _known(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"  # as every browser reads it
    return name if _TRUSTED.fullmatch(name) else None
