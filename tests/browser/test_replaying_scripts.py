"""A page that was recorded with its scripts runs again in Chromium: no secret is left in it, and no code is changed."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

import aiohttp
import pytest
from tests.support.chromium import Tab
from tests.support.recording import recording
from tests.support.releases import NEWEST
from tests.support.theme_site import FOLDER, site_with_scripts

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.redaction import find_secrets

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPLY = "Grüße 👋 from the model"
SOURCES = Path(__file__).with_name("scripts")
CLEAN = ("forms.min.js", "session.min.js", "lexer.min.js")
"""Scripts without a secret, full of what looks like one."""
WITH_SECRETS = "tracker.min.js"
INLINE = (
    'var trackerConfig={"sampleRate":0.25,"password_reset_url":"\\/lost-password\\/","tokenField":"_token",'
    '"labels":{"password":"Password:","token":"Enter the token"}};'
)
DATA = '{"restUrl":"/wp-json/","passwordRequired":true,"token":null,"access_token":"","version":"6.5.2"}'
HEAD = f'<script>{INLINE}</script><script type="application/json" id="config">{DATA}</script>'
RESULTS = "() => ({...document.documentElement.dataset})"
"""What each of the scripts computed, by its name."""


def made(length: int, seed: int) -> str:
    chance = random.Random(seed)
    return "7" + "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(length - 2)) + "3"


def planted() -> dict[str, str]:
    return {"@API_KEY@": "AIza" + made(35, 1), "@TOKEN@": made(40, 2), "@SECRET@": made(32, 3)}


def scripts(secrets: dict[str, str]) -> dict[str, str]:
    found = {name: (SOURCES / name).read_text("utf-8") for name in (*CLEAN, WITH_SECRETS)}
    for mark, secret in secrets.items():
        found[WITH_SECRETS] = found[WITH_SECRETS].replace(mark, secret)
    return found


async def fetched(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as got:
        assert got.status == 200
        return await got.text()


@pytest.mark.parametrize("plugin", ["1.8.93", NEWEST])
async def test_a_recorded_page_chats_again_with_all_its_scripts(desk: Tab, plugin: str, tmp_path: Path) -> None:
    from playwright.async_api import expect

    path, secrets = tmp_path / "chat.yaml", planted()
    sources = scripts(secrets)
    async with MockSite(plugin=plugin, reply=REPLY) as behind, site_with_scripts(behind.url, sources, HEAD) as site:
        async with recording(site, path) as running:
            await desk.page.goto(f"{running.url}/chat/")
            await desk.ask("Hello you")
            await expect(desk.answer).to_have_text(REPLY)
            computed = await desk.page.evaluate(RESULTS)
        assert running.view.problems == []
    assert {Path(name).name.split(".")[0] for name in sources} <= set(computed)

    written = path.read_text("utf-8")
    assert [secret for secret in secrets.values() if secret in written] == []
    assert [found for each in load(path).interactions for found in find_secrets(each)] == []

    await desk.page.context.clear_cookies()
    async with MockSite(cassette=path) as again:
        await desk.page.goto(f"{again.url}/chat/")
        await desk.page.evaluate("() => localStorage.clear()")
        await desk.page.reload()
        await desk.ask("Hello you")
        await expect(desk.answer).to_have_text(REPLY)
        assert await desk.page.evaluate(RESULTS) == computed
        assert json.loads(await desk.page.locator("#config").text_content() or "") == json.loads(DATA)
        async with aiohttp.ClientSession() as session:
            page = await fetched(session, f"{again.url}/chat/")
            replayed = {name: await fetched(session, again.url + FOLDER + name) for name in sources}
    assert INLINE in page
    assert DATA in page
    assert {name: replayed[name] for name in CLEAN} == {name: sources[name] for name in CLEAN}
    assert replayed[WITH_SECRETS] != sources[WITH_SECRETS]
