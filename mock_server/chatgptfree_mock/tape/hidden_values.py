"""
The values of a recorded request that redaction replaced, so that no client sends them: passwords, keys, addresses.

One that an earlier response gives out is compared: on replay the client gets it, and sends it back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from chatgptfree_mock.tape.model import Request, Response
from chatgptfree_mock.tape.placeholders import is_placeholder, numbers_in
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.tokens.request_values import request_values

_MAY_BE_HIDDEN: Final = re.compile(r"0000|visitor-|198\.1[89]|100::|REDACTED|([*xX.•…-])\1{3}")
_SHORTEST: Final = 8
"""Characters of a placeholder: shorter ones may be a PIN or dots that somebody wrote."""
_WHITE_SPACE: Final = re.compile(r"\s")


def may_hide(request: Request) -> bool:
    """Return whether *request* may have hidden values; most have no sign of one."""
    texts = (request.uri, (request.body or b"").decode("utf-8", "replace"), *(value for _, value in request.headers))
    return any(map(_MAY_BE_HIDDEN.search, texts))


def hidden_places(request: Request, key: RequestKey, given: Collection[str]) -> list[str]:
    """Return where *request* has hidden values, as `x-tokens` names places; *given*: see `given_by`."""
    return [
        entry.place
        for entry in request_values(request, key)
        if _is_hidden(entry.value) and not _is_given(entry.value, given)
    ]


def given_by(response: Response) -> Iterator[str]:
    """Yield the numbers of the placeholders that a client gets with *response*."""
    for _, value in response.headers:
        yield from numbers_in(value)
    yield from numbers_in(response.body.decode("utf-8", "replace"))


def _is_hidden(value: str) -> bool:
    return len(value) >= _SHORTEST and not _WHITE_SPACE.search(value) and is_placeholder(value)


def _is_given(value: str, given: Collection[str]) -> bool:
    numbers = list(numbers_in(value))
    return bool(numbers) and all(number in given for number in numbers)
