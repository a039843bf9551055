"""A request to a site with tokens: its sender, its values, and the request with the recorded values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import quote, quote_plus

from msgspec.structs import replace

from chatgptfree_mock.replay.token_check import Given, Sender
from chatgptfree_mock.sites.recorded.token_memory import TokenMemory
from chatgptfree_mock.tape.model import Request
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.tokens.leaves import leaves
from chatgptfree_mock.tape.tokens.plan import Demand

_ESCAPE_BEFORE: Final = re.compile(r"%[0-9A-Fa-f]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """A request with its sender and its values."""

    key: RequestKey
    """The request with the recorded values in place of those of this sender."""
    sender: Sender
    brought: Mapping[str, Sequence[str]]
    """The values in the request, by place."""
    given: Mapping[str, Given]
    """The records of values that were given out, by value."""

    def value(self, demand: Demand) -> str | None:
        """Return the value at the place of *demand*; of several values one that was given out, if any."""
        values = self.brought.get(demand.place, ())
        given = next((value for value in values if value in self.given), None)
        return given or (demand.value if demand.value in values else next(iter(values), None))

    def recorded(self, demand: Demand) -> str | None:
        """Return the recorded value for that at the place of *demand*; the value itself if it was never given out."""
        value = self.value(demand)
        given = None if value is None else self.given.get(value)
        return value if given is None else given.recorded


def token_request(request: Request, address: str, memory: TokenMemory) -> TokenRequest:
    """Return *request* with its sender, identified by cookies or *address*, and its values."""
    key = RequestKey.from_request(request)
    brought: dict[str, list[str]] = {}
    given: dict[str, Given] = {}
    cookies: list[str] = []
    for leaf in leaves(request, key):
        brought.setdefault(leaf.place, []).append(leaf.value)
        if (known := memory.given(leaf.value)) is not None:
            given[leaf.value] = known
        if leaf.place.startswith("cookie:"):
            cookies.append(leaf.value)
    sender = memory.sender(cookies, address)
    recorded = {value: each.recorded for value, each in given.items()}
    key = _with_recorded(key, request, recorded) if recorded else key
    return TokenRequest(key=key, sender=sender, brought=brought, given=given)


def _longest_first(pair: tuple[str, str]) -> int:
    return -len(pair[0])


def _with_recorded(key: RequestKey, request: Request, recorded: Mapping[str, str]) -> RequestKey:
    """Return the *key* of *request* with the *recorded* values in place of those of this sender, which are the keys."""
    spellings = {
        spell(value): spell(old)
        for value, old in sorted(recorded.items(), key=_longest_first)
        for spell in ((str,) if value.isalnum() and value.isascii() and old.isalnum() else (quote_plus, quote, str))
    }

    def old(text: str) -> str:
        for was, then in spellings.items():
            if was in text:
                text = _with_other(text, was, then)
        return text

    address = old(request.uri)
    if address != request.uri:
        key = RequestKey.from_request(replace(request, uri=address))
    headers = tuple((name, old(value)) for name, value in request.headers)
    return key.with_content(headers, key.body and old(key.body.decode("latin-1")).encode("latin-1"))


def _with_other(text: str, was: str, then: str) -> str:
    """Return *text* with *was* replaced by *then*, except next to a letter or digit."""
    parts = text.split(was)
    joined = [parts[0]]
    for before, after in pairwise(parts):
        inside = (before[-1:].isalnum() and not _ESCAPE_BEFORE.search(before)) or after[:1].isalnum()
        joined += (was if inside else then, after)
    return "".join(joined)
