"""Find the page of a recording that a client has to read, because a later request sends a value from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatgptfree_mock.crashtest.recording.message import came_from
from chatgptfree_mock.tape.matching import Candidate
from chatgptfree_mock.tape.tokens.request_values import request_values

_NAMES: Final = re.compile(r"nonce|token|csrf|xsrf|session|ticket|state|[:._-](?:sid|key)$", re.IGNORECASE)
_SHORTEST: Final = 8
"""The length from which a value with a digit counts under any name."""


def required_page(exchanges: Sequence[Candidate], answer: int) -> int | None:
    """Return the index of the last page before *answer* with a value that a later request sends; None without."""
    for place in reversed(range(answer)):
        response = exchanges[place].interaction.response
        later = exchanges[place + 1 : answer + 1]
        if "html" in response.header("Content-Type").lower() and any(_repeats(each, response.body) for each in later):
            return place
    return None


def _repeats(exchange: Candidate, page: bytes) -> bool:
    return any(
        _may_be_token(entry.place, entry.value) and came_from(entry.value, [page])
        for entry in request_values(exchange.interaction.request, exchange.key)
    )


def _may_be_token(place: str, value: str) -> bool:
    if not value or re.search(r"\s", value) or value.startswith(("http://", "https://", "/")):
        return False
    return bool(_NAMES.search(place)) or (len(value) >= _SHORTEST and any(character.isdigit() for character in value))
