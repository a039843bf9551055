"""A server that runs for weeks: nothing of it grows with its exchanges but the journal, and that has a limit."""

from __future__ import annotations

import asyncio
import collections
import gc
import re
import types
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from tests.support.pages import SHORT_PAGES

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server import fault_record, scenario_sites
from chatgptfree_mock.server.fault_record import FaultRecord
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.temporary_site import open_site
from chatgptfree_mock.serving import MockServer
from chatgptfree_mock.tape.model import Response

pytestmark = pytest.mark.usefixtures("quick_collections")

SHARED = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType, types.FrameType)
OF_THE_LOOP = (asyncio.AbstractEventLoop, asyncio.Future)
CONTAINERS = (dict, list, set, frozenset, bytearray, collections.deque)
FORMS = {
    "1.8.93": {"action": "wpaicg_chat_shortcode_message", "_wpnonce": "{nonce}", "message": "m{n}", "chat_id": "{n}"},
    "2.4.71": {
        "action": "aipkit_cache_sse_message",
        "_ajax_nonce": "{nonce}",
        "message": "m{n}",
        "bot_id": "{bot}",
        "session_id": "s{n}",
        "conversation_uuid": "c{n}",
    },
}


def members(value: object, path: str) -> Iterator[tuple[object, str]]:
    """Yield what *value* holds, each with the name of its place; all entries of a container have one."""
    held = vars(value) if hasattr(value, "__dict__") else {}
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    named = {**held, **{name: getattr(value, name, None) for name in slots if not name.startswith("__")}}
    yield from ((each, f"{type(value).__name__}.{name}") for name, each in named.items())
    names = {id(each) for each in named.values()}
    yield from ((each, f"{path}[]") for each in gc.get_referents(value) if id(each) not in names)


def sizes(root: object) -> Counter[str]:
    """Return how much all containers that can be reached from *root* hold, by the names of their places."""
    seen, left, found = {id(root)}, [(root, "root")], Counter[str]()
    while left:
        value, path = left.pop()
        if isinstance(value, CONTAINERS):
            found[path] += len(value)
        for each, place in members(value, path):
            if id(each) not in seen and gc.is_tracked(each) and not isinstance(each, (*SHARED, *OF_THE_LOOP)):
                seen.add(id(each))
                left.append((each, place))
    return found


class Visitors:
    """Users of a server, its console and its control API, each request different from those before."""

    def __init__(self, server: MockServer, session: aiohttp.ClientSession, plugin: str) -> None:
        self._url, self._session, self._plugin = server.url, session, plugin
        self._nonce = self._bot = ""

    async def visit(self, count: int, since: int) -> None:
        page = await self._ask("GET", "/chat/")
        found = re.search(r"""nonce(?:=|&quot;:|":)["']?(?:&quot;)?([0-9a-f]{10})""", page)
        bot = re.search(r"aipkit_chat_container_(\d+)", page)
        assert found is not None
        self._nonce, self._bot = found[1], bot[1] if bot else ""
        for number in range(since, since + count // 10):
            await self._round(number)

    async def _round(self, number: int) -> None:
        """Make ten requests."""
        form = {
            name: value.format(nonce=self._nonce, bot=self._bot, n=number)
            for name, value in FORMS[self._plugin].items()
        }
        reply = await self._ask(
            "POST", "/wp-admin/admin-ajax.php", data=form, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        assert "nonce" not in reply
        await self._ask("GET", f"/chat/?q={number}", cookies={"own": str(number)})
        await self._ask("GET", f"/nothing/{number}")
        await self._ask("GET", f"/s/nonce/expired-403/@run{number}/")
        delivery = {"pace": "instant", "fault": [f"truncate@{10**6 + number}"], "seed": number}
        await self._control("PUT", "/sites/root/delivery", delivery)
        await self._control("POST", "/sites", {"name": f"n{number}", "settings": SHORT_PAGES})
        await self._ask("GET", f"/site/n{number}/chat/")
        await self._control("DELETE", f"/sites/n{number}", None)
        if number % 10:
            await self._ask("GET", f"/wp-content/nothing{number}.js")
        else:
            await self._control("PATCH", "/sites/root/settings", {"title": f"T{number}"})
        await self._ask("GET", "/v/1.8.93/chat/")

    async def _ask(self, method: str, path: str, **given: Any) -> str:
        with suppress(aiohttp.ClientPayloadError):  # cut off by a fault
            async with self._session.request(method, self._url + path, **given) as answer:
                return await answer.text()
        return ""

    async def _control(self, method: str, path: str, body: object) -> None:
        await self._ask(method, f"/__mock__/api{path}", json=body, headers={"Authorization": "Bearer mine"})


@pytest.mark.timeout(600)
@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
@pytest.mark.filterwarnings("ignore::chatgptfree_mock.errors.MockWarning")
@pytest.mark.asyncio
async def test_nothing_grows_with_the_exchanges_of_a_server(plugin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The limits are reached within the first two hundred exchanges, and must hold for the second.
    monkeypatch.setattr(fault_record, "MOST", 8)
    monkeypatch.setattr(scenario_sites, "MOST_LOST", 8)
    pack = registry.load(DEFAULT_PACK)
    config = ServerConfig(
        pack=pack,
        settings=pack.Settings(plugin=plugin, **SHORT_PAGES),
        journal_exchanges=20,
        memory=4 * 2**20,
        api_token="mine",
    )
    async with MockServer(config) as server, aiohttp.ClientSession() as session:
        visitors = Visitors(server, session, plugin)
        await visitors.visit(200, since=0)
        gc.collect()
        before = sizes(server)
        await visitors.visit(200, since=20)
        gc.collect()
        grown = {place: (before[place], size) for place, size in sizes(server).items() if size > before[place] + 8}
    assert grown == {}


def test_faults_that_acted_are_dropped_before_those_that_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_record, "MOST", 3)
    stalling = Delivery.parse(fault="stall@1")
    record = FaultRecord(stalling)
    record.interrupted(build_schedule(Response(body=b"Hello"), stalling))  # a stall acts until the server stops
    assert record.outcomes() == {"the fault `stall@1`": None}
    for number in (2, 3, 4):
        record.expect(Delivery.parse(fault=f"truncate@{number}"))
    assert list(record.outcomes()) == [f"the fault `truncate@{number}`" for number in (2, 3, 4)]
    record.expect(Delivery.parse(fault="truncate@5"))
    assert record.warnings()[0] == "1 earlier faults or words did not act; only the latest 3 are named"
    assert len(record.warnings()) == 4


@pytest.mark.parametrize("plugin", FORMS)
def test_a_site_that_is_dropped_leaves_nothing_to_the_garbage_collector(plugin: str) -> None:
    with MockServer() as server:
        gc.collect()
        gc.disable()
        earlier = [each for each in gc.get_objects() if _is_ours(each)]  # servers of other tests may end only now
        try:
            with open_site(server, "first", {"plugin": plugin}) as site:
                assert urllib.request.urlopen(f"{site.url}/robots.txt").status == 200
            del site
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            left = Counter(type(each).__name__ for each in gc.garbage if _is_ours(each))
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
            del earlier
    assert left == Counter()


def _is_ours(value: object) -> bool:
    return type(value).__module__.startswith("chatgptfree_mock")
