"""The console in a real Chromium, and pages of the mock whose scripts want what is the console's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.chromium import Tab

from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOSTILE = """<!doctype html><title>working</title><script>
const found = {};
const attempt = async (name, work) => {
  try { found[name] = await work(); } catch (error) { found[name] = String(error); }
};
const frame = (src) => new Promise((resolve) => {
  const made = document.createElement("iframe");
  made.src = src;
  made.onload = () => { try { resolve(made.contentDocument ? made.contentDocument.body.innerHTML : "closed"); }
    catch (error) { resolve("closed"); } };
  document.body.append(made);
});
addEventListener("DOMContentLoaded", async () => {
  const api = "/__mock__/api/sites";
  const body = JSON.stringify({ name: "from-a-page" });
  await attempt("read", async () => (await fetch(api, { credentials: "include" })).status);
  await attempt("change", async () =>
    (await fetch(api, { method: "POST", headers: { "Content-Type": "application/json" }, body })).status);
  await attempt("console", async () => (await fetch("/__mock__/")).text());
  await attempt("script", async () => (await fetch("/__mock__/api.js")).text());
  await attempt("frame", () => frame("/__mock__/"));
  await attempt("worker", async () => String(await navigator.serviceWorker.register("/worker.js", { scope: "/" })));
  await attempt("history", () => navigation.entries().map((entry) => entry.url));
  await attempt("storage", () => [document.cookie, ...Object.values(localStorage), ...Object.values(sessionStorage)]);
  await attempt("from", () => [document.referrer, opener ? String(opener.location) : "none"]);
  document.title = JSON.stringify(found);
});
</script><body>hello"""


def page_of(body: str, kind: str) -> Response:
    return Response(headers=(("Content-Type", kind),), body=body.encode())


def hostile() -> Cassette:
    """Return recordings of a site whose page attacks."""
    pages = {"/": page_of(HOSTILE, "text/html"), "/worker.js": page_of("/* mine */", "text/javascript")}
    return Cassette(
        interactions=tuple(
            Interaction(request=Request(method="GET", uri=f"http://chat.example{path}"), response=response)
            for path, response in pages.items()
        )
    )


async def spoils(page: Page) -> dict[str, Any]:
    """Return what the hostile page has found out."""
    await page.wait_for_function("document.title.startsWith('{')")
    found: dict[str, Any] = json.loads(await page.title())
    return found


async def test_the_console_shows_the_sites_and_follows_the_journal(desk: Tab) -> None:
    async with MockSite(plugin="1.8.93") as site:
        await desk.page.goto(site.server.console)
        await desk.page.locator("#state", has_text="following").wait_for()
        await desk.page.locator("#site-list .card", has_text="1.8.93").wait_for()
        await desk.page.locator("#release-list a", has_text="2.4.71").wait_for()
        await desk.page.locator("#scenario-list a", has_text="nonce/expired-403").wait_for()
        await desk.page.request.get(site.url + "/chat/")
        entry = desk.page.locator("#exchanges summary", has_text="GET /chat/")
        await entry.click()
        await desk.page.locator("#exchanges .wire", has_text="data-nonce").wait_for()
        await desk.page.locator("nav a", has_text="Scenarios").click()
        await desk.page.reload()  # the jump has not taken the token away
        await entry.wait_for()
        await desk.page.locator("#clear").click()
        await desk.page.locator("#nothing").wait_for()
        assert len(site.server.journal) == 0


@pytest.mark.parametrize("fragment", ["", "#token=wrong"])
async def test_without_its_token_the_console_asks_for_it_and_shows_nothing_else(desk: Tab, fragment: str) -> None:
    async with MockServer() as server:
        await desk.page.goto(server.url + "/__mock__/" + fragment)
        await desk.page.locator("#state", has_text="wrong or missing token").wait_for()
        assert await desk.page.locator("button:visible, a:visible").all_inner_texts() == ["Open"]
        await desk.page.locator("#token").fill(server.api_token)
        await desk.page.locator("#access button").click()
        await desk.page.locator("#state", has_text="following").wait_for()
        await desk.page.locator("#site-list .card").first.wait_for()
        assert not await desk.page.locator("#access").is_visible()


@pytest.mark.parametrize("way", ["link", "same tab"])
async def test_a_page_of_the_mock_gets_neither_the_token_nor_the_api(desk: Tab, way: str) -> None:
    async with MockServer(ServerConfig(cassettes=(hostile(),))) as server:
        await desk.page.goto(server.console)
        await desk.page.locator("#state", has_text="following").wait_for()
        page = desk.page
        if way == "link":
            async with desk.page.context.expect_page() as opened:
                await desk.page.locator("#site-list a").first.click()
            page = await opened.value
        else:
            await page.goto(server.url + "/")
        found = await spoils(page)
        assert (found["read"], found["change"]) == (401, 401)
        assert "chatgptfree" in found["console"]
        assert "Authorization" in found["script"]
        assert "site-list" not in found["frame"]
        assert "SecurityError" in found["worker"] or "TypeError" in found["worker"]
        assert found["from"] == ["", "none"]
        assert server.api_token not in json.dumps(found)
        assert [site.name for site in server.sites] == ["root"]
        desk.complaints.clear()  # of refused frames and the like
