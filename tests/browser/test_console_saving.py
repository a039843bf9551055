"""Saving from the console in a real Chromium: what the browser writes is a file that loads and plays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
import pytest_asyncio
from tests.support.chromium import Tab
from tests.support.console import ask, open_console, row
from tests.support.contrast import faint, overflow

from chatgptfree_mock.scenario import library
from chatgptfree_mock.scenario.expectation import ErrorKind
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load_recording

if TYPE_CHECKING:
    from playwright.async_api import Download, Locator

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[MockSite]:
    """Return a site that was asked twice, the second time in vain."""
    async with MockSite(plugin="1.8.93", reply=["Hé", "l 👋 lo"]) as running:
        await ask(running, "whole")
        running.deliver(fault="truncate@70%")
        await ask(running, "Break")
        running.deliver()
        yield running


async def download(desk: Tab, button: Locator) -> Download:
    async with desk.page.expect_download() as coming:
        await button.click()
    return await coming.value


@pytest.mark.parametrize(("name", "suffix"), [("cassette", ".yaml"), ("HAR", ".har")])
async def test_one_exchange_is_saved(desk: Tab, site: MockSite, tmp_path: Path, name: str, suffix: str) -> None:
    await open_console(desk, site, 4)
    await row(desk, "whole").locator("summary").first.click()
    file = await download(desk, row(desk, "whole").get_by_role("button", name=f"Save as {name}"))
    assert file.suggested_filename == f"journal-2{suffix}"
    await file.save_as(tmp_path / file.suggested_filename)
    (interaction,) = load_recording(tmp_path / file.suggested_filename).interactions
    assert interaction.response.body == site.journal[1].response_body
    await row(desk, "whole").locator(".outcome", has_text="redacted nonces: 1 value in 1 place").wait_for()


async def test_all_that_is_shown_is_saved(desk: Tab, site: MockSite, tmp_path: Path) -> None:
    await open_console(desk, site, 4)
    await desk.page.locator("#search").fill("admin-ajax")
    await desk.page.locator("#save-shown summary").click()
    file = await download(desk, desk.page.locator("#save").get_by_role("button", name="Save as cassette"))
    await file.save_as(tmp_path / "tape.yaml")
    assert len(load_recording(tmp_path / "tape.yaml").interactions) == 2


async def test_a_broken_answer_is_saved_as_a_scenario_with_what_came_before(
    desk: Tab, site: MockSite, tmp_path: Path
) -> None:
    await open_console(desk, site, 4)
    await row(desk, "Break").locator("summary").first.click()
    await row(desk, "Break").get_by_role("button", name="Save as scenario").click()
    dialog = desk.page.locator("#scenario")
    assert await dialog.get_by_label("A good client").input_value() == "interrupted"
    assert await faint(desk.page) == []
    partial = await dialog.locator("#scenario-text").input_value()
    assert partial
    assert "Hél 👋 lo".startswith(partial)
    await dialog.get_by_label("Title").fill("It breaks off")
    file = await download(desk, dialog.get_by_role("button", name="Save"))
    (tmp_path / "stream").mkdir()
    await file.save_as(tmp_path / "stream" / "saved.yaml")
    scenario = library.read(tmp_path / "stream" / "saved.yaml")
    assert (scenario.title, scenario.expect.error, scenario.expect.partial) == ("It breaks off", "interrupted", partial)
    assert scenario.responses[0].response().body == site.journal[-1].response_body
    assert not await dialog.is_visible()


async def test_what_cannot_be_a_scenario_is_reported_in_the_dialog(phone: Tab, site: MockSite) -> None:
    await open_console(phone, site, 4)
    await row(phone, "GET").first.locator("summary").first.click()
    await row(phone, "GET").first.get_by_role("button", name="Save as scenario").click()
    await phone.page.locator("#scenario").get_by_role("button", name="Save").click()
    await phone.page.locator("#scenario-outcome", has_text="no request of the chat is among these").wait_for()
    assert await overflow(phone.page) <= 0
    await phone.page.keyboard.press("Escape")
    assert not await phone.page.locator("#scenario").is_visible()


async def test_the_dialog_offers_every_kind_of_error(desk: Tab, site: MockSite) -> None:
    await desk.page.goto(site.server.console)
    options = await desk.page.locator("#scenario-error option").evaluate_all("all => all.map((one) => one.value)")
    assert options == ["", *get_args(ErrorKind)]
