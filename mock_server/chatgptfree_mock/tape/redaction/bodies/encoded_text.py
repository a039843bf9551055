"""
Texts within a text that are encoded as a whole: percent-encoded addresses, JSON and the like in base64.

What is percent-encoded is replaced where it is.  A text in base64 is decoded, redacted and encoded again, since a
character of it is spread over two of the encoding (RFC 4648, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.text.base64_stretches import base64_stretches
from chatgptfree_mock.tape.redaction.text.findings import Secret, Wrapped
from chatgptfree_mock.tape.redaction.text.views import url_view


def encoded_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in what is encoded within *text*."""
    yield from _percent_encoded(text, context)
    yield from base64_secrets(text, context)


def base64_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield one secret for each text in base64 within *text* that holds any."""
    for start, end, decoded in base64_stretches(text):
        secrets = tuple(context.nested(decoded))
        if secrets:
            first = secrets[0]
            wrapped = Wrapped(decoded, secrets)
            yield Secret(((start, end),), first.rule, first.value, f"in base64, {first.reason}", wrapped)


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


_ENCODED: Final = LazyPattern(r"[^\s\"'<>&\\]+")
