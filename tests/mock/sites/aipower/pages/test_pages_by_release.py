"""What each release prints on its pages: which attributes and keys, in which order, from when until when."""

import json
import re
from html.parser import HTMLParser
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from selectolax.lexbor import LexborHTMLParser, LexborNode
from tests.support.many_cases import check_each, for_each
from tests.support.page_of_site import NONCE, decoy_nonce, page

from chatgptfree_mock.sites.aipower.pages.page import DECOYS, Pages
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import Banned, Bot, SiteSettings

SHORTCODE, WIDGET = "div.wpaicg-chat-shortcode", "div.wpaicg-chatbox"
BOTH = [Bot(place="shortcode"), Bot(place="widget")]
LEADS = [
    "data-lead-collection",
    "data-lead-title",
    "data-lead-name",
    "data-enable-lead-name",
    "data-lead-email",
    "data-enable-lead-email",
    "data-lead-phone",
    "data-enable-lead-phone",
    "data-bg_text_field",
    "data-bg_text_field_font_color",
    "data-bg_text_field_border_color",
]
AVATARS = ["data-use-avatar", "data-user-avatar", "data-you", "data-ai-avatar", "data-ai-name"]
LABELS = [
    "popupIconSize",
    "popupLabelEnabled",
    "popupLabelText",
    "popupLabelMode",
    "popupLabelDelaySeconds",
    "popupLabelAutoHideSeconds",
    "popupLabelDismissible",
    "popupLabelFrequency",
    "popupLabelShowOnMobile",
    "popupLabelShowOnDesktop",
    "popupLabelVersion",
    "popupLabelSize",
]


def settings(plugin: str, *bots: Bot, **more: Any) -> SiteSettings:
    return SiteSettings(plugin=plugin, bots=list(bots or [Bot()]), page_kilobytes=0, **more)


def elements(text: str, selector: str) -> list[LexborNode]:
    return LexborHTMLParser(text).css(selector)


def attributes(plugin: str, selector: str) -> list[str]:
    return [
        name for name in elements(page(settings(plugin, *BOTH)), selector)[0].attributes if name.startswith("data-")
    ]


def config(plugin: str, *bots: Bot, **more: Any) -> dict[str, Any]:
    tag = elements(page(settings(plugin, *bots, **more)), "[data-config]")[-1]
    value: dict[str, Any] = json.loads(tag.attributes["data-config"] or "")
    return value


COUNTS_1 = [
    ("1.8.79", 46, 45),
    ("1.8.80", 47, 46),
    ("1.8.84", 47, 46),
    ("1.8.85", 47, 46),
    ("1.8.87", 58, 57),
    ("1.8.88", 58, 57),
    ("1.8.90", 58, 57),
    ("1.8.91", 58, 57),
    ("1.8.93", 58, 57),
    ("1.8.95", 59, 58),
    ("1.8.96", 54, 53),
    ("1.9.4", 55, 53),
    ("1.9.14", 55, 53),
    ("1.9.16", 55, 53),
    ("1.9.18", 55, 53),
]


@for_each(("plugin", "shortcode", "widget"), COUNTS_1)
def test_attributes_are_as_many_as_recorded(plugin: str, shortcode: int, widget: int) -> None:
    assert len(attributes(plugin, SHORTCODE)) == shortcode
    assert len(attributes(plugin, WIDGET)) == widget


NEW_1 = [
    ("1.8.79", "1.8.80", ["data-memory-limit"], "data-voice-muted-by-default"),
    ("1.8.86", "1.8.87", LEADS, "data-memory-limit"),
    ("1.8.94", "1.8.95", ["data-assistant-enabled"], "data-bg_text_field_border_color"),
    ("1.9.3", "1.9.4", ["data-sidebar-enabled"], "data-assistant-enabled"),
]


@pytest.mark.parametrize(("before", "since", "new", "after"), NEW_1, ids=[f"since {row[1]}" for row in NEW_1])
def test_new_attributes_are_where_they_were_recorded(before: str, since: str, new: list[str], after: str) -> None:
    older, newer = attributes(before, SHORTCODE), attributes(since, SHORTCODE)
    assert not set(new) & set(older)
    at = newer.index(after) + 1
    assert newer[at : at + len(new)] == new
    assert [name for name in newer if name not in new] == older


def test_avatars_leave_with_1_8_96_and_nothing_else_does() -> None:
    older, newer = attributes("1.8.95", SHORTCODE), attributes("1.8.96", SHORTCODE)
    assert [name for name in older if name not in AVATARS] == newer
    assert set(AVATARS) <= set(older)


@pytest.mark.parametrize(("plugin", "stray"), [("1.9.14", ""), ("1.9.16", "<"), ("1.9.18", "<")])
def test_stray_sign_is_before_the_widgets_post_id_only(plugin: str, stray: str) -> None:
    text = page(settings(plugin, *BOTH, decoys=False))
    assert re.findall(r'data-post-id="([^"]*)"', text) == ["261", f"{stray}261"]


@pytest.mark.parametrize(
    ("plugin", "wrapped", "scripted"),
    [("1.9.3", False, False), ("1.9.4", True, True), ("1.9.13", True, True), ("1.9.14", True, False)],
)
def test_sidebar_wrapper_came_with_1_9_4_and_its_script_ended_by_1_9_14(
    plugin: str, wrapped: bool, scripted: bool
) -> None:
    text = page(settings(plugin))
    assert bool(elements(text, f"{SHORTCODE} > div.wpaicg-chat-content-wrapper")) == wrapped
    assert bool(elements(text, f"{SHORTCODE} script")) == scripted


@pytest.mark.parametrize(("plugin", "named"), [("1.8.87", False), ("1.8.88", True)])
def test_textarea_of_the_shortcode_is_named_since_1_8_88(plugin: str, named: bool) -> None:
    box = elements(page(settings(plugin)), "textarea.wpaicg-chat-shortcode-typing")[0]
    assert ("name" in box.attributes) == named


@pytest.mark.parametrize(("plugin", "bold"), [("1.8.93", True), ("1.8.95", False)])
def test_avatar_in_the_greeting_is_gone_since_1_8_95(plugin: str, bold: bool) -> None:
    assert ("wpaicg-chat-avatar" in page(settings(plugin, decoys=False))) == bold


@pytest.mark.parametrize(("plugin", "expected"), [("1.9.9", False), ("1.9.11", True), ("1.9.18", True)])
def test_script_line_has_katex_enabled_since_1_9_11(plugin: str, expected: bool) -> None:
    assert ('"katex_enabled":"0"};' in page(settings(plugin))) == expected


def test_parts_of_a_chat_have_its_type_as_well() -> None:
    text = page(settings("1.8.93", *BOTH, decoys=False))
    for selector, kind in ((SHORTCODE, "shortcode"), (WIDGET, "widget")):
        parts = elements(text, f'{selector} span[data-type="{kind}"]')
        assert [part.attributes["class"] for part in parts] == ["wpaicg-mic-icon", "wpaicg-img-icon"]


def test_image_nonce_differs_from_the_chats_and_is_in_each_element() -> None:
    nodes = elements(page(settings("1.8.93", *BOTH)), "#wpaicg-img-nonce")
    assert [node.attributes["value"] for node in nodes] == [decoy_nonce("wpaicg-img-nonce")] * 2
    assert nodes[0].attributes["value"] != NONCE


COUNTS_2 = [
    ("2.3", 44, 40),
    ("2.3.13", 45, 40),
    ("2.3.14", 45, 40),
    ("2.3.19", 45, 40),
    ("2.3.20", 45, 40),
    ("2.3.30", 48, 40),
    ("2.3.31", 48, 40),
    ("2.3.32", 48, 40),
    ("2.3.40", 48, 40),
    ("2.3.41", 61, 41),
    ("2.3.43", 61, 41),
    ("2.3.69", 67, 42),
    ("2.3.92", 66, 42),
    ("2.3.93", 67, 49),
    ("2.4.0", 67, 49),
    ("2.4.71", 67, 72),
    ("2.4.77", 68, 72),
    ("2.4.81", 69, 72),
    ("2.4.84", 70, 82),
    ("2.4.97", 71, 82),
]


@for_each(("plugin", "keys", "texts"), COUNTS_2)
def test_config_has_as_many_keys_and_texts_as_recorded(plugin: str, keys: int, texts: int) -> None:
    found = config(plugin)
    assert (len(found), len(found["text"])) == (keys, texts)
    assert list(found)[:4] == ["botId", "ajaxUrl", "nonce", "postId"]


NEW_2 = [
    ("2.3", "2.3.6", ["popupIconStyle"], "popupIconType"),
    ("2.3.20", "2.3.22", ["enableRealtimeVoiceUI", "directVoiceMode", "realtimeModel"], "enableVoiceInputUI"),
    ("2.3.40", "2.3.41", LABELS, "popupIconValue"),
    ("2.3.43", "2.3.69", ["bannedIpsConfig", "bannedWordsConfig"], "userIp"),
    (
        "2.3.43",
        "2.3.69",
        ["headerAvatarType", "headerAvatarValue", "headerAvatarUrl", "headerOnlineText"],
        "footerText",
    ),
    ("2.3.71", "2.3.72", ["webToggleDefaultOn"], "allowWebSearchTool"),
    ("2.3.72", "2.3.73", ["customThemePresetKey"], "popupIconSize"),
    ("2.3.92", "2.3.93", ["showSources"], "webToggleDefaultOn"),
    ("2.4.66", "2.4.67", ["enableGoogleConversationState"], "enableOpenAIConversationState"),
    ("2.4.66", "2.4.67", ["fileUploadProvider"], "provider"),
    ("2.4.66", "2.4.67", ["ttsGoogleModelId"], "ttsVoiceId"),
    ("2.4.71", "2.4.77", ["formGateEnabled"], "enableSidebar"),
    ("2.4.79", "2.4.81", ["voiceEngine"], "directVoiceMode"),
    ("2.4.81", "2.4.84", ["sttLimits"], "sttProvider"),
    ("2.4.94", "2.4.96", ["themeDimensionOverrides"], "customThemePresetKey"),
]


@for_each(("before", "since", "new", "after"), NEW_2)
def test_new_keys_are_where_they_were_recorded(before: str, since: str, new: list[str], after: str) -> None:
    older, newer = list(config(before)), list(config(since))
    assert not set(new) & set(older)
    at = newer.index(after) + 1
    assert newer[at : at + len(new)] == new


@pytest.mark.parametrize(
    ("last", "gone_since", "key"),
    [
        ("2.4.0", "2.4.1", "streamEnabled"),
        ("2.3.87", "2.3.88", "userIp"),
        ("2.3.87", "2.3.88", "bannedIpsConfig"),
        ("2.3.87", "2.3.88", "bannedWordsConfig"),
        ("2.4.66", "2.4.67", "googleGroundingMode"),
        ("2.4.66", "2.4.67", "googleGroundingDynamicThreshold"),
    ],
)
def test_keys_leave_with_their_release(last: str, gone_since: str, key: str) -> None:
    assert key in config(last)
    assert key not in config(gone_since)


@pytest.mark.parametrize(
    ("plugin", "text", "value"),
    [
        ("2.3.40", "thinking", "Thinking..."),
        ("2.3.41", "thinking", "Thinking"),
        ("2.3.41", "dismissHint", "Dismiss"),
        ("2.3.43", "closeChat", "Close Chat"),
        ("2.3.69", "initialSubgreeting", "How can I help you today?"),
        ("2.3.93", "sources", "Sources"),
        ("2.4.6", "stopResponse", "Stop Response"),
        ("2.4.63", "historySidebarEmpty", "No conversations yet — start one to see it here."),
        ("2.4.65", "voiceInput", "Voice input"),
    ],
)
def test_texts_read_as_recorded(plugin: str, text: str, value: str) -> None:
    assert config(plugin)["text"][text] == value


def test_ban_lists_are_published_by_the_releases_that_did() -> None:
    found = config("2.3.69", banned=Banned(words=["spam", "scam"], ips=["192.0.2.1"]))
    assert found["bannedWordsConfig"]["wordsList"] == "spam, scam"
    assert found["bannedIpsConfig"]["ipsList"] == "192.0.2.1"
    assert found["userIp"] == "203.0.113.9"


@pytest.mark.parametrize(("plugin", "times"), [("2.3", 1), ("2.3.23", 1), ("2.3.24", 2), ("2.4.71", 2), ("1.8.93", 2)])
def test_same_bot_twice_as_far_as_the_release_allows(plugin: str, times: int) -> None:
    selector = "[data-config], div.wpaicg-chat-shortcode"
    assert len(elements(page(settings(plugin, Bot(twice=True))), f".entry-content :is({selector})")) == times


FRESH = [
    "popupDelay",
    "popupLabelEnabled",
    "enableFullscreen",
    "enableDownload",
    "enableSidebar",
    "enableVoiceInputUI",
]
DEFAULTS = [
    ("2.3", 1, None, True, True, False, True, 0),
    ("2.3.41", 1, False, True, True, False, True, 3),
    ("2.3.69", 1, False, True, True, False, True, 3),
    ("2.3.73", 1, True, True, True, False, False, 3),
    ("2.3.77", 1, True, False, False, False, False, 3),
    ("2.4.0", 1, True, False, False, False, False, 3),
    ("2.4.5", 0, False, False, False, False, False, 2),
    ("2.4.6", 0, False, True, True, True, True, 2),
    ("2.4.36", 0, False, True, True, True, True, 2),
    ("2.4.43", 0, True, True, False, False, False, 2),
    ("2.4.71", 0, True, True, False, False, False, 2),
]


@for_each("row", DEFAULTS, ids=lambda row: row[0])
def test_a_fresh_bot_looks_as_its_release_made_it(row: tuple[Any, ...]) -> None:
    found = config(row[0])
    assert (*[found.get(key) for key in FRESH], len(found["starters"])) == row[1:]


def test_a_popup_has_no_sidebar() -> None:
    text = page(settings("2.4.6", Bot(id=9, place="popup"), decoys=False))
    wrapper = elements(text, "#aipkit_popup_wrapper_9")[0]
    assert json.loads(wrapper.attributes["data-config"] or "")["enableSidebar"] is False


@pytest.mark.parametrize(("plugin", "blank"), [("2.3.43", False), ("2.3.69", True), ("2.3.72", True), ("2.3.73", True)])
def test_the_popup_wrapper_ends_with_a_blank_since_2_3_69(plugin: str, blank: bool) -> None:
    (tag,) = re.findall(r'<div class="aipkit_popup_wrapper[^>]*>', page(settings(plugin, Bot(id=9, place="popup"))))
    assert tag.endswith(" >") is blank


@pytest.mark.parametrize(
    ("plugin", "loads"),
    [
        *[(plugin, False) for plugin in ("2.3", "2.3.69", "2.3.92", "2.3.93", "2.4.0", "2.4.71")],
        *[(plugin, True) for plugin in ("2.3.13", "2.3.20", "2.3.43")],
    ],
)
def test_a_page_with_nothing_but_the_old_shortcode_loads_the_plugin_or_not(plugin: str, loads: bool) -> None:
    text = page(SiteSettings(plugin=plugin, bots=[], old_shortcode=True, page_kilobytes=0, decoys=False))
    assert ("gpt3-ai-content-generator" in text) is loads
    assert "gpt3-ai-content-generator" in page(settings(plugin, old_shortcode=True))


@pytest.mark.parametrize(("plugin", "limits"), [("1.8.93", True), ("1.9.4", True), ("1.9.14", True), ("1.9.16", False)])
def test_texts_name_their_limits_until_1_9_14(plugin: str, limits: bool) -> None:
    assert ("value between 0 and 1." in page(settings(plugin))) is limits


@pytest.mark.parametrize(
    ("bot", "limit"),
    [(Bot(), "100"), (Bot(id=7), "10"), (Bot(id=7, memory_limit=30), "30"), (Bot(memory_limit=0), "0")],
)
@pytest.mark.parametrize("selector", [SHORTCODE, WIDGET])
def test_a_bot_of_the_sites_own_remembers_less(bot: Bot, limit: str, selector: str) -> None:
    placed = replace(bot, place="widget" if selector == WIDGET else "shortcode")
    assert elements(page(settings("1.8.84", placed)), selector)[0].attributes["data-memory-limit"] == limit
    assert "data-memory-limit" not in elements(page(settings("1.8.79", placed)), selector)[0].attributes


@pytest.mark.parametrize(("plugin", "printed"), [("1.9.18", 0), ("2.3.43", 0), ("2.3.69", 1), ("2.4.71", 1)])
def test_old_shortcode_is_an_empty_place_or_text(plugin: str, printed: int) -> None:
    assert page(settings(plugin, old_shortcode=True)).count("[wpaicg_chatgpt]") == printed
    assert "[wpaicg_chatgpt]" not in page(settings(plugin))


@pytest.mark.parametrize(("plugin", "size"), [("2.3.40", None), ("2.3.41", "medium"), ("2.4.71", "medium")])
def test_popup_carries_its_config_on_the_wrapper(plugin: str, size: str | None) -> None:
    text = page(settings(plugin, Bot(id=9, place="popup"), decoys=False))
    wrapper = elements(text, "#aipkit_popup_wrapper_9")[0]
    assert wrapper.attributes.get("data-icon-size") == size
    assert json.loads(wrapper.attributes["data-config"] or "")["popupEnabled"] is True
    assert "data-config" not in elements(text, "#aipkit_chat_container_9")[0].attributes


def test_several_bots_are_in_order_with_one_nonce() -> None:
    bots = [Bot(id=25865, name="gpt-4o-mini"), Bot(id=25869, name="qwen", page="/"), Bot(id=25870, name="llama")]
    text = page(settings("2.4.71", *bots, decoys=False))
    found = [json.loads(node.attributes["data-config"] or "") for node in elements(text, "[data-config]")]
    assert [(bot["botId"], bot["headerName"]) for bot in found] == [(25865, "gpt-4o-mini"), (25870, "llama")]
    assert {bot["nonce"] for bot in found} == {NONCE}


def test_shortcode_of_a_bot_of_the_sites_own_has_a_size_in_pixels() -> None:
    tree = LexborHTMLParser(page(settings("1.8.93", Bot(), Bot(id=7), Bot(id=8, place="widget"))))
    sizes = [
        (node.attributes["data-bot-id"], node.attributes["data-width"], node.attributes["data-height"])
        for node in tree.css(f"{SHORTCODE}, {WIDGET}")
    ]
    assert sizes == [("0", "100%", "50%"), ("7", "350px", "400px"), ("8", "30%", "40%")]


def test_every_release_has_both_pages_with_chat_and_release_number() -> None:
    check_each(check_pages, built_in().names)


def check_pages(plugin: str) -> None:
    for path, post_id in (("/", "6"), ("/chat/", "261")):
        text = page(settings(plugin), path, "https://site.test/wp")
        assert f"?ver={plugin}" in text
        assert text.count(NONCE) >= 1
        assert re.search(rf'(data-post-id="|postId&quot;:){post_id}\b', text)
        url = "https://site.test/wp" + path.rstrip("/")
        assert f'data-url="{url}"' in text or "https:\\/\\/site.test\\/wp\\/wp-admin\\/admin-ajax.php" in text


class _Balanced(HTMLParser):
    """Finds elements that are closed in the wrong order, or not at all."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@for_each("plugin", ["1.8.79", "1.9.4", "1.9.18", "2.3", "2.4.71"])
@for_each("place", ["shortcode", "widget"])
def test_elements_are_closed_in_order(plugin: str, place: str) -> None:
    parser = _Balanced()
    parser.feed(page(SiteSettings(plugin=plugin, bots=[Bot(place="widget" if place == "widget" else "shortcode")])))
    parser.close()
    assert (parser.wrong, parser.open) == ([], [])


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
def test_decoys_are_there_and_none_is_the_chats_nonce(plugin: str) -> None:
    text = page(settings(plugin, decoys=True))
    assert NONCE not in {decoy_nonce(action) for action in DECOYS.values()}
    for name in ("like", "share", "template", "old_chat", "wp_rest", "tracking", "newsletter"):
        assert decoy_nonce(DECOYS[name]) in text
    assert decoy_nonce(DECOYS["wp_rest"]) not in page(settings(plugin))


@pytest.mark.parametrize("kilobytes", [0, 60, 110, 500])
def test_page_weighs_what_is_asked_for(kilobytes: int) -> None:
    size = len(page(SiteSettings(plugin="2.4.71", page_kilobytes=kilobytes)).encode())
    assert size <= max(30, kilobytes * 1.1) * 1000
    assert size >= kilobytes * 950


def test_page_without_chat_has_nothing_of_the_plugin() -> None:
    assert "gpt3-ai-content-generator" not in page(settings("1.8.93", chat=False, decoys=False))
    assert NONCE not in page(settings("2.4.71", chat=False))


def test_words_of_the_owner_are_escaped() -> None:
    name = '"><script>alert(1)</script>'
    for plugin in ("1.8.93", "2.4.71"):
        text = page(settings(plugin, Bot(name=name, greeting=name), title=name))
        assert "<script>alert" not in text


def test_page_that_is_not_there_is_404_without_a_chat() -> None:
    text = page(settings("1.8.93"), "/nowhere/")
    assert "can’t be found" in text
    assert "nowhere" not in text
    assert not elements(text, "div.wpaicg-chat-shortcode")
    assert "var wpaicgParams = " in text


def test_widgets_get_another_number_with_every_view() -> None:
    pages = Pages(settings("1.8.93", Bot(place="widget")), built_in().find("1.8.93"))
    random, seen = Random(1), set()
    for _ in range(5):
        body = pages.body(
            path="/", base_url="http://a", nonce=NONCE, decoy_nonce=decoy_nonce, remote="::1", random=random
        )
        number = re.search(rb'id="wpaicgChat(\d{6})"', body)
        assert number
        seen.add(number[1])
    assert len(seen) == 5


def test_kept_pages_follow_nonce_visitor_and_host() -> None:
    pages, random = Pages(settings("2.3"), built_in().find("2.3")), Random(1)
    bodies = {
        (nonce, remote, host): pages.body(
            path="/", base_url=f"http://{host}", nonce=nonce, decoy_nonce=decoy_nonce, remote=remote, random=random
        ).decode()
        for nonce in ("0123456789", "abcdef0123")
        for remote in ("192.0.2.1", "2001:db8::1")
        for host in ("one.test", "two.test")
    }
    for (nonce, remote, host), body in bodies.items():
        assert f"nonce&quot;:&quot;{nonce}&quot;" in body
        assert f"userIp&quot;:&quot;{remote}&quot;" in body
        assert f"http:\\/\\/{host}\\/wp-admin" in body
