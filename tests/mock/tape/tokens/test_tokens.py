"""Tokens of recorded sessions: all are found, none is invented, and redaction and files keep them together."""

import base64
import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import pytest

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.decoding.decodings import MOST, views
from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import redact
from chatgptfree_mock.tape.saving import save_in_parts
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import Return, tokens_as_data
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json

RECORDED = 1795651200
"""2026-11-25T20:00:00Z, in Unix seconds."""


@dataclass(frozen=True)
class Session:
    cassette: Cassette
    expected: dict[str, str]
    """Classes by name."""


def session(pages: list[tuple[str, dict[str, str]]], sent: dict[str, str], cookie: str = "") -> Cassette:
    """Return a session that reads *pages* and then posts *sent*."""
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie))
    request = Request(
        method="POST",
        uri="https://chat.invalid/ask",
        headers=headers if cookie else headers[:1],
        body=urlencode(sent).encode(),
    )
    read_pages = [
        Interaction(
            request=Request(method="GET", uri="https://chat.invalid/"),
            response=Response(headers=(("Content-Type", "text/html"), *more.items()), body=text.encode()),
        )
        for text, more in pages
    ]
    answer = Response(headers=(("Content-Type", "text/event-stream"),), body=b"data: hello\n\n")
    recording = {"recorded_at": "2026-11-25T20:00:00Z"}
    return Cassette(interactions=(*read_pages, Interaction(request=request, response=answer)), recording=recording)


def _nonce(random: Random) -> str:
    return f"a{random.getrandbits(32):08x}7"


def csrf_in_a_meta_tag_and_a_cookie(random: Random) -> Session:
    token, sid = base64.b64encode(random.randbytes(24)).decode(), _nonce(random)
    page = f'<meta name="csrf-token" content="{html.escape(token)}"><p>Hello, who are you?</p>'
    cassette = session(
        [(page, {"Set-Cookie": f"sid={sid}; Path=/; HttpOnly"})],
        {"csrf_token": token, "message": "Hello, who are you?"},
        f"sid={sid}",
    )
    return Session(cassette, {"csrf_token": "token", "sid": "token"})


def json_in_an_attribute(random: Random) -> Session:
    token = f"{_nonce(random)}/{_nonce(random)}+"
    config = json.dumps({"ajax": "/ask", "nonce": token}).replace("/", "\\/")
    page = f'<div data-config="{html.escape(config).replace("+", "&#43;")}">'
    return Session(session([(page, {})], {"_ajax_nonce": token, "action": "chat"}), {"_ajax_nonce": "token"})


def base64_in_the_page(random: Random) -> Session:
    token = _nonce(random) + _nonce(random)
    config = base64.b64encode(json.dumps({"token": token}).encode()).decode()
    page = f"<script>const c = JSON.parse(atob('{config}'))</script>"
    return Session(session([(page, {})], {"token": token, "q": "hello"}), {"token": "token"})


def post_id(random: Random) -> Session:
    number, nonce = str(random.randrange(100, 99999)), _nonce(random)
    page = f'<div data-post-id="{number}" data-nonce="{nonce}">Price 100, room 101</div>'
    sent = {"post_id": number, "_wpnonce": nonce, "bot_id": "0", "action": "wpaicg_chat_shortcode_message"}
    return Session(session([(page, {})], sent), {"post_id": "constant", "_wpnonce": "token"})


def time_stamp(random: Random) -> Session:
    milliseconds = str(RECORDED * 1000 + random.randrange(60_000))
    page = f"<p>serial 2794651200 of {_nonce(random)}</p>"
    return Session(session([(page, {})], {"_ts": milliseconds, "message": "hi"}), {"_ts": "clock"})


def ids_of_the_client(random: Random) -> Session:
    client = str(UUID(int=random.getrandbits(128), version=4))
    cassette = session([("<p>nothing</p>", {})], {"session_id": client, "message": "internationalisation"})
    return Session(cassette, {"session_id": "client"})


KINDS: list[Callable[[Random], Session]] = [
    csrf_in_a_meta_tag_and_a_cookie,
    json_in_an_attribute,
    base64_in_the_page,
    post_id,
    time_stamp,
    ids_of_the_client,
]


def classes(cassette: Cassette) -> dict[str, str]:
    return {each.token.name: each.token.kind.value for each in find_tokens(cassette)}


@pytest.mark.parametrize("value", ["+4930123456", "+49 (30) 123-456-78", "DE89370400440532013000"])
def test_a_phone_number_or_an_iban_is_no_token(value: str) -> None:
    page = f'<b data-x="{value}">and {value}</b>'
    assert classes(session([(page, {})], {"contact": value, "message": "hi"})) == {}
    assert classes(session([(page, {})], {"nonce": value, "message": "hi"})) == {"nonce": "token"}


@pytest.mark.parametrize(
    ("kind", "name", "part", "decodings"),
    [
        (csrf_in_a_meta_tag_and_a_cookie, "sid", "header:set-cookie", []),
        (json_in_an_attribute, "_ajax_nonce", "body", ["html", "json"]),
        (base64_in_the_page, "token", "body", ["base64"]),
        (post_id, "_wpnonce", "body", []),
    ],
)
def test_the_chain_of_decodings_is_kept(
    kind: Callable[[Random], Session], name: str, part: str, decodings: list[str]
) -> None:
    (token,) = (each.token for each in find_tokens(kind(Random(1)).cassette) if each.token.name == name)
    assert token.source is not None
    assert (token.source.interaction, token.source.part, token.source.decodings) == (0, part, decodings)


@pytest.mark.parametrize("kind", KINDS)
def test_redaction_leaves_the_places_of_tokens(kind: Callable[[Random], Session]) -> None:
    cassette = kind(Random(2)).cassette
    assert places(redact(cassette)) == places(cassette)


def places(cassette: Cassette) -> list[tuple[str, int, str, list[Return]]]:
    """Return name, source and ways back of what responses gave; a placeholder may need fewer decodings."""
    tokens = [each.token for each in find_tokens(cassette)]
    return [(each.name, each.source.interaction, each.source.part, each.back) for each in tokens if each.source]


@pytest.mark.parametrize(("name", "kinds"), [("name", {}), ("text", {}), ("signed_stream_name", {"token"})])
def test_what_a_person_types_is_no_token_though_a_page_had_it(name: str, kinds: set[str]) -> None:
    value = "k7Jq2mW9xR4tL8vB3nC6zD1yF5hG0pS2"
    page = f'<input name="{name}" value="{value}">'
    assert set(classes(session([(page, {})], {name: value})).values()) == set(kinds)


def test_a_value_that_comes_only_later_is_the_clients() -> None:
    cassette = session([("<p>", {})], {"session_id": "a1b2c3d4e5f6"})
    late = Interaction(
        request=Request(method="GET", uri="https://chat.invalid/"), response=Response(body=b'{"s":"a1b2c3d4e5f6"}')
    )
    assert classes(Cassette(interactions=(*cassette.interactions, late))) == {"session_id": "client"}


def test_a_short_value_inside_another_is_not_its_source() -> None:
    cassette = session([("<script src='app-a1b2c3d4e5.js'></script>", {})], {"nonce": "a1b2c3d4e5"})
    assert classes(cassette) == {"nonce": "client"}


def test_views_of_nested_text_are_bounded() -> None:
    assert len(list(views("%26quot;\\x41\\u0041&amp;%25" * 50))) <= MOST


@pytest.mark.parametrize("plugin", ["1.8.93", "2.3.93", "2.4.71"])
def test_the_nonce_of_the_imitated_site_is_found(plugin: str) -> None:
    with MockSite(plugin=plugin, reply="Hello") as site:
        with ChatClient(site.url) as chat:
            assert chat.ask("Hi").text == "Hello"
        exchanges = list(site.journal)
    interactions = tuple(
        Interaction(
            request=Request(
                method=each.method, uri=f"http://site{each.target}", headers=each.headers, body=each.body or None
            ),
            response=decoded(Response(status=each.status, headers=each.response_headers, body=each.response_body)),
        )
        for each in exchanges
    )
    found = classes(Cassette(interactions=interactions))
    nonces = {name: kind for name, kind in found.items() if "nonce" in name}
    assert nonces
    assert set(nonces.values()) == {"token"}
    assert found.get("post_id", "constant") == "constant"
    assert not {"message", "action"} & set(found)


def with_tokens() -> Cassette:
    cassette = post_id(Random(3)).cassette
    tokens = tokens_as_data([each.token for each in find_tokens(cassette)])
    return Cassette(interactions=cassette.interactions, recording=cassette.recording, tokens=tuple(tokens))


def test_a_value_that_one_file_gives_out_and_another_brings_back_is_in_no_block(tmp_path: Path) -> None:
    cassette = with_tokens()
    one, _, nothing = save_in_parts(tmp_path / "one.yaml", cassette)
    limit = one[0].stat().st_size - 1
    two, too_large, note = save_in_parts(tmp_path / "two.yaml", cassette, limit=limit)
    assert (len(one), len(two), too_large, nothing) == (1, 2, [], "")
    assert note.startswith("left out of x-tokens, and replayed as recorded: `")
    assert load(one[0]).tokens == cassette.tokens
    assert [load(file).tokens for file in two] == [(), ()]


def test_the_block_survives_both_formats() -> None:
    cassette = with_tokens()
    assert read(write(cassette).encode()).tokens == cassette.tokens
    assert read(write_json(cassette).encode(), file="a.json").tokens == cassette.tokens


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("class: token", "class: tokens"), "unknown value 'tokens' - at `$.x-tokens[1].class`"),
        (("interaction: 1", "interaction: 9"), "there is no interaction 9; the last is 1 - at `$.x-tokens[0]`"),
        (("  shape:", "  shaped:"), "unknown key `shaped` - at `$.x-tokens[0]`"),
        (("x-tokens:", "x-token:"), "unknown key `x-token`"),
    ],
)
def test_a_damaged_block_is_one_sentence_with_the_repair(change: tuple[str, str], words: str) -> None:
    text = write(with_tokens())
    assert change[0] in text
    with pytest.raises(CassetteError) as caught:
        read(text.replace(*change, 1).encode())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.repair
