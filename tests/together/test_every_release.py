"""The reference client on every release of the plugin, through one server that serves them all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatgptfree import ChatClient, ChatError
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mock_site import delivery_of
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.sites.aipower.releases import built_in

TEXT = 'Hello 👋, it\'s « fine » \\ "quoted"\nand </script> done.'
RELEASES = built_in().releases
NAMES = [release.name for release in RELEASES]
UNLIKE = list(
    {repr((one.traits, one.events, one.providers, one.wording)): one.name for one in reversed(RELEASES)}.values()
)
"""The first of all releases that answer alike: nothing else of a release has a part in how a model's failure ends."""
pytestmark = pytest.mark.filterwarnings(r"ignore:.*`bots\[0\].stream` has no effect on 2\.4\.")
"""From 2.4.1 on every bot streams."""
STREAMED = [pytest.param(True, id="streamed"), pytest.param(False, id="in one piece")]


@pytest_asyncio.fixture(loop_scope="function")
async def server(stream: bool, model: dict[str, object]) -> AsyncIterator[MockServer]:
    site = {"bots": [{"stream": stream}], "model": {"reply": TEXT, **model}, "page_kilobytes": 0}
    settings = choose_site(site).settings
    async with MockServer(
        ServerConfig(settings=settings, delivery=delivery_of("chunks=utf8 pace=instant", {}))
    ) as running:
        yield running


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize("model", [{}])
@pytest.mark.asyncio
async def test_the_text_comes_out_on_every_release(server: MockServer) -> None:
    wrong: dict[str, str] = {}
    for name in NAMES:
        async with ChatClient(f"{server.url}/v/{name}/") as chat:
            reply = await chat.ask("Hello")
        if reply.text != TEXT:
            wrong[name] = reply.text
    assert wrong == {}


@pytest.mark.parametrize("stream", STREAMED)
@pytest.mark.parametrize(
    "model",
    [
        pytest.param({"http_error": {"status": 401, "message": "Incorrect API key"}}, id="401"),
        pytest.param({"http_error": {"status": 429, "message": 'Rate limit of "x"'}}, id="429"),
        pytest.param({"refused": True}, id="refused"),
        pytest.param({"dies_after": 3}, id="dies"),
    ],
)
@pytest.mark.asyncio
async def test_a_failure_of_the_model_is_never_an_answer(server: MockServer, model: dict[str, object]) -> None:
    silent: dict[str, str] = {}
    for name in UNLIKE:
        async with ChatClient(f"{server.url}/v/{name}/") as chat:
            try:
                silent[name] = (await chat.ask("Hello")).text
            except ChatError as exc:
                if not TEXT.startswith(exc.partial):
                    silent[name] = exc.partial
    assert silent == {}
