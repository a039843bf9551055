"""What the journal is saved as: cassettes and HARs that replay the same bytes without a secret, scenarios that play."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import tapes
from tests.support.raw_client import RawClient
from tests.support.releases import NEWEST

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import Exchange, Journal
from chatgptfree_mock.server.journal_export import cassette_file, cassette_of, interaction_of
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.files import load, load_recording
from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.tape.redaction import RULES, Rules
from chatgptfree_mock.tape.yaml.reading import read

RECORDED = "1.8.93/msg_ok_s"
NO_RULES = Rules.make(keep=RULES)


async def ask(session: aiohttp.ClientSession, url: str, message: str, nonce: str) -> bytes:
    fields = {"action": "wpaicg_chat_shortcode_message", "_wpnonce": nonce, "message": message, "bot_id": "0"}
    async with session.post(f"{url}/wp-admin/admin-ajax.php", data=fields) as response:
        got = b""
        try:
            async for part in response.content.iter_any():
                got += part
        except aiohttp.ClientPayloadError:
            got += b"(broke off)"
        return got


async def page_and_answer(session: aiohttp.ClientSession, url: str, message: str) -> bytes:
    page = await (await session.get(f"{url}/chat/")).text()
    return await ask(session, url, message, re.findall(r'data-nonce="([^"]+)"', page)[0])


async def saved(site: MockSite, **asked: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {site.server.api_token}"}) as session,
        session.post(site.server.url + "/__mock__/api/journal/export", json=asked) as response,
    ):
        found: dict[str, Any] = await response.json()
        return found


@pytest.mark.parametrize("form", ["cassette", "har"])
@pytest.mark.asyncio
async def test_a_session_is_replayed_from_what_was_saved(tmp_path: Path, form: str) -> None:
    async with (
        MockSite(plugin="1.8.93", reply=["Hé", "l 👋 lo"], delivery="chunks=utf8 pace=instant") as site,
        aiohttp.ClientSession() as session,
    ):
        first = await page_and_answer(session, site.url, "Who are you?")
        file = await saved(site, format=form)
        sizes = [size for _, size in site.journal[-1].chunks]
    tape = tmp_path / file["name"]
    tape.write_text(file["text"])
    recording = load_recording(tape)
    (_, answer) = recording.interactions
    if form == "cassette":  # with the tokens, as the recorder writes them
        (nonce,) = (each for each in recording.tokens if each["class"] == "token")
        assert (nonce["name"], nonce["shape"]) == ("_wpnonce", {"alphabet": "hex", "length": 10})
    assert [size for _, size in answer.response.chunks] == sizes
    async with MockSite(cassette=tape) as replay, aiohttp.ClientSession() as session:
        assert await page_and_answer(session, replay.url, "Who are you?") == first
        assert replay.warnings == []


@pytest.mark.parametrize("form", ["cassette", "har"])
@pytest.mark.asyncio
async def test_bytes_that_are_not_utf_8_can_be_read_and_saved(tmp_path: Path, form: str) -> None:
    """As JavaScript and Python read JSON; a request with such a header must not make the journal unreadable."""
    async with MockSite(cassette=RECORDED, delivery="pace=instant") as site:
        headers = {"Authorization": f"Bearer {site.server.api_token}"}
        async with aiohttp.ClientSession(headers=headers) as session, RawClient(site.url) as client:
            follow = await session.get(f"{site.url}/__mock__/api/journal/follow")
            await client.ask(b"GET /%ff?%ff=%ff HTTP/1.1\r\nHost: a.example\r\nX-Odd: \xff\xfe\r\n\r\n")
            followed = json.loads(await follow.content.readline())
            follow.close()
            journal = await (await session.get(f"{site.url}/__mock__/api/journal")).json()
        file = await saved(site, format=form)
    assert ["X-Odd", "\udcff\udcfe"] in journal["exchanges"][0]["request"]["headers"]
    assert followed == journal["exchanges"][0]
    tape = tmp_path / file["name"]
    tape.write_text(file["text"])
    assert len(load_recording(tape).interactions) == 1


@pytest.mark.asyncio
async def test_what_is_secret_is_not_in_a_file(tmp_path: Path) -> None:
    async with (
        MockSite(
            plugin="1.8.93", reply="Write to jane.doe@example.org or use sk-proj-Zx8Kq2Lm9Pw4Rt7Vb3Nc6Yd1"
        ) as site,
        aiohttp.ClientSession(cookies={"wordpress_logged_in_1": "jane%7C1999%7Ct0ps3cr3tt0ken"}) as session,
    ):
        await page_and_answer(session, site.url, "mail jane.doe@example.org")
        nonce = site.nonce
        for form, more in (("cassette", {}), ("har", {}), ("scenario", {"expect": {"text": "x"}})):
            file = await saved(site, format=form, **more)
            for secret in ("jane.doe@", "sk-proj-Zx8K", "t0ps3cr3t", nonce):
                assert secret not in file["text"], form
            assert any(line.startswith("emails") for line in file["redacted"]), file["redacted"]


@pytest.mark.parametrize(
    ("fault", "expect", "ending"),
    [
        (None, {"text": "Hé👋"}, "complete"),
        ("truncate@70%", {"error": "interrupted", "partial": "Hé"}, "truncated"),
        ("reset@70%", {"error": ["interrupted", "connection"], "partial": "Hé"}, "reset"),
    ],
)
@pytest.mark.asyncio
async def test_an_answer_becomes_a_scenario_that_sends_the_same_bytes(
    tmp_path: Path, fault: str | None, expect: dict[str, Any], ending: str
) -> None:
    async with MockSite(plugin="1.8.93", reply=["Hé", "👋"]) as site, aiohttp.ClientSession() as session:
        site.deliver(chunks="utf8", fault=fault)
        first = await page_and_answer(session, site.url, "it's: {odd} # \n two lines")
        sizes = [size for _, size in site.journal[-1].chunks]
        file = await saved(site, format="scenario", title="Saved: by hand", expect=expect)
    assert file["notes"] == ["#1 is left out: the site makes it itself"]
    (tmp_path / "stream").mkdir()
    (tmp_path / "stream" / "saved.yaml").write_text(file["text"])
    async with MockServer(ServerConfig(scenarios=(tmp_path,))) as server, aiohttp.ClientSession() as session:
        assert await page_and_answer(session, f"{server.url}/s/stream/saved", "x") == first
        await server.journal.settled()
        played = server.journal[-1]
        assert ([size for _, size in played.chunks], played.end) == (sizes, ending)


@pytest.mark.asyncio
async def test_both_requests_of_a_generation_2_answer_become_one_scenario(tmp_path: Path) -> None:
    async with MockSite(plugin=NEWEST, reply="Hello") as site, aiohttp.ClientSession() as session:
        page = await (await session.get(site.url + "/chat/")).text()
        bot = re.findall(r"&quot;botId&quot;:(\d+)|\"botId\":(\d+)", page)
        fields = {"_ajax_nonce": site.nonce, "bot_id": "".join(bot[0]) if bot else "1"}
        cache = {**fields, "action": "aipkit_cache_sse_message", "user_message": "Which one?"}
        await (await session.post(site.url + "/wp-admin/admin-ajax.php", data=cache)).read()
        await (await session.get(site.url + "/wp-admin/admin-ajax.php?action=aipkit_frontend_chat_stream")).read()
        file = await saved(site, format="scenario", expect={"error": "refused"})
    assert "to: aipkit_cache_sse_message" in file["text"]
    assert "to: aipkit_frontend_chat_stream" in file["text"]
    assert "message: Which one?" in file["text"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"format": "cassette", "numbers": [7]}, "no exchange #7"),
        ({"format": "scenario"}, "needs `expect`"),
        ({"format": "scenario", "numbers": [1], "expect": {"text": "x"}}, "no request of the chat"),
        ({"format": "scenario", "expect": {"txt": "x"}}, "txt"),
        ({"format": "scenario", "expect": {"error": "imaginary"}}, "imaginary"),
        ({"format": "tape"}, "tape"),
    ],
)
@pytest.mark.asyncio
async def test_what_cannot_be_saved_is_reported(asked: dict[str, Any], message: str) -> None:
    async with MockSite(plugin="1.8.93", delivery="pace=instant") as site, aiohttp.ClientSession() as session:
        await page_and_answer(session, site.url, "x")
        assert message in (await saved(site, **asked))["error"]


@pytest.mark.asyncio
async def test_an_answer_that_is_under_way_is_left_out_and_named() -> None:
    async with MockSite(plugin="1.8.93") as site, aiohttp.ClientSession() as session:
        site.reply  # noqa: B018 - from now on answers wait to be pushed
        asking = asyncio.ensure_future(page_and_answer(session, site.url, "x"))
        await site.reply.asked()
        assert (await saved(site, format="har"))["notes"] == ["#2 is left out: its answer is still under way"]
        await site.reply.end()
        await asking


def exchange_of(*pieces: bytes, keep: int = 64, times: int = 100, coding: str = "", request: bytes = b"") -> Exchange:
    """Return an exchange as a journal with these limits has it."""
    journal = Journal(body=keep, chunks=times)
    site_request = SiteRequest(method="POST", path="/x", body=request, base_url="http://127.0.0.1:8080")
    exchange = journal.begin(site_request, site="root", at=1.8e9)
    headers = (("Content-Type", "text/plain"), *((("Content-Encoding", coding),) if coding else ()))
    journal.decide(exchange, Response(headers=headers), ())
    journal.wrote(exchange, [(10.4 * index, len(piece)) for index, piece in enumerate(pieces)], b"".join(pieces))
    journal.finish(exchange, "complete", ms=500.2)
    return exchange


@given(
    pieces=st.lists(st.binary(min_size=1, max_size=20), max_size=8),
    keep=st.integers(0, 100),
    times=st.integers(1, 10),
    coding=st.sampled_from(["", "gzip", "br", "zstd"]),
)
def test_the_chunks_of_what_is_kept_always_add_up(pieces: list[bytes], keep: int, times: int, coding: str) -> None:
    if coding and pieces:
        whole = encode_body(b"".join(pieces), [coding])
        pieces = [whole[:3], whole[3:]]
    exchange = exchange_of(*pieces, keep=keep, times=times, coding=coding)
    interaction = interaction_of(exchange)
    stored = interaction.response.raw if interaction.response.raw is not None else interaction.response.body
    assert stored == exchange.response_body
    assert (interaction.response.end == "client-closed") is (len(stored) < exchange.sent)
    _, notes = cassette_of([exchange], NO_RULES)
    assert bool(notes) is (len(stored) < exchange.sent or len(pieces) > times)
    text = cassette_file([exchange], NO_RULES).text
    assert read(text.encode(), file="x.yaml").interactions[0].response.status == 200


def test_what_was_not_kept_is_named() -> None:
    cut = exchange_of(b"a" * 60, b"b" * 60, keep=64)
    _, notes = cassette_of([cut], NO_RULES)
    assert notes == ["#1: only 64 of 120 bytes of the answer were kept; it ends as client-closed"]
    unknown = exchange_of(b"a", b"b", b"c", times=2)
    _, notes = cassette_of([unknown], NO_RULES)
    assert notes == ["#1: the last 1 chunks are one, as their times were not kept"]
    with pytest.raises(SettingsError, match="only 64 of 70 bytes of its request are kept"):
        cassette_of([exchange_of(b"x", request=b"y" * 70)], NO_RULES)


@pytest.mark.asyncio
async def test_the_release_and_the_origin_are_in_the_cassette(tmp_path: Path) -> None:
    async with MockSite(plugin="1.8.93") as site, aiohttp.ClientSession() as session:
        await session.get(site.url + "/v/2.3.31/chat/")
        file = await saved(site, format="cassette", numbers=[1])
        (tmp_path / "one.yaml").write_text(file["text"])
        recording = load(tmp_path / "one.yaml").recording
        assert (recording["plugin"], recording["upstream"]) == ("2.3.31", site.url + "/v/2.3.31")
        await session.get(site.url + "/chat/")
        har = await saved(site, format="har")
        imported = from_har(har["text"].encode(), file="x.har").cassette.interactions
        assert [each.request.uri for each in imported] == [site.url + "/v/2.3.31/chat/", site.url + "/chat/"]
        assert json.loads(har["text"])["log"]["version"] == "1.2"


@pytest.mark.parametrize("recorded", ["", "1.8.93"])
@pytest.mark.asyncio
async def test_a_saved_replay_names_the_release_of_its_recordings_alone(tmp_path: Path, recorded: str) -> None:
    tape = tapes.write(tmp_path / "tape.yaml", tapes.exchange("GET", "https://files.example/1.txt", "one"))
    if recorded:
        tape.write_text(f"x-recording: {{plugin: {recorded}}}\n{tape.read_text()}")
    async with MockSite(cassette=tape) as site, aiohttp.ClientSession() as session:
        await (await session.get(f"{site.url}/1.txt")).read()
        file = await saved(site, format="cassette")
    again = tmp_path / file["name"]
    again.write_text(file["text"])
    assert load(again).recording.get("plugin", "") == recorded
