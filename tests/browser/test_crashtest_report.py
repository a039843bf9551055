"""The crash test's report in a real Chromium: on a phone, on a desk, in the dark and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.chromium import Tab, tab

from chatgptfree_mock.crashtest import regressions, report
from chatgptfree_mock.crashtest.results import Card, Result, SentBytes
from chatgptfree_mock.crashtest.verdict import Verdict
from chatgptfree_mock.sites.aipower.releases import built_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = "x" * 300
SENT = SentBytes(
    asked="POST /wp-admin/admin-ajax.php action=wpaicg_chat_shortcode_message",
    answered="200 text/event-stream;charset=UTF-8",
    chunks=[1, 250, 900] * 60,
    ended="truncated",
    why=["the server streams"],
)


def result(scenario: str, plugin: str, verdict: Verdict) -> Result:
    return Result(
        scenario=scenario,
        title="An answer of one long word, and <b>markup</b>",
        plugin=plugin,
        chunks="utf8",
        verdict=verdict,
        reason="it printed nothing and exited with 0",
        expected=LONG,
        printed="<script>document.title = 'broken in'</script>",
        stderr=LONG,
        exchanges=[] if verdict is Verdict.RIGHT else [SENT],
        reproduce=f"chatgptfree-mock crashtest --scenario {scenario} -- {LONG}",
    )


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Write the report of two scenarios on all releases, which turn at 1.8.91 and at 2.3."""
    results = []
    for name, verdict in (("nonce/expired-403", Verdict.SILENT_LOSS), ("page/a-very-long-name-indeed", Verdict.CRASH)):
        turned = False
        for release in built_in().releases:
            turned = turned or release.name == ("1.8.91" if verdict is Verdict.SILENT_LOSS else "2.3")
            results.append(result(name, release.name, verdict if turned else Verdict.RIGHT))
    file = tmp_path / "report.html"
    file.write_text(
        report.render(Card(client=f"client {LONG}", results=results), regressions.turns(results)), encoding="utf-8"
    )
    return file.as_uri()


async def overflow(opened: Tab) -> int:
    found: int = await opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


async def open_details(opened: Tab) -> None:
    for summary in await opened.page.locator("summary").all():
        await summary.click()


async def test_it_fits_a_phone_also_with_the_details_open(phone: Tab, address: str) -> None:
    await phone.page.goto(address)
    assert await overflow(phone) <= 0
    await open_details(phone)
    assert await phone.page.get_by_text("it printed nothing and exited with 0").first.is_visible()
    assert await phone.page.locator(".wire i").first.is_visible()
    assert await overflow(phone) <= 0


async def test_the_matrix_has_a_cell_per_release_and_the_turn_is_told(desk: Tab, address: str) -> None:
    await desk.page.goto(address)
    assert await desk.page.locator(".matrix tbody tr").count() == 2
    assert await desk.page.locator(".matrix tbody td i").count() == 2 * len(built_in().releases)
    told = await desk.page.locator(".turns > li").all_inner_texts()
    assert "right up to 1.8.90; silent loss since 1.8.91" in told[0]
    assert "A refused nonce gets 403" in told[0]
    assert await desk.page.locator("details").count() == 2  # once per way to fail, not once per release


async def test_what_clients_print_is_text_and_nothing_is_loaded(desk: Tab, address: str) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    await desk.page.goto(address)
    await open_details(desk)
    assert await desk.page.title() == f"Crash test: client {LONG}"
    assert asked == [address]


async def test_paper_holds_the_details_too(desk: Tab, address: str) -> None:
    await desk.page.goto(address)
    await desk.page.pdf()
    assert await desk.page.locator("details:not([open])").count() == 0


async def test_colours_stand_out_in_the_dark(browser: Browser, address: str) -> None:
    async with tab(browser, dark=True) as opened:
        await opened.page.goto(address)
        paper = await opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(18, 22, 29)"
        assert opened.complaints == []
