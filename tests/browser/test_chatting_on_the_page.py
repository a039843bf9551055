"""The chat on the page, used in a real Chromium: what it shows, and what it asks of which release."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.chromium import INPUT, LOG, SEND, USER, Tab
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.contract import registry
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import Banned, Bot, Limit, SiteSettings
from chatgptfree_mock.sites.model_api.settings import ApiError, Model
from chatgptfree_mock.sites.wordpress.settings import FrontSettings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REPLY = "Grüße 👋 from the <b>model</b>: a\nb"
SIX = ["_wpnonce", "post_id", "url", "action", "message", "bot_id"]
OLD_SESSION = ["chatbot_identity", "wpaicg_chat_client_id", "wpaicg_chat_history"]
NEW_SESSION = ["chatbot_identity", "wpaicg_chat_history", "wpaicg_chat_client_id"]
TURN = ["bot_id", "session_id", "conversation_uuid", "post_id"]
LEAVING = ["action", "message", "_ajax_nonce", "bot_id", "user_client_message_id"]


def calls(journal: Journal) -> list[tuple[str, str, list[str]]]:
    """Return method, kind of body and names of the fields of each call of admin-ajax.php."""
    found = []
    for exchange in journal:
        if exchange.path.endswith("admin-ajax.php"):
            headers = {name.lower(): value for name, value in exchange.headers}
            kind = headers.get("content-type", "").partition(";")[0]
            found.append((exchange.method, kind, list(exchange.fields)))
    return found


def actions(journal: Journal) -> list[str]:
    return [exchange.fields["action"] for exchange in journal if "action" in exchange.fields]


def site_of(plugin: str, *, stream: bool = True) -> MockSite:
    return MockSite(settings=SiteSettings(plugin=plugin, bots=[Bot(stream=stream)], model=Model(reply=REPLY)))


FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
ASKED = [
    pytest.param("1.8.79", True, [("GET", "", [*SIX, *OLD_SESSION, "chat_id"])], id="1.8.79 streams by EventSource"),
    pytest.param("1.8.79", False, [("POST", MULTIPART, [*SIX, *OLD_SESSION, "chat_id"])], id="1.8.79 in one piece"),
    pytest.param("1.8.80", True, [("POST", FORM, [*SIX, *OLD_SESSION, "chat_id"])], id="1.8.80 streams by fetch"),
    pytest.param("1.8.93", True, [("POST", FORM, [*SIX, *OLD_SESSION, "chat_id"])], id="1.8.93 streams"),
    pytest.param("1.8.93", False, [("POST", MULTIPART, [*SIX, *OLD_SESSION, "chat_id"])], id="1.8.93 in one piece"),
    pytest.param("1.9.18", True, [("POST", FORM, [*SIX, *NEW_SESSION, "chat_id"])], id="1.9.18 streams"),
    pytest.param("1.9.18", False, [("POST", MULTIPART, [*SIX, *NEW_SESSION])], id="1.9.18 in one piece"),
    pytest.param(
        "2.3",
        True,
        [
            ("POST", MULTIPART, [name for name in LEAVING if name != "bot_id"]),
            ("GET", "", ["action", "cache_key", *TURN, "_ajax_nonce"]),
        ],
        id="2.3 leaves the message without its bot",
    ),
    pytest.param(
        "2.3.41",
        True,
        [("POST", MULTIPART, LEAVING), ("GET", "", ["action", "cache_key", *TURN, "_ts", "_ajax_nonce"])],
        id="2.3.41 streams with a time stamp",
    ),
    pytest.param(
        "2.4.0",
        False,
        [("POST", MULTIPART, ["action", "_ajax_nonce", *TURN, "message"])],
        id="2.4.0 in one piece",
    ),
    pytest.param(
        "2.4.71",
        True,
        [("POST", MULTIPART, LEAVING), ("GET", "", ["action", "cache_key", *TURN, "_ts", "_ajax_nonce"])],
        id="2.4.71 streams",
    ),
    *(
        pytest.param(
            plugin,
            True,
            [("POST", MULTIPART, LEAVING), ("GET", "", ["action", "cache_key", *TURN, "_ts", "_ajax_nonce"])],
            id=f"{plugin} streams",
        )
        for plugin in ("2.4.81", "2.4.97")
    ),
]


@pytest.mark.parametrize(("plugin", "stream", "asked"), ASKED)
async def test_asks_as_the_release_asks_and_shows_the_answer(
    desk: Tab, plugin: str, stream: bool, asked: list[tuple[str, str, list[str]]]
) -> None:
    from playwright.async_api import expect

    async with site_of(plugin, stream=stream) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello you")
        await expect(desk.answer).to_have_text(REPLY)
        await expect(desk.page.locator(USER)).to_have_text("Hello you")
        assert calls(site.journal) == asked


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.93", "2.3.41", "2.4.71"])
async def test_answer_grows_while_it_streams(desk: Tab, plugin: str) -> None:
    from playwright.async_api import expect

    model = Model(reply=["One", " two", " three"], delta_ms=120)
    async with MockSite(settings=SiteSettings(plugin=plugin, model=model)) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.page.evaluate(
            """selector => {
                window.seen = [];
                const log = document.querySelector(selector);
                new MutationObserver(() => window.seen.push(log.lastElementChild.textContent.trim())).observe(
                    log, {childList: true, subtree: true, characterData: true});
            }""",
            LOG,
        )
        await desk.ask("Count")
        await expect(desk.answer).to_have_text("One two three")
        seen = await desk.page.evaluate("window.seen")
        assert "One" in seen or "One two" in seen


@pytest.mark.parametrize("plugin", ["1.8.93", "1.9.18"])
async def test_history_goes_with_the_second_message(desk: Tab, plugin: str) -> None:
    from playwright.async_api import expect

    async with MockSite(plugin=plugin, reply="Hi") as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("First & foremost")
        await expect(desk.answer).to_have_text("Hi")
        await desk.ask("Second")
        await expect(desk.page.locator(USER)).to_have_count(2)
        await expect(desk.answer).to_have_text("Hi")
        sent = [exchange.fields for exchange in site.journal if exchange.method == "POST"]
        past = [entry["text"] for entry in json.loads(sent[1]["wpaicg_chat_history"])]
        assert past[:2] == ["Human: First & foremost", "AI: Hi"]
        assert past[2:] == (["Human: Second"] if plugin == "1.8.93" else [])
        assert sent[0]["message"] == "First &amp; foremost"
        assert sent[0]["wpaicg_chat_client_id"] == sent[1]["wpaicg_chat_client_id"]


@pytest.mark.parametrize("plugin", ["2.3.41", "2.4.71", "2.4.97"])
async def test_expired_nonce_is_fetched_anew(desk: Tab, plugin: str) -> None:
    from playwright.async_api import expect

    settings = SiteSettings(plugin=plugin, nonce="expired-on-first-page", model=Model(reply=REPLY))
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)
        assert actions(site.journal) == [
            "aipkit_cache_sse_message",
            "aipkit_get_frontend_chat_nonce",
            "aipkit_cache_sse_message",
            "aipkit_frontend_chat_stream",
        ]


async def test_the_script_follows_a_release_that_renames_actions_keys_and_events(desk: Tab, tmp_path: Path) -> None:
    from playwright.async_api import expect

    file = tmp_path / "92.5.0.yaml"
    file.write_text(
        f"base: {BASE_RELEASE}\n"
        "actions: {aipkit_cache_sse_message: keep, aipkit_frontend_chat_stream: answer, "
        "aipkit_get_frontend_chat_nonce: fresh}\n"
        "page: {renamed: {data-config: data-settings, nonce: token}}\n"
        "events: {renamed: {done: end}}\n"
    )
    settings = {"plugin": "92.5.0", "nonce": "expired-on-first-page", "model": {"reply": REPLY}}
    async with MockSite(pack=registry.reference("aipower", releases=[file]), settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)
        assert actions(site.journal) == ["keep", "fresh", "keep", "answer"]


async def test_expired_nonce_of_a_bot_that_does_not_stream_is_fetched_anew(desk: Tab) -> None:
    from playwright.async_api import expect

    settings = SiteSettings(
        plugin="2.4.0", nonce="expired-on-first-page", bots=[Bot(stream=False)], model=Model(reply=REPLY)
    )
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)
        message, fresh = "aipkit_frontend_chat_message", "aipkit_get_frontend_chat_nonce"
        assert actions(site.journal) == [message, fresh, message]


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
async def test_second_bot_of_a_page_answers_for_itself(desk: Tab, plugin: str) -> None:
    from playwright.async_api import expect

    bots = [
        Bot(id=11, name="One", model=Model(reply="I am one")),
        Bot(id=12, name="Two", model=Model(reply="I am two")),
    ]
    async with MockSite(settings=SiteSettings(plugin=plugin, bots=bots)) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.page.locator(INPUT).nth(1).fill("Who are you?")
        await desk.page.locator(SEND).nth(1).click()
        await expect(desk.answer).to_have_text("I am two")
        assert {exchange.fields["bot_id"] for exchange in site.journal if "bot_id" in exchange.fields} == {"12"}


FRONTS = [
    {"compress_answers": True},
    {"compress_answers": True, "nginx_buffer": True},
    {"buffer_all": True},
    {"charset": "windows-1252"},
    {"redirect": {"what": "language-prefix"}},
    {"challenge": {"first": 0}},
]


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
@pytest.mark.parametrize("front", FRONTS, ids=str)
async def test_chat_works_behind_a_harmless_front(desk: Tab, plugin: str, front: dict[str, Any]) -> None:
    from playwright.async_api import expect

    bots = [{"stream": True, "greeting": "Grüß Gott"}]
    settings = {"plugin": plugin, "front": front, "bots": bots, "model": {"reply": REPLY}}
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await expect(desk.answer).to_have_text("Grüß Gott")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)


FAILED = [
    pytest.param(
        SiteSettings(plugin="1.8.93", nonce="always-expired"),
        "The link you followed has expired. Please try again.",
        id="1.8.93 old nonce",
    ),
    pytest.param(
        SiteSettings(plugin="1.8.84", nonce="always-expired"), "Nonce verification failed", id="1.8.84 old nonce"
    ),
    pytest.param(
        SiteSettings(plugin="2.3.40", nonce="always-expired"),
        "Error: Your session has expired or the request is invalid. Please refresh the page and try again.",
        id="2.3.40 old nonce",
    ),
    pytest.param(
        SiteSettings(plugin="1.8.79", banned=Banned(words=["hello"])),
        "Your message contains prohibited words. Please modify your message and try again.",
        id="1.8.79 banned word",
    ),
    pytest.param(
        SiteSettings(plugin="1.8.93", banned=Banned(ips=["127.0.0.1"])),
        "You are not allowed to access this feature.",
        id="1.8.93 banned address",
    ),
    pytest.param(
        SiteSettings(plugin="1.8.93", bots=[Bot(stream=False)], model=Model(http_error=ApiError(message="No luck"))),
        "No luck",
        id="1.8.93 model fails, in one piece",
    ),
    pytest.param(
        SiteSettings(plugin="1.9.18", api_key=False),
        "Unable to initialize the AI instance. Please make sure the API key is valid.",
        id="1.9.18 no key",
    ),
    pytest.param(
        SiteSettings(plugin="2.4.71", model=Model(http_error=ApiError(status=429, message="Too fast"))),
        "Error: API Error: Too fast",
        id="2.4.71 model fails",
    ),
    pytest.param(
        SiteSettings(plugin="2.4.71", limit=Limit(tokens=0)),
        "Error: Access disabled for guests.",
        id="2.4.71 no quota",
    ),
]


@pytest.mark.parametrize(("settings", "message"), FAILED)
async def test_errors_are_shown_as_errors(desk: Tab, settings: SiteSettings, message: str) -> None:
    from playwright.async_api import expect

    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("hello")
        await expect(desk.error).to_have_text(message)
        await expect(desk.page.locator(LOG).first).not_to_have_attribute("aria-busy", "true")


async def test_stop_button_ends_the_answer(desk: Tab) -> None:
    from playwright.async_api import expect

    model = Model(reply=["Never", " ending"], delta_ms=60_000)
    async with MockSite(settings=SiteSettings(plugin="2.4.71", model=model)) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Go on")
        await expect(desk.answer).to_have_text("Never")
        await desk.page.get_by_label("Stop Response").click()
        await expect(desk.page.get_by_label("Send Message")).to_be_enabled()


@pytest.mark.parametrize(("plugin", "early"), [("2.4.77", False), ("2.4.79", True)])
async def test_stop_button_acts_before_the_message_is_left_since_2_4_79(desk: Tab, plugin: str, early: bool) -> None:
    from playwright.async_api import Route, expect

    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()

    async def hold(route: Route) -> None:
        if held.done():
            await route.continue_()
        else:
            held.set_result(route)

    async with MockSite(settings=SiteSettings(plugin=plugin, model=Model(reply=REPLY))) as site:
        await desk.page.route("**/admin-ajax.php", hold)
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        route = await held
        await desk.page.get_by_label("Stop Response").click()
        if early:
            await expect(desk.page.get_by_label("Send Message")).to_be_enabled()
        await route.continue_()
        if early:
            await desk.ask("Again")
        await expect(desk.answer).to_have_text(REPLY)
        left, stream_action = "aipkit_cache_sse_message", "aipkit_frontend_chat_stream"
        assert sorted(actions(site.journal)) == sorted([left, stream_action] + [left] * early)


async def test_a_message_that_cannot_be_left_is_an_error_in_the_words_of_the_page(desk: Tab) -> None:
    from playwright.async_api import expect

    async with MockSite(settings=SiteSettings(plugin="2.4.97", broken_tables=["cached-messages"])) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        await expect(desk.error).to_have_text(
            "Error: Failed to prepare message for streaming. Please check your internet connection and try again. "
            "(HTTP 500)"
        )


@pytest.mark.parametrize("images", [True, False])
async def test_a_command_for_an_image_is_not_sent_to_the_chat(desk: Tab, images: bool) -> None:
    from playwright.async_api import expect

    settings = SiteSettings(plugin="2.4.97", bots=[Bot(images=images)])
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("/image a cat")
        if images:
            await expect(desk.page.get_by_alt_text("a cat")).to_have_count(1)
        else:
            await expect(desk.error).to_have_text("Error: Image generation is not enabled for this chatbot.")
        assert actions(site.journal) == ["aipkit_chat_generate_image"]


@pytest.mark.parametrize("sidebar", [True, False])
async def test_with_a_sidebar_every_visit_of_the_page_is_a_conversation(desk: Tab, sidebar: bool) -> None:
    from playwright.async_api import expect

    settings = SiteSettings(plugin="2.4.97", bots=[Bot(sidebar=sidebar)], model=Model(reply=REPLY))
    async with MockSite(settings=settings) as site:
        for _ in range(2):
            await desk.page.goto(f"{site.url}/chat/")
            await desk.ask("Hello")
            await expect(desk.answer).to_have_text(REPLY)
        found = {exchange.fields["conversation_uuid"] for exchange in site.journal if "cache_key" in exchange.fields}
        assert len(found) == (2 if sidebar else 1)


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
@pytest.mark.parametrize("minify", ["whitespace", "single-quotes", "no-quotes", "upper-case"])
async def test_chat_works_on_a_minified_page(desk: Tab, plugin: str, minify: str) -> None:
    from playwright.async_api import expect

    settings = {"plugin": plugin, "front": {"minify": minify}, "model": {"reply": REPLY}}
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/chat/")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
async def test_chat_works_in_a_folder_and_with_a_renamed_ajax_path(desk: Tab, plugin: str) -> None:
    from playwright.async_api import expect

    settings = SiteSettings(front=FrontSettings(ajax_path="/wp-admin/hidden-ajax.php"), model=Model(reply=REPLY))
    async with MockSite(settings=settings) as site:
        await desk.page.goto(f"{site.url}/v/{plugin}/chat/")
        await desk.ask("Hello")
        await expect(desk.answer).to_have_text(REPLY)
        canonical = await desk.page.locator("link[rel=canonical]").get_attribute("href")
        assert canonical == f"{site.url}/v/{plugin}/chat/"


@pytest.mark.parametrize(("plugin", "place"), [("1.8.93", "widget"), ("2.3.41", "popup"), ("2.4.71", "popup")])
async def test_popup_opens_and_closes_by_keyboard(desk: Tab, plugin: str, place: str) -> None:
    from playwright.async_api import expect

    async with MockSite(settings={"plugin": plugin, "bots": [{"place": place}], "model": {"reply": REPLY}}) as site:
        await desk.page.goto(f"{site.url}/chat/")
        trigger = desk.page.locator(".wpaicg_toggle, .aipkit_popup_trigger")
        await expect(trigger).to_have_attribute("aria-expanded", "false")
        await expect(desk.page.locator(SEND)).to_be_hidden()
        await trigger.focus()
        await desk.page.keyboard.press("Enter")
        await expect(trigger).to_have_attribute("aria-expanded", "true")
        await desk.page.keyboard.type("Hello")
        await desk.page.keyboard.press("Enter")
        await expect(desk.answer).to_have_text(REPLY)
        await desk.page.keyboard.press("Escape")
        await expect(desk.page.locator(SEND)).to_be_hidden()
        await expect(trigger).to_be_focused()


PLACES = [
    pytest.param("1.8.93", "shortcode", id="1.8.93 in the text"),
    pytest.param("1.9.18", "widget", id="1.9.18 widget"),
    pytest.param("2.3.41", "inline", id="2.3.41 in the text"),
    pytest.param("2.4.71", "popup", id="2.4.71 popup"),
]


@pytest.mark.parametrize(("plugin", "place"), PLACES)
async def test_chat_fits_a_phone(phone: Tab, plugin: str, place: str) -> None:
    from playwright.async_api import expect

    async with MockSite(settings={"plugin": plugin, "bots": [{"place": place}], "model": {"reply": REPLY}}) as site:
        await phone.page.goto(f"{site.url}/chat/")
        if place in ("widget", "popup"):
            await phone.page.locator(".wpaicg_toggle, .aipkit_popup_trigger").tap()
        await phone.ask("Hello")
        await expect(phone.answer).to_have_text(REPLY)
        assert await phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        box = await phone.page.locator(SEND).bounding_box()
        assert box is not None
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 390
