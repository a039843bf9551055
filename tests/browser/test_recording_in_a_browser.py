"""A chat in a real Chromium through the recorder: it works, and so does what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.chromium import Tab
from tests.support.recording import recording

from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import End

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPLY = "Grüße 👋 from the model"


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
async def test_a_chat_stays_inside_the_proxy_and_can_be_replayed(desk: Tab, plugin: str, tmp_path: Path) -> None:
    from playwright.async_api import expect

    path = tmp_path / "chat.yaml"
    visited: list[str] = []
    desk.page.on("request", lambda request: visited.append(request.url))
    async with MockSite(plugin=plugin, reply=REPLY) as site:
        async with recording(site.url, path) as running:
            await desk.page.goto(f"{running.url}/chat/")
            await desk.ask("Hello you")
            await expect(desk.answer).to_have_text(REPLY)
            assert {url.startswith((running.url, "data:")) for url in visited} == {True}
        asked = len(site.journal)
        async with recording(site.url, path, mode=Mode.NONE) as running:
            await desk.page.goto(f"{running.url}/chat/")
            await desk.ask("Hello you")
            await expect(desk.answer).to_have_text(REPLY)
        assert len(site.journal) == asked
    streams = [
        each.response for each in load(path).interactions if "event-stream" in each.response.header("Content-Type")
    ]
    assert [stream.end for stream in streams] == [End.COMPLETE]
    assert len(streams[0].chunks) > 3
