"""The chat elements of the imitated pages, held against those that a real WordPress printed: byte for byte."""

import html
import json
import re
from typing import Any, cast

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.support.many_cases import for_each
from tests.support.page_of_site import page
from tests.support.pages import recorded_pages

from chatgptfree_mock.sites.aipower.pages.page_headers import page_headers
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import Bot, BotPlace, SiteSettings

PAGES = [pytest.param(recorded, id=f"{recorded['plugin']} {recorded['case']}") for recorded in recorded_pages()]
_CHAT = re.compile(
    r'<div(?= class="(?:wpaicg-chat-shortcode"|wpaicg-chatbox |aipkit_chat_container |aipkit_popup_wrapper))'
    r'(?:[^>"\']|"[^"]*"|\'[^\']*\')*>'
)


def same_situation(recorded: dict[str, Any]) -> tuple[SiteSettings, str, str]:
    """Return settings, base URL and nonce under which the imitation has to print the same elements."""
    elements = cast("list[str]", recorded["chat_elements"])
    base = re.search(r"<(http://[^/]+)/wp-json/>", str(recorded["headers"]))
    assert base
    post_id = int(re.findall(r"wp/v2/pages/(\d+)", str(recorded["headers"]))[0])
    nonce = re.findall(r"nonce(?:=\"|&quot;:&quot;)([0-9a-f]{10})", "".join(elements))[0]
    settings = SiteSettings(plugin=recorded["plugin"], chat_page_id=post_id, bots=bots_of(elements), decoys=False)
    return settings, base[1], nonce


def bots_of(elements: list[str]) -> list[Bot]:
    found: list[Bot] = []
    for element in elements:
        tag = LexborHTMLParser(element).css_first("div")
        assert tag is not None
        values = tag.attributes
        if values.get("data-type"):
            announce = values.get("data-openai_stream_nav") == "1"
            found.append(Bot(place=cast("BotPlace", values["data-type"]), announce_stream=announce))
        elif values.get("data-config"):
            config = json.loads(values["data-config"] or "")
            place: BotPlace = "popup" if config["popupEnabled"] else "inline"
            found.append(Bot(id=config["botId"], name=config["headerName"], place=place))
    if len(found) == 2 and found[0] == found[1]:
        return [Bot(place="widget", twice=True)]
    return found


def as_on_chat_page(recorded: dict[str, Any], element: str) -> str:
    """Give the recorded element the address and the visitor of the imitated page."""
    element = re.sub(r'(data-url="[^"]*/)[a-z]+"', r'\1chat"', element)
    return element.replace("&quot;userIp&quot;:&quot;127.0.0.1&quot;", "&quot;userIp&quot;:&quot;203.0.113.9&quot;")


@for_each("recorded", PAGES)
def test_chat_elements_are_the_recorded_ones(recorded: dict[str, Any]) -> None:
    settings, base_url, nonce = same_situation(recorded)
    expected = [as_on_chat_page(recorded, element) for element in recorded["chat_elements"]]
    assert _CHAT.findall(page(settings, base_url=base_url, nonce=nonce)) == expected


@for_each("recorded", PAGES)
def test_versioned_assets_are_the_recorded_ones(recorded: dict[str, Any]) -> None:
    settings, base_url, nonce = same_situation(recorded)
    text = page(settings, base_url=base_url, nonce=nonce)
    found = re.findall(r"gpt3-ai-content-generator/[^'\"]*\?ver=[^'\"]*", text)
    assert sorted(found) == recorded["assets"]


@for_each("recorded", PAGES)
def test_script_line_is_the_recorded_one(recorded: dict[str, Any]) -> None:
    settings, base_url, nonce = same_situation(recorded)
    lines = re.findall(r"var wpaicgParams = .*", page(settings, base_url=base_url, nonce=nonce))
    assert lines == (recorded["wpaicgParams"] or [])


@for_each("recorded", PAGES)
def test_headers_are_the_recorded_ones(recorded: dict[str, Any]) -> None:
    settings, base_url, _ = same_situation(recorded)
    got = page_headers(settings, built_in().find(settings.plugin), post_id=settings.chat_page_id, base_url=base_url)
    server_and_connection = {"Server", "Date", "Transfer-Encoding", "Connection"}
    assert list(got) == [tuple(pair) for pair in recorded["headers"] if pair[0] not in server_and_connection]


@for_each("recorded", PAGES)
def test_page_is_about_as_heavy_as_the_settings_say(recorded: dict[str, Any]) -> None:
    settings, base_url, _ = same_situation(recorded)
    assert 76_000 < len(page(settings, base_url=base_url).encode()) < 88_000


def test_config_of_a_bot_with_awkward_words_reads_back_unchanged() -> None:
    name = 'GPT "5" & <Mini>\'s \\ é \u2028 👋'
    settings = SiteSettings(plugin="2.4.71", bots=[Bot(id=123, name=name)])
    tag = LexborHTMLParser(page(settings)).css_first("#aipkit_chat_container_123")
    assert tag is not None
    config = json.loads(tag.attributes["data-config"] or "")
    assert config["headerName"] == name
    raw = re.findall(r"data-config='([^']*)'", page(settings))[-1]
    assert r"GPT \u00225\u0022 \u0026 \u003CMini\u003E\u0027s \\ é \u2028 👋" in html.unescape(raw)


@pytest.mark.parametrize(
    ("wordpress", "logged_in", "rule"),
    [
        ("6.1.9", True, "no-cache, must-revalidate, max-age=0"),
        ("6.3", True, "no-cache, must-revalidate, max-age=0, no-store, private"),
        ("6.8", False, None),
    ],
)
def test_pages_are_kept_by_caches_only_for_guests(wordpress: str, logged_in: bool, rule: str | None) -> None:
    settings = SiteSettings(plugin="1.8.93", wordpress=wordpress, logged_in=logged_in)
    there = dict(page_headers(settings, built_in().find("1.8.93"), post_id=6, base_url="http://a"))
    assert there.get("Cache-Control") == rule


def test_missing_page_has_no_link_to_itself_and_is_not_to_be_kept() -> None:
    got = page_headers(SiteSettings(plugin="2.4.71"), built_in().find("2.4.71"), post_id=None, base_url="http://a")
    assert [value for name, value in got if name == "Link"] == ['<http://a/wp-json/>; rel="https://api.w.org/"']
    assert dict(got)["Cache-Control"] == "no-cache, must-revalidate, max-age=0, no-store, private"


def test_front_page_is_its_own_short_link() -> None:
    got = page_headers(SiteSettings(plugin="2.4.71"), built_in().find("2.4.71"), post_id=6, base_url="http://a/wp")
    assert got[-1] == ("Link", "<http://a/wp/>; rel=shortlink")
