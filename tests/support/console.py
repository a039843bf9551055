"""The console in a browser: a site that is asked, and the rows of its journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
from tests.support.chromium import Tab

from chatgptfree_mock.serving import MockSite

if TYPE_CHECKING:
    from playwright.async_api import Locator

ROWS = "#exchanges > li:not([hidden])"


async def ask(site: MockSite, message: str) -> None:
    """Ask the chat as its page does; a broken answer is what some tests want."""
    async with aiohttp.ClientSession() as session:
        page = await (await session.get(site.url + "/chat/")).text()
        nonce = re.findall(r'data-nonce="([^"]+)"', page)[0]
        fields = {"action": "wpaicg_chat_shortcode_message", "_wpnonce": nonce, "message": message, "bot_id": "0"}
        async with session.post(site.url + "/wp-admin/admin-ajax.php", data=fields) as response:
            try:
                await response.read()
            except aiohttp.ClientPayloadError:
                return


async def open_console(opened: Tab, site: MockSite, rows: int) -> None:
    await opened.page.goto(site.server.console)
    await opened.page.locator(ROWS).nth(rows - 1).wait_for()


def row(opened: Tab, text: str) -> Locator:
    return opened.page.locator(ROWS, has_text=text)
