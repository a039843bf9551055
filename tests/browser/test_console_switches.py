"""The console's switches in a real Chromium: delivery, faults, the clock, and live answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from tests.support.chromium import Tab
from tests.support.console import ask

from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.serving import MockSite

if TYPE_CHECKING:
    from playwright.async_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[MockSite]:
    """Return a site that was not asked yet."""
    async with MockSite(plugin="1.8.93", reply="Hello") as running:
        yield running


async def card_of(desk: Tab, site: MockSite) -> Locator:
    await desk.page.goto(site.server.console)
    card = desk.page.locator("#site-list .card")
    await card.locator(".switches summary").click()
    return card


async def test_delivery_and_faults_are_switched(desk: Tab, site: MockSite) -> None:
    card = await card_of(desk, site)
    await card.get_by_label("chunks").fill("bytes")
    await card.get_by_label("fault").fill("truncate@40%")
    await card.get_by_role("button", name="Apply").click()
    await card.locator("dd", has_text="chunks=bytes fault=truncate@40%").wait_for()
    await ask(site, "x")
    assert (site.journal[-1].end, {size for _, size in site.journal[-1].chunks}) == ("truncated", {1})
    await card.get_by_role("button", name="As recorded").click()
    await card.locator("dd", has_text="chunks=as-recorded").wait_for()
    await ask(site, "x")
    assert site.journal[-1].end == "complete"


async def test_an_unknown_word_is_reported_and_stays_in_its_field(desk: Tab, site: MockSite) -> None:
    card = await card_of(desk, site)
    await card.get_by_label("fault").fill("trunkate@50%")
    await card.get_by_label("fault").press("Enter")
    await card.locator(".outcome", has_text="truncate").wait_for()
    assert await card.get_by_label("fault").input_value() == "trunkate@50%"
    assert str(site.mounted.delivery) == "chunks=as-recorded"


async def test_a_refusal_does_not_appear_in_the_browsers_log(desk: Tab, site: MockSite) -> None:
    logged: list[str] = []
    desk.page.on("console", lambda entry: logged.append(entry.text))
    card = await card_of(desk, site)
    await card.get_by_label("fault").fill("trunkate@50%")
    await card.get_by_label("fault").press("Enter")
    await card.locator(".outcome", has_text="truncate").wait_for()
    assert logged == []


async def test_recordings_show_no_releases_scenarios_or_nonce(desk: Tab) -> None:
    async with MockSite(pack="recorded", cassette="1.8.93/msg_ok_s") as site:
        card = await card_of(desk, site)
        await card.locator("dd", has_text="recorded").first.wait_for()
        assert await card.locator("dt", has_text="nonce").count() == 0
        for name in ("releases", "scenarios"):
            await desk.page.locator(f"#{name}").wait_for(state="hidden")
            assert await desk.page.locator(f"nav a[href='#{name}']").is_hidden()


async def test_the_console_has_an_icon_so_that_no_browser_asks_the_site_for_one(desk: Tab, site: MockSite) -> None:
    await desk.page.goto(site.server.console)
    width = await desk.page.evaluate("""async () => {
      const image = new Image();
      image.src = document.querySelector("link[rel=icon]").href;
      await image.decode();
      return image.naturalWidth;
    }""")
    assert width > 0
    assert not site.journal


async def test_the_clock_is_turned(desk: Tab, site: MockSite) -> None:
    card = await card_of(desk, site)
    before = site.clock.time()
    await card.get_by_label("hours").fill("25")
    await card.get_by_role("button", name="Turn forward").click()
    await card.locator(".outcome", has_text="done").wait_for()
    assert site.clock.time() - before >= 25 * 3600


async def test_the_outcome_is_in_view_on_a_phone(phone: Tab, site: MockSite) -> None:
    card = await card_of(phone, site)
    await card.get_by_label("Live answers").check()
    await card.get_by_label("fault").fill("trunkate@5")
    await card.get_by_label("fault").press("Enter")
    outcome = card.locator(".outcome", has_text="truncate")
    await outcome.wait_for()
    box = await outcome.bounding_box()
    height = await phone.page.evaluate("innerHeight")
    assert box is not None
    assert 0 <= box["y"] < box["y"] + box["height"] <= height


async def test_what_would_do_nothing_is_not_sent(desk: Tab, site: MockSite) -> None:
    card = await card_of(desk, site)
    before = site.clock.time()
    for hours in ("-5", "0", ""):
        await card.get_by_label("hours").fill(hours)
        await card.get_by_role("button", name="Turn forward").click()
        assert not await card.get_by_label("hours").evaluate("input => input.validity.valid")
    await card.get_by_label("Live answers").check()
    await card.locator(".outcome", has_text="done").wait_for()
    await card.get_by_role("button", name="Push text").click()
    assert not await card.get_by_label("Text to push").evaluate("input => input.validity.valid")
    assert "done" in await card.locator(".outcome").all_inner_texts()
    assert site.clock.time() < before + 3000


async def test_a_journal_without_requests_has_a_hint(desk: Tab, site: MockSite) -> None:
    await desk.page.goto(site.server.console)
    await desk.page.get_by_text("No request came yet").wait_for()


async def test_a_wrong_token_shows_no_requests(desk: Tab, site: MockSite) -> None:
    await desk.page.goto(site.server.console + "x")
    await desk.page.get_by_text("wrong or missing token").first.wait_for()
    assert not await desk.page.get_by_text("No request came yet").is_visible()


async def test_a_phone_shows_the_whole_placeholder_of_the_search(phone: Tab, site: MockSite) -> None:
    await phone.page.goto(site.server.console)
    spare = await phone.page.locator("#search").evaluate("""input => {
        const style = getComputedStyle(input);
        const brush = document.createElement("canvas").getContext("2d");
        brush.font = style.font;
        const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        return room - brush.measureText(input.placeholder).width;
    }""")
    assert spare >= 0


async def test_an_answer_is_pushed_by_hand(desk: Tab, site: MockSite) -> None:
    card = await card_of(desk, site)
    await card.get_by_label("Live answers").check()
    await card.get_by_label("Text to push").wait_for()
    asking = asyncio.ensure_future(ask(site, "Are you there?"))
    waiting = desk.page.locator("#exchanges > li", has_text="Are you there?")
    await waiting.locator("summary", has_text="under way").wait_for()  # it is shown before it ends
    outcome = card.locator(".outcome")
    for label, text, name in (("Text", "Hi 👋", "Push text"), ("Bytes", r"data: odd\r\n\r\n", "Push bytes")):
        await card.get_by_label(f"{label} to push").fill(text)
        await card.get_by_role("button", name=name).click()
        await outcome.filter(has_text="done").wait_for()
    await card.get_by_role("button", name="End the answer").click()
    await asking
    await waiting.locator("summary", has_text="complete").wait_for()
    body = site.journal[-1].response_body.decode()
    assert "data: odd\r\n\r\n" in body
    assert "Hi " in body
    assert body.rstrip().endswith("[DONE]")


async def test_an_exchange_under_way_stays_open_and_keeps_the_focus(desk: Tab, site: MockSite) -> None:
    live = site.mounted.live = LiveReply()
    await desk.page.goto(site.server.console)
    asking = asyncio.create_task(ask(site, "Are you there?"))
    entry = desk.page.locator("#exchanges > li", has_text="Are you there?")
    await entry.locator("summary", has_text="under way").wait_for()
    await entry.locator("summary").first.focus()
    await desk.page.keyboard.press("o")
    await entry.locator("dl").wait_for()
    await live.end()
    await asking
    await entry.locator("dd", has_text="complete").wait_for()
    assert await desk.page.evaluate("document.activeElement.closest('#exchanges > li > details').open")


async def test_the_focused_exchange_is_not_below_the_header(desk: Tab, site: MockSite) -> None:
    for number in range(30):
        await ask(site, str(number))
    await desk.page.goto(site.server.console)
    await desk.page.locator("#exchanges > li").nth(29).wait_for()
    for _ in range(30):
        await desk.page.keyboard.press("j")
    for _ in range(29):
        await desk.page.keyboard.press("k")
        assert await desk.page.evaluate(
            "() => { const { x, y } = document.activeElement.getBoundingClientRect();"
            " return document.activeElement.contains(document.elementFromPoint(x + 9, y + 9)); }"
        )
