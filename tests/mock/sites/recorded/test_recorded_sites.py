"""Recordings of any site, over real sockets: what is found, how it is delivered, what is reported."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from tests.support.raw_client import RawAnswer, RawClient

from chatgptfree_mock.errors import CassetteError, MockWarning, SettingsError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.content_coding import decode_body, encode_body
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save

STREAM: Headers = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
TEXT = b'data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\n'


def tape(*interactions: tuple[str, Response], method: str = "GET") -> Cassette:
    return Cassette(
        interactions=tuple(
            Interaction(request=Request(method=method, uri=uri), response=response) for uri, response in interactions
        )
    )


async def get(site: MockSite, path: str, **how: str) -> RawAnswer:
    async with RawClient(site.url) as client:
        return await client.get(path, **how)


PATHS = ["/stream", "/favicon.ico", "/s/1", "/v/2.3/", "/site/x", "/__mock__/", "/__mock__/api/sites"]


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "POST", "REPORT"])
@pytest.mark.parametrize("path", PATHS)
async def test_every_path_and_method_is_delivered_as_asked(path: str, method: str) -> None:
    response = Response(headers=STREAM, body=TEXT, chunks=((5000, len(TEXT)),))
    recorded = tape((f"https://api.example{path}", response), method=method)
    async with MockSite(cassette=recorded, delivery="chunks=every:5 pace=instant fault=truncate@50%") as site:
        answer = await get(site, path, method=method)
        assert site.warnings == []
    assert (answer.status, answer.end, answer.body) == (200, "truncated", TEXT[:22])
    assert [len(chunk) for chunk in answer.chunks] == [5, 5, 5, 5, 2]


@pytest.mark.asyncio
async def test_an_encoded_body_is_sent_encoded_to_clients_that_accept_it_and_as_text_to_others(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT)
    headers = (("Content-Type", "text/event-stream"), ("Content-Length", str(len(packed))))
    file = tmp_path / "packed.yaml"
    save(file, tape(("https://a/", Response(headers=headers, body=packed))))
    async with MockSite(cassette=file) as site:
        coded = await get(site, "/", headers="Accept-Encoding: gzip\r\n")
        plain = await get(site, "/")
    assert (coded.header("Content-Encoding"), coded.header("Content-Length")) == ("gzip", str(len(packed)))
    assert coded.body == packed
    assert (plain.header("Content-Encoding"), plain.header("Content-Length")) == (None, str(len(TEXT)))
    assert plain.body == TEXT


@pytest.mark.asyncio
async def test_a_redirect_to_another_recorded_host_stays_at_the_mock() -> None:
    """A login at a host of its own led the client to the real one."""
    there = "https://login.example/start?x=1"
    recorded = tape(
        ("https://one.example/me", Response(status=302, headers=(("Location", there),))),
        (there, Response(body=b"welcome")),
    )
    async with MockSite(cassette=recorded) as site:
        location = (await get(site, "/me")).header("Location")
        assert location == f"{site.url}/start?x=1"
        assert (await get(site, location.removeprefix(site.url))).body == b"welcome"


@pytest.mark.asyncio
async def test_hosts_are_distinguished_where_there_are_several() -> None:
    recorded = tape(
        ("https://one.example/me", Response(body=b"one")),
        ("https://www.one.example/home", Response(body=b"home")),
        ("https://two.example/me", Response(body=b"two")),
    )
    async with MockSite(cassette=recorded) as site, RawClient(site.url) as client:
        for host, path, status, body in (
            ("one.example", "/me", 200, b"one"),
            ("two.example", "/me", 200, b"two"),
            ("two.example", "/home", 404, b"no recorded answer"),
            ("anything", "/home", 200, b"home"),
            ("anything", "/me", 404, b"recorded from several hosts (one.example, two.example)"),
        ):
            answer = await client.ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert (answer.status, body in answer.body) == (status, True), (host, path)


@pytest.mark.asyncio
async def test_what_is_played_when_nothing_fits_can_be_chosen() -> None:
    recorded = tape(("https://a/one?q=1", Response(body=b"one")), ("https://a/two?q=1", Response(body=b"two")))
    async with MockSite(cassette=recorded, on_miss="nearest") as site:
        assert (await get(site, "/two?q=9")).body == b"two"
        assert "played although it does not fit" in site.journal[-1].why[0]
    async with MockSite(cassette=recorded, on_miss="same-path") as site:
        assert (await get(site, "/two?q=9")).body == b"two"
        assert "query: q: recorded '1'   got '9'" in site.journal[-1].why
        assert (await get(site, "/two?q=1", method="DELETE")).status == 404
        assert (await get(site, "/three?q=1")).status == 404
    turns = tape(*((f"https://a/ask?turn={turn}&v=1", Response(body=turn.encode())) for turn in "123"))
    async with MockSite(cassette=turns, on_miss="same-path") as site:
        asked = ("2&v=9", "x", "x", "1&v=1")
        assert [(await get(site, f"/ask?turn={turn}")).body for turn in asked] == [b"2", b"1", b"3", b"1"]
    async with MockSite(cassette=recorded, volatile=["q"], repeat=False) as site:
        assert (await get(site, "/two?q=9")).body == b"two"
        assert (await get(site, "/two?q=9")).status == 404
    async with MockSite(cassette=recorded, match_on=["path"]) as site:
        assert (await get(site, "/two?q=9", method="DELETE")).body == b"two"


@pytest.mark.asyncio
async def test_a_stream_that_names_its_own_site_keeps_chunks_and_data() -> None:
    body = b"data: https://api.example/files/1\n\ndata: two\n\n"
    chunks = ((0, 35), (20, 11))
    recorded = tape(("https://api.example/stream", Response(headers=STREAM, body=body, chunks=chunks)))
    async with MockSite(cassette=recorded) as site:
        answer = await get(site, "/stream")
    assert [len(chunk) for chunk in answer.chunks] == [35, 11]
    assert answer.body == body
    async with MockSite(cassette=recorded, rewrite="all") as site:
        answer = await get(site, "/stream")
        assert answer.chunks == [f"data: {site.url}/files/1\n\n".encode(), b"data: two\n\n"]


def test_what_had_no_effect_is_a_warning_when_the_site_ends() -> None:
    site = MockSite(cassette=tape(("https://a/", Response(body=b"x"))), delivery="fault=reset@20%")
    site.__enter__()
    line = "the fault `reset@20%` was not applied: no answer that it fits was requested"
    assert site.warnings == [line]
    with pytest.warns(MockWarning, match=line):
        site.__exit__(None, None, None)


@pytest.mark.asyncio
async def test_the_journal_has_the_reason_why_a_fault_did_not_strike() -> None:
    site = MockSite(cassette=tape(("https://a/", Response(status=204))), delivery="fault=garble-chunk")
    await site.__aenter__()
    await get(site, "/")
    line = "the fault `garble-chunk` was not applied: the response has no body"
    assert site.journal[-1].why[-1] == f"warning: {line}"
    with pytest.warns(MockWarning, match=line):
        await site.__aexit__(None, None, None)


def test_an_error_in_the_block_is_not_hidden_by_a_warning() -> None:
    with pytest.raises(ZeroDivisionError), MockSite(plugin="1.8.93", delivery="fault=reset@20%"):
        _ = 1 / 0


@pytest.mark.asyncio
async def test_a_fault_that_struck_once_is_not_warned_of() -> None:
    recorded = tape(("https://a/", Response(headers=STREAM, body=TEXT)), ("https://a/none", Response(status=204)))
    async with MockSite(cassette=recorded, delivery="fault=garble-chunk") as site:
        await get(site, "/none")
        assert site.warnings
        await get(site, "/")
        assert site.warnings == []


@pytest.mark.parametrize("mixed", [True, False], ids=["a folder", "a pattern"])
def test_a_bad_file_is_left_out_and_reported(mixed: bool, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {a: {image: b}}\n", encoding="utf-8")
    (tmp_path / "good.yaml").write_text(
        "interactions:\n- request: {method: GET, uri: 'https://a/', headers: {}, body: null}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: x}}\n",
        encoding="utf-8",
    )
    source: Any = tmp_path if mixed else [tmp_path / "good.yaml", str(tmp_path / "comp*.yaml")]
    site = MockSite(cassette=source)
    (line,) = site.warnings
    assert "compose.yaml: left out: no `interactions`" in line
    with pytest.raises(CassetteError, match="no `interactions`"):
        MockSite(cassette=source, strict=True)
    with pytest.raises(CassetteError, match="no `interactions`"):
        MockSite(cassette=tmp_path / "compose.yaml")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"match_on": ["pth"]}, "did you mean `path`"),
        ({"on_miss": "closest"}, "on_miss: no such word: `closest`"),
        ({"rewrite": "page"}, "did you mean `pages`"),
    ],
)
def test_a_wrong_word_is_an_error_at_once(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        MockSite(cassette="1.8.93/msg_ok_s", **given)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("claimed", "codings"),
    [(["gzip", "gzip"], ["gzip"]), (["br", "gzip"], ["br", "gzip"]), (["gzip, br"], ["br"])],
)
async def test_several_headers_of_a_coding_agree_with_the_bytes(
    claimed: list[str], codings: list[str], tmp_path: Path
) -> None:
    headers = (("Content-Type", "text/event-stream"), *(("Content-Encoding", value) for value in claimed))
    packed = encode_body(TEXT, codings)
    file = tmp_path / "packed.yaml"
    save(file, tape(("https://a/", Response(headers=headers, body=packed))))
    async with MockSite(cassette=file) as site:
        coded = await get(site, "/", headers="Accept-Encoding: gzip, br\r\n")
        plain = await get(site, "/")
    named = [value for name, value in coded.headers if name.lower() == "content-encoding"]
    found = decode_body(coded.body, ", ".join(named))
    assert (found.body, list(found.codings)) == (TEXT, ", ".join(named).split(", "))
    assert (plain.body, plain.header("Content-Encoding")) == (TEXT, None)
