"""A request to a site with tokens: its sender, its values, and the request with the recorded values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import quote, quote_plus

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.replay.token_check import Given, Sender
from chatgptfree_mock.sites.recorded.token_memory import TokenMemory
from chatgptfree_mock.tape.model import Request
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken

_ESCAPE_BEFORE: Final = re.compile(r"%[0-9A-Fa-f]{2}\Z")


class TokenRequest(Struct, frozen=True, kw_only=True):
    """A request with its sender and its values."""

    key: RequestKey
    """The request with the recorded values in place of those of this sender."""
    sender: Sender
    brought: Mapping[str, Sequence[str]]
    """The values in the request, by place."""
    given: Mapping[str, Given]
    """The records of values that were given out, by value."""

    def value(self, required: RequiredToken) -> str | None:
        """Return the value at the place of *required*; of several values one that was given out, if any."""
        values = self.brought.get(required.place, ())
        given = next((value for value in values if value in self.given), None)
        return given or (required.value if required.value in values else next(iter(values), None))

    def recorded(self, required: RequiredToken) -> str | None:
        """Return the recorded value for that at the place of *required*; the value itself if it was never given out."""
        value = self.value(required)
        given = None if value is None else self.given.get(value)
        return value if given is None else given.recorded

    def has_given(self, place: str) -> bool:
        """Return whether a value at *place* was given out."""
        return any(value in self.given for value in self.brought.get(place, ()))


def token_request(request: Request, address: str, memory: TokenMemory) -> TokenRequest:
    """Return *request* with its sender, identified by cookies or *address*, and its values."""
    key = RequestKey.from_request(request)
    brought: dict[str, list[str]] = {}
    given: dict[str, Given] = {}
    jar = ""
    for entry in request_values(request, key):
        brought.setdefault(entry.place, []).append(entry.value)
        if (known := memory.given(entry.value)) is not None:
            given[entry.value] = known
            if not jar and entry.place.startswith("cookie:"):
                jar = known.sender.jar
    if given:
        key = _with_recorded(key, request, {value: known.recorded for value, known in given.items()})
    return TokenRequest(key=key, sender=Sender(jar=jar, address=address), brought=brought, given=given)


def _with_recorded(key: RequestKey, request: Request, recorded: Mapping[str, str]) -> RequestKey:
    """Return the *key* of *request* with the *recorded* values in place of those of this sender, which are the keys."""
    spellings: dict[str, str] = {}
    for value in sorted(recorded, key=len, reverse=True):
        old = recorded[value]
        plain = value.isalnum() and value.isascii() and old.isalnum()
        spellings |= {spell(value): spell(old) for spell in ((str,) if plain else (quote_plus, quote, str))}

    def replaced(text: str) -> str:
        if text in recorded:
            return recorded[text]
        for was, then in spellings.items():
            if was in text:
                text = _with_other(text, was, then)
        return text

    address = replaced(request.uri)
    if address != request.uri:
        key = RequestKey.from_request(replace(request, uri=address))
    return key.with_replaced(replaced)


def _with_other(text: str, was: str, then: str) -> str:
    """Return *text* with *was* replaced by *then*, except next to a letter or digit."""
    parts = text.split(was)
    joined = [parts[0]]
    for before, after in pairwise(parts):
        inside = (before[-1:].isalnum() and not _ESCAPE_BEFORE.search(before)) or after[:1].isalnum()
        joined += (was if inside else then, after)
    return "".join(joined)
