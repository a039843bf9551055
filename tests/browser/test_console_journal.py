"""The console's journal in a real Chromium: waterfall, tables, bytes with their cuts, search, keys, curl."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from tests.support.chromium import Tab, tab
from tests.support.console import ROWS, ask, open_console, row
from tests.support.contrast import faint, overflow

from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[MockSite]:
    """Return a site that was asked twice: a whole answer, cut inside a character, and one that broke off."""
    async with MockSite(plugin="1.8.93", reply=["Hé", "l 👋 lo"], delivery="chunks=utf8 pace=every:5ms") as running:
        await ask(running, "Is it's `whole`?\n$HOME 👋")
        running.deliver(fault="reset@50%")
        await ask(running, "Break")
        running.deliver()
        yield running


async def test_every_exchange_has_a_bar_on_one_time_axis(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    await desk.page.locator(f"{ROWS} svg.bar").nth(3).wait_for()
    assert await desk.page.locator("#scale span").count() >= 2
    ticks = await row(desk, "whole").locator("svg.bar .tick").count()
    assert ticks == len(site.journal[1].chunks) > 3
    assert await row(desk, "Break").locator("svg.bar .broken").count() == 1
    assert await row(desk, "whole").locator("svg.bar .broken").count() == 0
    starts = [
        float(await each.locator("svg.bar .wait").get_attribute("x") or "")
        for each in await desk.page.locator(ROWS).all()
    ]
    assert starts == sorted(starts, reverse=True)  # the newest comes first


async def test_idle_time_is_drawn_shorter(desk: Tab, site: MockSite) -> None:
    site.journal[0].began -= 3600.0
    await open_console(desk, site, 4)
    await desk.page.locator(f"{ROWS} svg.bar .gap").first.wait_for(state="attached")
    first = desk.page.locator(ROWS).nth(2).locator("svg.bar .wait")
    assert 0 < float(await first.get_attribute("x") or "") < 900


async def test_events_are_decoded_beside_their_bytes_with_each_cut_marked(desk: Tab, site: MockSite) -> None:
    from playwright.async_api import expect

    await open_console(desk, site, 4)
    await row(desk, "whole").locator("summary").first.click()
    events = row(desk, "whole").locator(".events > .beside")
    exchange = site.journal[1]
    await expect(events).to_have_count(exchange.response_body.count(b"\n\n"))
    content = row(desk, "whole").locator("tr", has_text="choices[0].delta.content")
    assert [await each.locator("td").inner_text() for each in await content.all()] == ['""', '"Hé"', '"l 👋 lo"']
    marks = row(desk, "whole").locator(".events .cut")
    assert await marks.count() == len(exchange.chunks) - 1
    assert "cut at byte" in (await marks.first.get_attribute("title") or "")
    raw = "".join(await row(desk, "whole").locator(".events .wire").all_inner_texts())
    assert r"\xf0" in raw  # the character was cut
    fields = row(desk, "whole").locator("table", has_text="_wpnonce")
    assert (
        await fields.locator("tr", has_text="message").last.locator("td").inner_text() == "Is it's `whole`?\n$HOME 👋"
    )


async def test_an_event_that_was_cut_off_is_shown_as_such(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    await row(desk, "Break").locator("summary").first.click()
    await row(desk, "Break").locator(".events", has_text="no blank line follows").wait_for()
    assert await row(desk, "Break").locator(".struck").count() == 1
    (_, offset), *_ = site.journal[-1].faults
    await row(desk, "Break").locator("dd", has_text=f"reset, after byte {offset} of the body").wait_for()


async def test_answers_that_are_deep_or_have_very_many_events_are_shown_in_part(desk: Tab) -> None:
    kinds = {
        "/deep": ("application/json", b"[" * 20_000 + b"]" * 20_000),
        "/many": ("text/event-stream", b"\n" * 30_000),
    }
    tape = Cassette(
        interactions=tuple(
            Interaction(
                request=Request(method="GET", uri=f"http://chat.example{path}"),
                response=Response(headers=(("Content-Type", kind),), body=body),
            )
            for path, (kind, body) in kinds.items()
        )
    )
    async with MockServer(ServerConfig(cassettes=(tape,))) as server:
        for path in kinds:
            await desk.page.request.get(server.url + path)
        await desk.page.goto(server.console)
        for path, note in (("/deep", "(nested deeper: see the bytes)"), ("/many", "29700 more blocks")):
            await row(desk, path).locator("summary").first.click()
            await row(desk, path).get_by_text(note).wait_for()


async def test_a_journal_is_searched_by_words(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    await desk.page.locator("#search").fill("admin-ajax reset")
    assert await desk.page.locator(ROWS).count() == 1
    assert await desk.page.locator("#found").inner_text() == "1 of 4 exchanges"
    await desk.page.locator("#search").fill("nonce/expired-403")
    assert await desk.page.locator("#scenario-list li:not([hidden])").count() == 1
    assert (await desk.page.locator("#scenarios-found").inner_text()).startswith("1 of ")
    assert await desk.page.locator("#nothing").inner_text() == "No exchange contains this."
    assert not await desk.page.locator("#releases").is_visible()
    await desk.page.locator("#search").fill("1.8.7")
    assert await desk.page.locator("#release-list a:visible").all_inner_texts() == ["1.8.79"]
    await desk.page.locator("#search").fill("")
    assert await desk.page.locator("#release-list a:visible").count() > 100


async def test_names_in_tables_leave_most_of_the_room_to_values(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    await row(desk, "whole").locator("summary").first.click()
    table = row(desk, "whole").locator("table", has_text="bot_id").first
    name, value = [await table.locator(f"tbody tr:first-child {cell}").bounding_box() for cell in ("th", "td")]
    assert name is not None
    assert value is not None
    assert name["width"] * 2 < value["width"]


async def test_keys_search_walk_open_and_leave(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    keyboard = desk.page.keyboard
    await keyboard.press("/")
    await keyboard.type("jk ask")
    assert await desk.page.locator("#search").input_value() == "jk ask"
    await keyboard.press("Escape")
    assert await desk.page.locator("#search").input_value() == ""
    for key in ("j", "j", "j", "k", "o"):
        await keyboard.press(key)
    assert await desk.page.locator(ROWS).nth(1).locator("details").first.get_attribute("open") == ""
    await keyboard.press("?")
    assert await desk.page.locator("#keys").is_visible()
    await keyboard.press("Escape")
    assert not await desk.page.locator("#keys").is_visible()


async def test_the_curl_command_makes_the_same_request_again(desk: Tab, site: MockSite) -> None:
    await open_console(desk, site, 4)
    await row(desk, "whole").locator("summary").first.click()
    await row(desk, "whole").get_by_role("button", name="Copy as curl").click()
    command = await row(desk, "whole").locator(".curl").inner_text()
    shell = await asyncio.create_subprocess_exec("sh", "-c", command, stdout=asyncio.subprocess.PIPE)
    output, _ = await shell.communicate()
    assert b"[DONE]" in output
    again, first = site.journal[-1], site.journal[1]
    assert (again.method, again.target, again.body) == (first.method, first.target, first.body)
    assert dict(lowered(again)) == dict(lowered(first))


def lowered(exchange: Exchange) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in exchange.headers]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True], ids=["desk", "phone"])
async def test_all_text_can_be_read_and_fits(browser: Browser, site: MockSite, dark: bool, narrow: bool) -> None:
    async with tab(browser, phone=narrow, dark=dark) as opened:
        await open_console(opened, site, 4)
        for text in ("whole", "Break"):
            await row(opened, text).locator("summary").first.click()
            await row(opened, text).locator(".headers summary").first.click()
            await row(opened, text).get_by_role("button", name="Copy as curl").click()
        await opened.page.locator(".switches summary").click()
        assert await faint(opened.page) == []
        assert await overflow(opened.page) <= 0
        assert opened.complaints == []
