"""What text copied from headers has: the scheme of `Authorization` before its credential, and cookies in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import Name
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

_COOKIES: Final = LazyPattern(r"(?:^|;)[ +]*([\w.-]+)=([^\s;\"'<>\\]{3,})", re.ASCII)
_COOKIE_ATTRIBUTES: Final = frozenset({"path", "expires", "domain", "max-age", "samesite", "secure", "httponly"})


def scheme_length(value: str) -> int:
    """Return how long the scheme of an Authorization header at the beginning of *value* is, with its blank."""
    found = re.match(
        r"(?:Bearer|Basic|Digest|Token|ApiKey|Negotiate|SSWS|Hawk|DPoP|AWS4-HMAC-SHA256)[ +]+", value, re.IGNORECASE
    )
    return found.end() if found else 0


def cookie_pairs(text: str, offset: int, context: Context) -> Iterator[Secret]:
    """Take the values out of `a=1; b=2`, as `document.cookie` and copied headers have it."""
    for pair in _COOKIES.finditer(text):
        if pair[1].lower() in _COOKIE_ATTRIBUTES:
            continue
        if not is_secret_value(Name("cookies", True), pair[1], pair[2], Notation.CODE):
            continue
        named = context.rules.name(pair[1])
        rule = named.rule if named and named.rule in ("challenge", "own") else "cookies"
        start, end = pair.span(2)
        if rule not in context.rules.keep:
            yield secret_at(start + offset, end + offset, rule, pair[2], f"is the cookie `{pair[1]}`")
