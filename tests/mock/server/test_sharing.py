"""Several processes of one server: a change or a request at one of them is known to all, or refused."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml
from tests.support.serve_command import get, serving

from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.journal import Filter
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.app import CONFIG
from chatgptfree_mock.server.control import API, CHANGES
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.shared_journal import SharedJournal


class Pair:
    """Two servers with the state of one, as two workers are."""

    def __init__(self, servers: tuple[MockServer, MockServer], session: aiohttp.ClientSession) -> None:
        self.servers, self._session = servers, session

    async def call(self, which: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the control API of one of them."""
        url = self.servers[which].url + API + path
        async with self._session.request(method, url, json=body) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def visit(self, which: int, path: str) -> tuple[int, str]:
        """Fetch a page of one of them."""
        async with self._session.get(self.servers[which].url + path) as response:
            return response.status, await response.text(errors="replace")


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    config = ServerConfig(
        settings=choose_site(plugin="1.8.93").settings,
        delivery=Delivery.parse(pace="instant"),
        shared=tmp_path,
        api_token="mine",
        journal_exchanges=100,
    )
    async with (
        MockServer(config) as one,
        MockServer(config) as two,
        aiohttp.ClientSession(headers={"Authorization": "Bearer mine"}) as session,
    ):
        yield Pair((one, two), session)


@pytest.mark.asyncio
async def test_a_server_that_stops_closes_the_shared_files(tmp_path: Path) -> None:
    async with MockServer(ServerConfig(shared=tmp_path)) as server:
        app, journal = server.app, server.journal
        store = app[CONFIG].store
        assert isinstance(journal, SharedJournal)
        assert store is not None
        assert journal.requests("root", 0) == 0
        store("root").table("t", int, capacity=1).get(("a",))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        journal.requests("root", 0)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store("root").table("t", int, capacity=1).get(("a",))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        app[CHANGES].catch_up()


@pytest.mark.asyncio
async def test_a_change_in_one_process_is_known_to_the_other(pair: Pair) -> None:
    assert (await pair.call(0, "PATCH", "/sites/root/settings", {"title": "Changed"}))[0] == 200
    assert (await pair.call(1, "PATCH", "/sites/root/settings", {"model": {"reply": "Two"}}))[0] == 200
    for which in (0, 1):
        settings = (await pair.call(which, "GET", "/sites/root"))[1]["settings"]
        assert (settings["title"], settings["model"]["reply"]) == ("Changed", "Two")
        assert "Changed" in (await pair.visit(which, "/chat/"))[1]
    assert (await pair.call(1, "PUT", "/sites/root/delivery", {"chunks": "utf8"}))[0] == 200
    before = (await pair.call(0, "GET", "/sites/root"))[1]
    assert before["delivery"] == "chunks=utf8"
    await pair.call(1, "POST", "/sites/root/clock", {"turn": 25 * 3600})
    after = (await pair.call(0, "GET", "/sites/root"))[1]
    assert after["nonce"] != before["nonce"]
    assert after["time"] > before["time"] + 24 * 3600


@pytest.mark.asyncio
async def test_no_scenarios_are_listed_where_none_is_played(pair: Pair) -> None:
    status, reply = await pair.call(0, "GET", "/scenarios")
    assert (status, reply["error"].startswith("no scenarios are played here: ")) == (409, True)


@pytest.mark.asyncio
async def test_sites_are_added_and_dropped_in_both(pair: Pair) -> None:
    names = [(await pair.call(which, "POST", "/sites", {}))[1]["name"] for which in (0, 1, 0)]
    assert names == ["1", "2", "3"]
    assert [(await pair.visit(which, f"/site/{name}/chat/"))[0] for which in (0, 1) for name in names] == [200] * 6
    assert (await pair.call(1, "DELETE", "/sites/2"))[0] == 204
    assert (await pair.call(0, "DELETE", "/sites/2"))[0] == 404
    assert [(await pair.visit(which, "/site/2/chat/"))[0] for which in (0, 1)] == [404, 404]


@pytest.mark.asyncio
async def test_a_refused_change_is_made_nowhere(pair: Pair) -> None:
    assert (await pair.call(0, "PATCH", "/sites/root/settings", {"titel": "x"}))[0] == 400
    assert (await pair.call(0, "POST", "/sites", {"name": "root"}))[0] == 409
    assert (await pair.call(0, "POST", "/sites", {"settings": {"wordpress": "x"}}))[0] == 400
    assert (await pair.call(0, "PATCH", "/sites/root/settings", {"wordpress": "x"}))[0] == 400
    assert (await pair.call(1, "POST", "/sites", {}))[0] == 201
    assert [site["name"] for site in (await pair.call(0, "GET", "/sites"))[1]] == ["root", "1"]
    # The place of what a site remembers depends on how many were made before.
    assert await _serve_one_nonce_after_a_change(pair)


@pytest.mark.asyncio
async def test_what_a_changed_site_remembers_is_known_to_both(pair: Pair) -> None:
    assert await _serve_one_nonce_after_a_change(pair)


async def _serve_one_nonce_after_a_change(pair: Pair) -> bool:
    """Return whether the second process knows that the first has sent the page whose nonce has expired."""
    await pair.call(0, "PATCH", "/sites/root/settings", {"nonce": "expired-on-first-page"})
    first, second = (await pair.visit(0, "/chat/"))[1], (await pair.visit(1, "/chat/"))[1]
    nonce = (await pair.call(0, "GET", "/sites/root"))[1]["nonce"]
    return nonce not in first and nonce in second


@pytest.mark.asyncio
async def test_the_journal_is_that_of_both(pair: Pair) -> None:
    for number in range(6):
        await pair.visit(number % 2, f"/page-{number}/")
    for which in (0, 1):
        reply = (await pair.call(which, "GET", "/journal?path=/page-*"))[1]
        assert reply["total"] == 6
        assert [exchange["request"]["target"] for exchange in reply["exchanges"]] == [f"/page-{n}/" for n in range(6)]
        assert {exchange["response"]["status"] for exchange in reply["exchanges"]} == {404}
        assert (await pair.call(which, "GET", "/sites/root"))[1]["requests"] == 6
        followed = pair.servers[which].journal.follow(Filter(path="/page-5/"))
        assert (await anext(followed)).path == "/page-5/"
        await followed.aclose()
    assert (await pair.call(1, "DELETE", "/journal"))[0] == 204
    assert (await pair.call(0, "GET", "/journal"))[1]["exchanges"] == []


@pytest.mark.asyncio
async def test_the_shared_journal_is_bounded(pair: Pair) -> None:
    for number in range(200):
        await pair.visit(number % 2, "/nowhere/")
    reply = (await pair.call(0, "GET", "/journal"))[1]
    assert reply["total"] == 200
    assert 100 <= len(reply["exchanges"]) <= 140


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.asyncio
async def test_what_belongs_to_one_process_is_refused_with_the_reason(pair: Pair, which: int) -> None:
    for method, body in (("PUT", {"live": True}), ("POST", {"push": "x"})):
        status, reply = await pair.call(which, method, "/sites/root/live", body)
        assert (status, "without --workers" in reply["error"]) == (409, True)
    status, text = await pair.visit(which, "/s/nonce/expired-403/")
    assert (status, "without --workers" in text) == (409, True)


def test_workers_of_the_command_share_all_and_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving("--workers", "2", "--plugin", "1.8.93", "--api-token", "mine") as (process, announced):
        root = announced["url"] + API + "/sites/root"
        get(root + "/settings", token="mine", method="PATCH", body={"title": "Changed"})
        for _ in range(12):
            assert "Changed" in get(announced["url"] + "/chat/")
        journals = [json.loads(get(announced["url"] + API + "/journal", token="mine")) for _ in range(6)]
        nonces = {json.loads(get(root, token="mine"))["nonce"] for _ in range(8)}
        assert list(tmp_path.glob("chatgptfree-mock-*/database"))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)
    assert [journal["total"] for journal in journals] == [12] * 6
    assert len(nonces) == 1
    assert process.returncode == 0
    assert not list(tmp_path.glob("chatgptfree-mock-*"))


@pytest.mark.parametrize("asked", [False, True], ids=["nobody asks", "one process answers"])
def test_workers_of_the_command_end_with_what_had_no_effect(tmp_path: Path, asked: bool) -> None:
    tape = tmp_path / "tape.yaml"
    interaction = (
        "{request: {method: GET, uri: 'https://a/x', headers: {}, body: ''}, "
        "response: {status: {code: 204, message: OK}, headers: {}, body: {string: ''}}}"
    )
    tape.write_text(f"version: 1\ninteractions: [{interaction}]\n", encoding="utf-8")
    asks = "--fault drip=1ms --fault delay-headers=1ms --chunks crlf"
    words = ("--workers", "2", "--cassettes", str(tape), *asks.split())
    with serving(*words, "--api-token", "mine") as (process, announced):
        get(announced["url"] + API + "/journal", token="mine")  # faults are not for the control API
        if asked:
            assert get(announced["url"] + "/x") == ""
        process.terminate()
        assert process.stderr is not None
        lines = [line for line in process.stderr.read().splitlines() if line.startswith("warning: ")]
    if asked:
        assert lines == [
            "warning: the fault `drip=1ms` was not applied: the response has no body",
            "warning: `chunks=crlf` did not act: the answer has no body",
        ]
    else:
        reason = "no answer that it fits was requested"
        faults = ("drip=1ms", "delay-headers=1ms")
        assert lines == [f"warning: the fault `{fault}` was not applied: {reason}" for fault in faults]


@pytest.mark.asyncio
@pytest.mark.parametrize("which", [0, 1])
async def test_each_process_exports_what_all_were_asked(pair: Pair, which: int) -> None:
    body = {"name": "mine", "settings": {"plugin": "1.8.93"}}
    assert (await pair.call(0, "POST", "/sites", body))[0] == 201
    for number in (0, 1):
        assert (await pair.visit(number, f"/site/mine/chat/?asked={number}"))[0] == 200
    status, file = await pair.call(which, "POST", "/journal/export", {"format": "cassette"})
    assert (status, file["notes"]) == (200, [])
    uris = [one["request"]["uri"] for one in yaml.safe_load(file["text"])["interactions"]]
    assert [uri.rpartition("=")[2] for uri in uris] == ["0", "1"]
    status, file = await pair.call(which, "POST", "/journal/export", {"format": "har", "numbers": [2]})
    (entry,) = json.loads(file["text"])["log"]["entries"]
    assert (status, entry["request"]["url"].rpartition("=")[2]) == (200, "1")
    status, refusal = await pair.call(which, "POST", "/journal/export", {"format": "har", "numbers": [3]})
    assert (status, refusal["error"]) == (400, "the journal has no exchange #3")
