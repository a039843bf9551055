"""Tokens that have characters in common: each is minted as a whole, or reported as not minted."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from random import Random
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.many_cases import for_each
from tests.support.token_visit import FORM, Visit

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.decoding import base64_text
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.classifying import FoundToken
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import TokenClass, tokens_as_data

NAMES = ("nonce", "sid", "csrf_token", "ticket")


def recorded(page: Mapping[str, str], form: Mapping[str, str]) -> tuple[Cassette, tuple[FoundToken, ...]]:
    """Return a page of JSON and a question with *form*, with its block, and the tokens that were found."""
    made = Visit(random=Random(0))
    made.get("/", json.dumps(page), kind="json")
    made.post({**form, "message": "hi"}, text="hello")
    found = find_tokens(made.cassette)
    return replace(made.cassette, tokens=acting(made.cassette, [each.token for each in found]).entries), found


def page_of(site: MockSite) -> dict[str, str]:
    """Return the values of the page."""
    values: dict[str, str] = json.loads(_asked(site, "GET", "/", "")[1])
    return values


def ask(site: MockSite, form: Mapping[str, str]) -> tuple[int, str]:
    """Return status and text of the answer to a question with *form*."""
    return _asked(site, "POST", "/ask", urlencode({**form, "message": "hi"}))


def _asked(site: MockSite, method: str, path: str, body: str) -> tuple[int, str]:
    with closing(HTTPConnection(urlsplit(site.url).netloc)) as connection:
        connection.request(method, path, body, dict(FORM))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def pieces(seed: int, count: int) -> list[str]:
    """Return random strings, each with a digit and a letter."""
    random = Random(seed)
    return ["".join(random.choices("bcdfghjkmnpqrstvwxz", k=7)) + str(random.randrange(2, 10)) for _ in range(count)]


@st.composite
def overlapping(draw: st.DrawFn) -> tuple[dict[str, str], str]:
    """Return named values, each some neighbours of the same pieces and maybe encoded; and a text of all pieces."""
    parts = pieces(draw(st.integers(0, 1000)), 4)
    signs = [*draw(st.lists(st.sampled_from(".-/|:~"), min_size=3, max_size=3)), ""]
    spans = st.tuples(st.integers(0, 3), st.integers(1, 4)).filter(lambda span: span[0] < span[1])
    values = {}
    for name in NAMES[: draw(st.integers(2, 4))]:
        first, last = draw(spans)
        text = "".join(part + sign for part, sign in zip(parts[first:last], signs[first:last], strict=True))
        text = text if last == 4 else text[:-1]
        values[name] = base64.b64encode(text.encode()).decode() if draw(st.booleans()) else text
    return values, "".join(part + sign for part, sign in zip(parts, signs, strict=True))


@settings(max_examples=40)
@given(case=overlapping())
@example(case=({"nonce": "nxkxzbv8", "sid": "bnhreHpidjg="}, "nxkxzbv8.dhgrsgf3.kwgxxpz9.xxkdppp2"))
@example(case=({"nonce": "nxkxzbv8.dhgrsgf3", "sid": "bnhreHpidjg="}, "nxkxzbv8.dhgrsgf3.kwgxxpz9.xxkdppp2"))
def test_a_client_that_brings_back_what_it_got_is_answered(case: tuple[dict[str, str], str]) -> None:
    values, everything = case
    tape, found = recorded({**values, "all": everything}, values)
    minted = {each.token.name for each in found if each.token.kind is TokenClass.TOKEN}
    with MockSite(pack="recorded", cassette=tape) as site:
        got = page_of(site)
        form = {name: got[name] for name in values}
        assert ask(site, form) == (200, "hello")
        for name in minted:
            assert ask(site, {**form, name: values[name]})[0] == 403
    for name in minted:
        assert got[name] != values[name]
    for one, value in values.items():
        contains = re.compile(rf"(?<![\w+/=]){re.escape(value)}(?![\w+=])")
        for other in (*values, "all"):
            whole = {**values, "all": everything}[other]
            if len(value) < len(whole) and contains.search(whole):
                assert got[one] in got[other], f"`{other}` holds `{one}`, as in the recording"
        for other in values:
            if _decoded(value) and _decoded(value) in values[other]:
                assert _decoded(got[one]) in got[other], f"`{other}` holds `{one}`, decoded, as in the recording"


@for_each("name", ["sid", "post_id", "text", "note"])
def test_a_value_that_encodes_a_token_is_one_whatever_its_name(name: str) -> None:
    """It follows from the token, so the site gives out another one, which the client brings back."""
    encoded = base64.b64encode(b"nxkxzbv8").decode()
    tape, found = recorded({"nonce": "nxkxzbv8", name: encoded}, {"nonce": "nxkxzbv8", name: encoded})
    assert {each.token.name: each.token.kind for each in found} == {"nonce": TokenClass.TOKEN, name: TokenClass.TOKEN}
    with MockSite(pack="recorded", cassette=tape) as site:
        got = page_of(site)
        assert _decoded(got[name]) == got["nonce"] != "nxkxzbv8"
        assert ask(site, got) == (200, "hello")
        assert ask(site, {**got, name: encoded})[0] == 403


def test_a_value_that_encodes_other_text_is_no_token() -> None:
    encoded = base64.b64encode(b"nxkxzbv7").decode()
    _, found = recorded({"nonce": "nxkxzbv8", "note": encoded}, {"nonce": "nxkxzbv8", "note": encoded})
    assert [each.token.name for each in found] == ["nonce"]


def _decoded(value: str) -> str:
    """Return the text of a *value* in base64; of another one nothing."""
    return "" if re.search("[^A-Za-z0-9+/=]", value) else base64_text.decoded(value)


A, B, C = pieces(1, 3)


@pytest.mark.parametrize("encoded", [base64.b64encode(f"{A}/{B}".encode()).decode(), quote(f"{A}/{B}", safe="")])
def test_a_value_that_is_a_part_of_another_decoded_is_not_minted_and_the_reason_is_said(encoded: str) -> None:
    values = {"nonce": encoded, "ticket": f"{A}/{B}.{C}"}
    _, found = recorded(values, values)
    assert {each.token.name: each.why.partition("; ")[2] for each in found} == {
        "nonce": "not minted: decoded, it is a part of `ticket`",
        "ticket": "not minted: a part of it, encoded, is `nonce`",
    }
    assert {each.token.kind for each in found} == {TokenClass.CONSTANT}


def test_a_value_that_is_a_part_of_one_that_is_escaped_once_more_is_followed() -> None:
    inner = f"{A}.{B}"
    values = {"nonce": inner, "ticket": json.dumps(f'{inner}"{C}')}
    tape, found = recorded(values, values)
    assert {each.token.kind for each in found} == {TokenClass.TOKEN}
    with MockSite(pack="recorded", cassette=tape) as site:
        got = page_of(site)
        assert json.loads(got["ticket"]) == f'{got["nonce"]}"{C}'
        assert ask(site, got) == (200, "hello")


def test_two_values_that_share_characters_are_not_minted_and_the_reason_is_said() -> None:
    """The client takes both from one text of the page, so that no new value of one would leave the other."""
    both = f"{A}.{B}/{C}"
    values = {"nonce": f"{A}.{B}", "sid": f"{B}/{C}", "ticket": both}
    tape, found = recorded({"all": both}, values)
    assert {each.token.name: each.why.partition("; ")[2] for each in found} == {
        "nonce": "not minted: it shares characters with `sid` in response 0",
        "sid": "not minted: it shares characters with `nonce` in response 0",
        "ticket": "not minted: it contains `nonce`, which is not",
    }
    assert {each.token.kind for each in found} == {TokenClass.CONSTANT}
    with MockSite(pack="recorded", cassette=tape) as site:
        text = page_of(site)["all"]
        form = {"nonce": text[:17], "sid": text[9:], "ticket": text}
        assert ask(site, form) == (200, "hello")
        assert ask(site, {**form, "sid": "another"})[0] == 403


def test_a_block_that_mints_both_is_an_error_that_says_what_to_do() -> None:
    tape, found = recorded({"all": f"{A}.{B}/{C}"}, {"nonce": f"{A}.{B}", "sid": f"{B}/{C}"})
    block = tokens_as_data([replace(each.token, kind=TokenClass.TOKEN) for each in found])
    with pytest.raises(CassetteError, match="token `sid` cannot act: in response 0 it shares characters with `nonce`"):
        MockSite(pack="recorded", cassette=replace(tape, tokens=tuple(block)))


@pytest.mark.parametrize("spell", [str, lambda text: base64.b64encode(text.encode()).decode()])
def test_a_constant_that_contains_a_token_comes_back_as_it_is_given_out(spell: Callable[[str], str]) -> None:
    values = {"token": f"{A}{B}", "post_id": spell(f"post-{A}{B}")}
    tape, found = recorded(values, values)
    assert [each.token.kind for each in found] == [TokenClass.TOKEN, TokenClass.CONSTANT]
    with MockSite(pack="recorded", cassette=tape) as site:
        got = page_of(site)
        assert got["post_id"] == spell(f"post-{got['token']}") != values["post_id"]
        assert ask(site, got) == (200, "hello")
        assert ask(site, {**got, "post_id": "post-another1"})[0] == 403
