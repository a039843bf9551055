"""Servers for tests: one site or many, with and without async."""

from __future__ import annotations

import asyncio
import threading
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.support import tapes
from tests.support.raw_client import RawClient
from tests.support.releases import NEWEST

from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.errors import (
    CassetteError,
    DeliveryError,
    MockWarning,
    ServingError,
    SettingsError,
    UnknownReleaseError,
)
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mock_site import MockSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.files import load, recorded_file

AJAX = "/wp-admin/admin-ajax.php"
FRAMED = ["Server", "Date", "Content-Type", "Transfer-Encoding", "Connection"]


def fields(nonce: str, message: str = "Hello, who are you?") -> dict[str, str]:
    return {"_wpnonce": nonce, "action": "wpaicg_chat_shortcode_message", "message": message, "bot_id": "0"}


async def ask(site_url: str, nonce: str, message: str = "Hello, who are you?") -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(site_url + AJAX, data=fields(nonce, message)) as response,
    ):
        return response.status, await response.read()


@pytest.mark.asyncio
async def test_a_site_runs_while_its_block_does() -> None:
    async with MockSite(plugin="1.8.93", reply=["Hel", "lo"], delivery="pace=instant") as site:
        status, body = await ask(site.url, site.nonce)
        assert (status, b'"content":"Hel"' in body) == (200, True)
        assert [exchange.end for exchange in site.journal] == ["complete"]
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(site.url, site.nonce)


def test_a_site_runs_beside_code_without_async() -> None:
    with MockSite(plugin="1.8.93") as site:
        with urllib.request.urlopen(site.url + "/chat/") as page:
            assert site.nonce in page.read().decode()
        assert [exchange.path for exchange in site.journal] == ["/chat/"]
    assert "chatgptfree-mock" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"match_on": ["path"]}, "without a recording `match_on` has no effect: give a cassette, or leave it out"),
        ({"tokens": "off", "repeat": False}, "without a recording `repeat`, `tokens` have no effect"),
        ({"repeat": True}, "without a recording `repeat` has no effect"),
        ({"pack": "recorded", "volatile": "id"}, "without a recording `volatile` has no effect"),
        ({"strict": True}, "without a recording `strict` has no effect"),
    ],
)
def test_options_of_a_replay_need_a_recording(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        MockSite(**options)
    assert str(caught.value).startswith(problem)


def test_options_of_a_replay_act_on_cassettes_that_the_settings_name(tmp_path: Path) -> None:
    tapes.write(tmp_path / "tape.yaml", tapes.exchange("GET", "https://a.example/x?page=1", b"one"))
    settings = {"cassettes": [str(tmp_path / "tape.yaml")]}
    with (
        MockSite(pack="recorded", settings=settings, match_on=["path"]) as site,
        urllib.request.urlopen(site.url + "/x?page=2") as answer,
    ):
        assert answer.read() == b"one"


def test_an_answer_that_a_client_has_whole_has_ended_in_the_journal() -> None:
    """Even if the client comes back before the mock, on its own thread, has noticed that all is out."""
    with MockSite(plugin="1.8.93", settings={"bots": [{"stream": False}]}, delivery="pace=instant") as site:
        ends = []
        for _ in range(100):
            form = urllib.parse.urlencode(fields(site.nonce)).encode()
            with urllib.request.urlopen(site.url + AJAX, form) as answer:
                answer.read()
            ends.append(str(site.journal[-1].end))
    assert ends == ["complete"] * 100


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
async def test_the_head_of_an_answer_is_framed_as_nginx_frames_it_even_without_a_body(method: str) -> None:
    async with MockSite(plugin="2.4.71") as site, RawClient(site.url) as client:
        answer = await client.get(AJAX, method=method)
    assert [name for name, _ in answer.headers][:5] == FRAMED
    assert (answer.header("Transfer-Encoding"), answer.header("Connection")) == ("chunked", "keep-alive")
    assert answer.header("Content-Length") is None
    assert answer.body == (b"" if method == "OPTIONS" else b"0")


@pytest.mark.asyncio
async def test_stopping_does_not_wait_for_an_answer_that_stalls() -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        async with MockSite(plugin="1.8.93", delivery="pace=instant fault=stall@50%") as site:
            response = await session.post(site.url + AJAX, data=fields(site.nonce))
            await response.content.readany()
        with pytest.raises(aiohttp.ClientError):
            await response.read()
    assert site.journal[-1].end in ("client-closed", "stalled")


@pytest.mark.asyncio
async def test_two_sites_share_nothing() -> None:
    async with MockServer() as server:
        one = server.sites.add(choose_site(plugin="1.8.93"), Delivery(), name="one")
        two = server.sites.add(choose_site({"nonce_salt": "another"}, plugin="1.8.93"), Delivery(), name="two")
        assert one.site.nonce() != two.site.nonce()
        status, _ = await ask(server.url + two.prefix, one.site.nonce())
        assert status == 403
        assert (len(one.journal), len(two.journal), len(server.journal)) == (0, 1, 1)


def test_a_delivery_may_be_given_word_by_word_as_in_a_scenario() -> None:
    site = MockSite(plugin="1.8.93", delivery={"chunks": "utf8", "pace": "x4", "fault": "reset@50%"})
    assert site.mounted.delivery == Delivery.parse(chunks="utf8", pace="x4", fault="reset@50%")


@pytest.mark.parametrize(
    ("delivery", "message"),
    [({"chunk": "utf8"}, "did you mean `chunks`?"), ("chunk=utf8", "did you mean `chunks`?"), ({"pace": "x0"}, "x0")],
    ids=repr,
)
def test_an_unknown_delivery_is_reported(delivery: str | Mapping[str, str], message: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        MockSite(delivery=delivery)
    assert message in str(caught.value)


@pytest.mark.asyncio
async def test_a_site_below_a_path_carries_it_in_its_page() -> None:
    async with MockServer() as server, aiohttp.ClientSession() as session:
        for prefix in ("/v/1.8.93", "/v/2.4.71"):
            async with session.get(f"{server.url}{prefix}/chat/") as response:
                page = await response.text()
            assert prefix in page.replace("\\/", "/")
        async with session.get(f"{server.url}/v/1.8.93") as response:
            assert str(response.url) == f"{server.url}/v/1.8.93/"
        async with session.get(f"{server.url}/v/") as response:
            assert await response.text() == f"404 Not Found: a release is missing: /v/{NEWEST}/\n"
        async with session.get(f"{server.url}/v/newest/") as response:
            assert response.status == 404
            assert f"`newest` is not a release number; one is like {NEWEST}" in await response.text()


@pytest.mark.asyncio
async def test_the_clock_can_be_one_of_the_tests_own() -> None:
    clock = ManualClock()
    async with MockSite(plugin="1.8.93", clock=clock, delivery="pace=instant") as site:
        nonce = site.nonce
        clock.turn(25 * 3600)
        assert (await ask(site.url, nonce))[0] == 403
        assert (await ask(site.url, site.nonce))[0] == 200


@pytest.mark.asyncio
async def test_the_same_site_on_another_release_has_the_same_clock() -> None:
    clock = ManualClock()
    async with MockSite(plugin="1.8.93", clock=clock, delivery="pace=instant") as site:
        nonce, older = site.nonce, f"{site.url}/v/1.8.91"
        assert (await ask(older, nonce))[0] == 200
        clock.turn(25 * 3600)
        assert (await ask(older, nonce))[0] == 403
        assert (await ask(older, site.nonce))[0] == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(("what", "prefix"), [("moved-folder", "/wordpress"), ("language-prefix", "/en")])
async def test_the_delivery_is_that_of_answers_behind_a_redirect_too(what: str, prefix: str) -> None:
    front = {"redirect": {"what": what, "where": "everywhere"}}
    async with MockSite(plugin="1.8.93", settings={"front": front}, delivery="fault=truncate@20 pace=instant") as site:
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask(site.url + prefix, site.nonce)
        assert [exchange.end for exchange in site.journal] == ["truncated"]


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
async def test_an_empty_answer_of_php_comes_in_no_chunks_and_without_a_length(method: str) -> None:
    async with (
        MockSite(plugin="1.9.18", settings={"model": {"refused": "no-connection"}}) as site,
        aiohttp.ClientSession() as session,
        session.request(method, site.url + AJAX, data=fields(site.nonce)) as response,
    ):
        assert await response.read() == b""
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in response.headers


@pytest.mark.asyncio
async def test_the_chat_may_be_asked_where_a_page_was() -> None:
    async with (
        MockSite(plugin="1.8.93", settings={"front": {"ajax_path": "/chat/"}}) as site,
        aiohttp.ClientSession() as session,
        session.post(site.url + "/chat/") as response,
    ):
        assert (response.status, await response.text()) == (400, "0")


@pytest.mark.asyncio
async def test_settings_and_delivery_change_while_it_runs() -> None:
    async with MockSite(plugin="1.8.93", delivery="pace=instant") as site:
        site.configure(front={"maintenance": True})
        assert (await ask(site.url, site.nonce))[0] == 503
        site.configure(front={"maintenance": False}, model={"reply": "Other"})
        site.deliver(chunks="bytes", pace="instant")
        _, body = await ask(site.url, site.nonce)
        last = site.journal[-1]
        assert len(last.chunks) + last.chunks_left_out == len(body)


def test_a_change_of_settings_is_merged() -> None:
    site = MockSite(settings={"model": {"reply": "one", "delta_ms": 300}, "bots": [{"id": 5, "name": "Ada"}]})
    site.configure(model={"reply": "two"})
    assert (site.mounted.settings.model.reply, site.mounted.settings.model.delta_ms) == ("two", 300)
    site.configure(model={"delta_ms": None}, bots=[{"id": 6}])
    assert site.mounted.settings == choose_site({"model": {"reply": "two"}, "bots": [{"id": 6}]}).settings


def test_a_push_that_timed_out_is_not_given_to_a_later_client() -> None:
    with MockSite(plugin="1.8.93") as site:
        for late in (site.reply.push("STALE"), site.reply.end(), site.reply.asked()):
            with pytest.raises(TimeoutError):
                late.result(timeout=0)
        fresh = site.reply.push("fresh"), site.reply.end()
        data = urllib.parse.urlencode(fields(site.nonce)).encode()
        with urllib.request.urlopen(site.url + AJAX, data, timeout=300) as response:
            body = response.read()
        for work in fresh:
            work.result(timeout=300)
    assert b"fresh" in body
    assert b"STALE" not in body


@pytest.mark.asyncio
async def test_a_cassette_answers_whatever_the_nonce() -> None:
    cassette = load(recorded_file("1.8.93", "msg_ok_s"))
    async with MockSite(cassette=cassette, delivery="pace=instant") as site:
        assert await ask(site.url, site.nonce) == (200, cassette.interactions[0].response.body)
        assert (await ask(site.url, "0000000000"))[0] == 403
        pieces = [size for _, size in site.journal[0].chunks]
    assert pieces == [size for _, size in cassette.interactions[0].response.chunks]


@pytest.mark.asyncio
async def test_for_a_request_that_no_recording_fits_the_nearest_is_named() -> None:
    async with MockSite(cassette="1.8.93/msg_ok_s") as site:
        status, body = await ask(site.url, site.nonce, "Something else")
    assert status == 404
    assert b"nearest: " in body
    assert b"message differs recorded 'Hello, who are you?'   got 'Something else'" in body


@pytest.mark.asyncio
async def test_the_journal_notes_answers_of_the_imitation_beside_recordings() -> None:
    async with MockSite(cassette="2.4.71/stream_ok") as site, RawClient(site.url) as client:
        await client.get(f"{AJAX}?action=aipkit_get_frontend_chat_nonce")
        (exchange,) = site.journal
    assert exchange.why[-1] == "no recording of the action aipkit_get_frontend_chat_nonce: the imitation answers"


@pytest.mark.asyncio
async def test_answers_are_pushed_by_hand() -> None:
    async with MockSite(plugin="1.8.93") as site, aiohttp.ClientSession() as session:
        reply = site.reply
        asked = asyncio.create_task(session.post(site.url + AJAX, data=fields(site.nonce)))
        assert (await reply.asked()).path == AJAX
        await reply.push("Hel")
        response = await asked
        await response.content.readuntil(b'"content":"Hel"')
        await reply.push(b"data: raw")
        await response.content.readuntil(b"data: raw")
        await reply.reset()
        with pytest.raises(aiohttp.ClientError):
            await response.content.readany()
        response.close()
    assert site.journal[-1].end == "reset"


@pytest.mark.asyncio
async def test_a_live_site_still_refuses_a_wrong_nonce() -> None:
    async with MockSite(plugin="1.8.93") as site:
        assert site.reply is site.reply
        assert (await ask(site.url, "0000000000"))[0] == 403


def test_pushing_to_a_site_that_does_not_run_is_reported() -> None:
    with pytest.raises(ServingError, match="not been started"):
        MockSite().reply.push("x")


def test_a_site_that_was_not_started_has_no_address() -> None:
    site = MockSite()
    assert "not running" in repr(site)
    with pytest.raises(ServingError, match="not been started"):
        print(site.url)


def test_what_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(UnknownReleaseError):
        MockSite(plugin="9")
    with pytest.raises(UnknownReleaseError, match="the nearest is 2"):
        MockSite(plugin="91.0")
    with pytest.raises(UnknownReleaseError, match=r"`1\.0` - at `\$\.plugin`; the nearest is 1\.8\.79"):
        MockSite(settings={"plugin": "1.0"})
    with pytest.raises(SettingsError, match="did you mean `reply`"):
        MockSite(settings={"model": {"repli": "x"}})
    with pytest.raises(CassetteError, match="did you mean `1"):
        MockSite(cassette="1.8.93/msg_ok")
    with pytest.raises(SettingsError):
        MockServer(ServerConfig(settings=choose_site({"wordpress": "x"}).settings))


def test_entering_twice_on_one_port_is_reported() -> None:
    with MockSite() as site:
        port = int(site.url.rpartition(":")[2])
        with pytest.raises(ServingError, match=f"port {port} on 127.0.0.1 is taken"), MockSite(port=port):
            pass


def test_a_server_warns_of_what_had_no_effect_on_any_of_its_sites() -> None:
    line = "mine: the fault `reset` was not applied: no answer that it fits was requested"
    server = MockServer()
    server.sites.add(choose_site(), Delivery.parse(fault="reset"), name="mine")
    assert server.warnings == [line]
    with pytest.warns(MockWarning, match=line) as caught, server:
        pass
    assert caught[0].filename == __file__
