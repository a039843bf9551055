"""The law of a replay with tokens: whoever brings back what it was given is answered as in a blind replay."""

from __future__ import annotations

import asyncio
import base64
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.raw_client import RawAnswer
from tests.support.token_client import RepeatingClient
from tests.support.token_sessions import KINDS, known_sessions

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_TIME = re.compile(r"\b1[5-9][0-9]{8}(?:[0-9]{3})?\b")


_SIGN = r"%(?:25)*[0-9A-Fa-f]{2}|&(?:amp;)*#?\w+;|\\+u[0-9A-Fa-f]{4}|\\+x[0-9A-Fa-f]{2}|[^A-Za-z0-9]"
"""A character that is no letter or digit, as it is or as URLs, HTML, JSON and JavaScript write it."""


def chunked(cassette: Cassette, size: int) -> Cassette:
    """Return *cassette* with its block, and with bodies that came in chunks of *size*."""
    interactions = []
    for each in cassette.interactions:
        length = len(each.response.body)
        chunks = tuple((0, min(size, length - at)) for at in range(0, length, size))
        interactions.append(replace(each, response=replace(each.response, chunks=chunks)))
    tokens = tokens_as_data([each.token for each in find_tokens(cassette)])
    return replace(cassette, interactions=tuple(interactions), tokens=tuple(tokens))


async def answers(cassette: Cassette, tokens: str, *, minted_by: int) -> tuple[RepeatingClient, list[RawAnswer]]:
    required_tokens = (each for found in plan_tokens(cassette).required_tokens.values() for each in found)
    looked_for = {each.value for each in required_tokens if each.token.kind == "token"} if tokens == "on" else set()
    async with MockSite(
        pack="recorded", cassette=cassette, tokens=tokens, delivery="pace=instant", seed=minted_by
    ) as site:
        client = RepeatingClient(cassette=cassette, url=site.url, values=looked_for)
        return client, await client.run()


def without_minted(text: str, held: dict[str, str]) -> str:
    """Return *text* with the recorded values where this visit's are, however they are spelled, and without times."""
    return _TIME.sub("TIME", _recorded(_BASE64.sub(lambda found: _recoded(found[0], held), text), held))


def _recorded(text: str, held: dict[str, str]) -> str:
    for old, new in sorted(held.items(), key=lambda pair: -len(pair[0])):
        spelled = "".join(each if each.isalnum() else f"((?:{_SIGN}){{1,3}}?)" for each in new)

        def as_recorded(found: re.Match[str], old: str = old) -> str:
            signs = iter(found.groups())
            return "".join(each if each.isalnum() else next(signs) for each in old)

        text = re.sub(f"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-F]{{2}})){spelled}(?![A-Za-z0-9])", as_recorded, text)
    return text


def _recoded(stretch: str, held: dict[str, str]) -> str:
    """Return *stretch* in one alphabet and without padding, with the recorded values in what it encodes."""
    plain = stretch.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:
        return plain
    recorded = _recorded(decoded, held)
    if recorded == decoded:
        return plain  # a minted value may happen to be base64, and not as an encoder would end it
    return base64.b64encode(recorded.encode()).decode().rstrip("=")


@pytest.mark.timeout(600)
@settings(max_examples=40, deadline=None)
@example(kind=71, seed=0, size=1, minted_by=38)  # a cursor that is base64 of UTF-8, with bits left over
@given(
    kind=st.integers(0, len(KINDS) - 1),
    seed=st.integers(0, 50),
    size=st.sampled_from([1, 7, 64, 4096]),
    minted_by=st.integers(0, 2**32),
)
def test_apart_from_the_minted_values_all_is_as_in_a_blind_replay(
    kind: int, seed: int, size: int, minted_by: int
) -> None:
    cassette = chunked(known_sessions(seed)[kind].cassette, size)
    client, with_memory = asyncio.run(answers(cassette, "on", minted_by=minted_by))
    _, blind = asyncio.run(answers(cassette, "off", minted_by=minted_by))
    for one, other in zip(with_memory, blind, strict=True):
        assert (one.status, one.end) == (other.status, other.end)
        assert len(one.chunks) == len(other.chunks)
        assert [name for name, _ in one.headers] == [name for name, _ in other.headers]
        got, expected = (
            without_minted(each.body.decode("latin-1"), held) for each, held in ((one, client.held), (other, {}))
        )
        assert got == expected
