"""One limit of bytes for journals, runs and conversations: what is dropped, in which order, and that it is reported."""

from __future__ import annotations

import logging
from collections import OrderedDict

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.memory_limit import MemoryLimit
from chatgptfree_mock.server.control import API
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.model import Response

STEPS = st.lists(
    st.tuples(st.sampled_from(["hold", "grow", "touch", "release"]), st.integers(0, 5), st.integers(0, 60)),
    max_size=40,
)


@given(steps=STEPS)
def test_it_holds_the_latest_that_fit(steps: list[tuple[str, int, int]]) -> None:
    """An ordered dict that is cut back after each step is the judge."""
    limit, model = MemoryLimit(100), OrderedDict[int, int]()
    gone: list[object] = []
    for what, key, size in steps:
        if what == "hold":
            limit.hold(key, "things", size, gone.append)
            model.pop(key, None)
            model[key] = size
        elif what == "grow":
            limit.grow(key, size)
            if key in model:
                model[key] += size
        elif what == "touch":
            limit.touch(key)
            if key in model:
                model.move_to_end(key)
        else:
            limit.release(key)
            model.pop(key, None)
        expected = []
        while sum(model.values()) > 100:
            expected.append(model.popitem(last=False)[0])
        assert gone == expected
        gone.clear()
        assert limit.used == sum(model.values()) <= 100


def fill(journal: Journal, size: int, *, times: int) -> None:
    for number in range(times):
        exchange = journal.begin(SiteRequest(method="POST", path=f"/{number}", body=bytes(size)), site="x", at=0.0)
        journal.decide(exchange, Response(), ())
        journal.wrote(exchange, [(0.0, size)], bytes(size))
        journal.finish(exchange, "complete")


def test_all_journals_of_a_server_share_the_limit(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    memory = MemoryLimit(2**20)
    server = Journal(memory=memory)
    one, two = server.below(), server.below()
    fill(one, 50_000, times=8)
    assert (len(one), caplog.text) == (8, "")
    fill(two, 50_000, times=10)
    assert (len(one), len(two), len(server)) == (0, 10, 10)
    assert memory.used <= memory.limit
    assert one.text() == "(8 earlier exchanges are no longer kept, 8 of them to stay within 1 MiB)"
    assert server.text().startswith("(8 earlier exchanges are no longer kept, 8 of them to stay within 1 MiB)\n")
    assert memory.sentence() == "dropped to stay within 1 MiB: 8 exchanges"
    assert caplog.text.count("from now on the oldest are dropped") == 1


@pytest.mark.parametrize("how", ["clear", "retire", "count"])
def test_what_no_journal_has_any_more_does_not_count(how: str) -> None:
    server = Journal(exchanges=3)
    site = server.below()
    fill(site, 1000, times=3)
    held = server.memory.used
    if how == "count":
        fill(site, 1000, times=5)
        assert abs(server.memory.used - held) < 100
        return
    (site.clear if how == "clear" else site.retire)()
    assert server.memory.used == (held if how == "retire" else 0)
    server.clear()
    assert server.memory.used == 0
    assert len(site) == 0


def test_a_journal_below_has_the_limits_of_the_one_above() -> None:
    site = Journal(exchanges=2, body=10, chunks=1).below()
    fill(site, 100, times=3)
    assert (len(site), [len(exchange.body) for exchange in site]) == (2, [10, 10])


def test_tables_count_until_they_are_gone() -> None:
    memory = MemoryLimit(100_000)
    table = MemoryStore(memory).table("chats", list[str], capacity=50)
    for number in range(30):
        table.update((str(number),), lambda _: ["x" * 10_000])
    assert table.get(("0",)) is None
    assert table.get(("29",)) == ["x" * 10_000]
    assert memory.used <= memory.limit
    assert memory.dropped["chats"] == 30 - memory.used // 10_512
    for number in range(200):
        table.update((str(number),), lambda _: ["x"])
    assert memory.used < 51 * 600
    del table
    assert memory.used == 0


def test_a_value_of_a_table_counts_with_its_texts() -> None:
    class Note(Struct):
        text: str
        number: int = 1

    memory = MemoryLimit(100_000)
    texts, notes = (MemoryStore(memory).table(name, kind, capacity=50) for name, kind in (("a", str), ("b", Note)))
    texts.update(("x",), lambda _: "x" * 10_000)
    one = memory.used
    notes.update(("x",), lambda _: Note("x" * 10_000))
    assert memory.used == 2 * one > 20_000


def test_the_state_of_a_site_is_never_dropped() -> None:
    memory = MemoryLimit(1)
    table = MemoryStore(memory).table("pages", int, capacity=1)
    table.update(("pages",), lambda _: 1)
    assert (table.get(("pages",)), memory.used) == (1, 0)


@pytest.mark.asyncio
async def test_runs_over_the_limit_are_dropped_and_their_restart_is_noted() -> None:
    async with MockServer(ServerConfig(memory=2**20)) as server, aiohttp.ClientSession() as session:
        for run in ("first", *map(str, range(8))):
            async with session.get(f"{server.url}/s/text/advertisement/@{run}/chat/") as response:
                assert response.status == 200
        assert server.journal.memory.used <= 2**20
        async with session.get(f"{server.url}/s/text/advertisement/@first/chat/") as response:
            assert response.status == 200
        assert "was restarted" in server.journal[-1].why[-1]
        headers = {"Authorization": f"Bearer {server.api_token}"}
        async with session.get(f"{server.url}{API}/journal", headers=headers) as response:
            memory = (await response.json())["memory"]
    assert (memory["limit"], memory["used"] <= 2**20, memory["forgotten"]["runs"] > 0) == (2**20, True, True)


@pytest.mark.asyncio
async def test_conversations_count_as_well() -> None:
    settings = choose_site(plugin="2.4.71").settings
    async with MockServer(ServerConfig(settings=settings, memory=2**20, journal_body=0)) as server:
        nonce, form = server.sites.root.site.nonce(), {"action": "aipkit_cache_sse_message", "bot_id": "12"}
        async with aiohttp.ClientSession() as session:
            for number in range(30):
                fields = {**form, "_ajax_nonce": nonce, "message": str(number) + "m" * 100_000}
                async with session.post(f"{server.url}/wp-admin/admin-ajax.php", data=fields) as response:
                    assert response.status == 200, await response.text()
        assert server.journal.memory.dropped["cached messages"] >= 20
        assert server.journal.memory.used <= 2**20
