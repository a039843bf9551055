"""Second arguments of calls whose first is a secret's name: `setenv("API_KEY", "…")`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import ending_of, is_password, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token
from chatgptfree_mock.tape.redaction.running_text.copied_headers import scheme_length
from chatgptfree_mock.tape.redaction.running_text.names_before import REACH, promising_endings
from chatgptfree_mock.tape.redaction.running_text.quotes import QUOTE, closing
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

_FIRST_ARGUMENT: Final = LazyPattern(r"\(\s{0,40}+(?:\\*[\"'`])(?P<name>[A-Za-z_][\w.-]{0,60}+)\Z", re.ASCII)
_LEAST: Final = 12
"""Shorter arguments after a name such as `token` are words of code, as in `field("token", "varchar64")`."""


def second_arguments(text: str, mark: str, begun: frozenset[str], context: Context, *, every: bool) -> Iterator[Secret]:
    """Yield the second arguments of calls whose first is a secret's name: `setenv("API_KEY", "…")`."""
    pieces = text.split(f"{mark}, ")[:-1]
    promising = promising_endings(pieces, begun, every=every)
    at = -3
    for piece in pieces if promising else ():
        at += len(piece) + 3
        if ending_of(piece) in promising and (first := _FIRST_ARGUMENT.search(text, max(0, at - REACH), at)):
            yield from _argument(text, at + 3, first["name"], context)


def _argument(text: str, start: int, name: str, context: Context) -> Iterator[Secret]:
    found, quote = context.rules.name(name), QUOTE.match(text, start)
    if found is None or quote is None or needs_query(name):
        return
    start = quote.end()
    value = text[start : max(start, closing(text, start, quote[0]))]
    skipped = scheme_length(value) if found.rule in ("authorization", "keys") else 0
    if len(value) < _LEAST and not (found.sure and (is_password(name) or is_token(value))):
        return
    if "\n" not in value and is_secret_value(found, name, value[skipped:], Notation.BARE):
        yield secret_at(
            start + skipped, start + len(value), found.rule, value[skipped:], f"is an argument after `{name}`"
        )
