"""
Texts within a text that are encoded as a whole: percent-encoded addresses, JSON and the like in base64.

What is percent-encoded is replaced where it is.  A text in base64 is decoded, redacted and encoded anew, since a
character of it is spread over two of the encoding (RFC 4648, section 4).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.redaction.byte_search import ALPHANUMERIC, class_table, runs
from chatgptfree_mock.tape.redaction.findings import Secret, Wrapped
from chatgptfree_mock.tape.redaction.rules import Context
from chatgptfree_mock.tape.redaction.views import url_view

_TABLE: Final = class_table(ALPHANUMERIC + "+/_-")
_SHORTEST: Final = 20
"""Characters of base64 that a name and a value need: `{"pin":"1234"}` is 19 without padding."""
_SEGMENT: Final = re.compile(r"(?<=/)[A-Za-z0-9+_-]{20,}+|(?<=[_-])(?:e[wy]|W[3y])[A-Za-z0-9+/_-]{18,}+")
"""What may be base64 by itself in a path, or behind a prefix: the latter begins as an object or a list of JSON does."""
_STANDARD: Final = str.maketrans("-_", "+/")
_TEXT: Final = bytes([9, 10, 13, *range(32, 256)])
_ASCII_TEXT: Final = bytes([9, 10, 13, *range(32, 128)])


def encoded_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in what is encoded within *text*."""
    yield from _percent_encoded(text, context)
    yield from base64_secrets(text, context)


def base64_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield one secret for each text in base64 within *text* that holds any."""
    for start, end in runs(text.encode("latin-1", "replace").translate(_TABLE), _SHORTEST):
        whole = list(_in_base64(text, start, end, context))
        yield from whole or (
            secret
            for found in (_SEGMENT.finditer(text, start, end) if _has_parts(text, start, end) else ())
            for secret in _in_base64(text, *found.span(), context)
        )


def base64_places(text: str) -> Iterator[int]:
    """Yield where a text in base64 begins within *text*, or may begin."""
    for start, end in runs(text.encode("latin-1", "replace").translate(_TABLE), _SHORTEST):
        if _decoded(text[start:end]) or (_has_parts(text, start, end) and _SEGMENT.search(text, start, end)):
            yield start


def _has_parts(text: str, start: int, end: int) -> bool:
    return any(text.find(mark, start, end) >= 0 for mark in "/_-")


def _in_base64(text: str, start: int, end: int, context: Context) -> Iterator[Secret]:
    decoded = _decoded(text[start:end])
    secrets = tuple(context.nested(decoded)) if decoded else ()
    if decoded and secrets:
        first = secrets[0]
        end += min(2, len(text[end : end + 2]) - len(text[end : end + 2].lstrip("=")))
        yield Secret(((start, end),), first.rule, first.value, f"in base64, {first.reason}", Wrapped(decoded, secrets))


def _decoded(source: str) -> str | None:
    """Return what *source* is base64 of, one character a byte; None if that is not text."""
    plain = source.translate(_STANDARD)
    if len(plain) % 4 == 1 or binascii.a2b_base64(plain[:12]).translate(None, _ASCII_TEXT):
        return None
    data = binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
    if data.translate(None, _TEXT):
        return None
    try:
        data.decode()
    except UnicodeDecodeError:
        return None
    return data.decode("latin-1")


def _percent_encoded(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in what is percent-encoded, such as an address inside an address."""
    if not re.search(r"%[0-9A-Fa-f]{2}", text):
        return
    reached = 0
    at = text.find("%")
    while at >= 0:
        lead = text[max(reached, at - 512) : at]
        start = at - len(lead) + max(map(lead.rfind, " \t\r\n\"'<>&?=;,\\()")) + 1
        run = _ENCODED.match(text, at)
        end = run.end() if run else at + 1
        view = url_view(text[start:end])
        if any(mark in view.text for mark in "=:@.-_"):
            yield from view.back(context.nested(view.text), start)
        reached = end
        at = text.find("%", end)


_ENCODED: Final = re.compile(r"[^\s\"'<>&\\]+")
