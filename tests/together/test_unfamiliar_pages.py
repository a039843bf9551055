"""Pages of releases that the client does not know: what it finds by structure, its warnings, and what it refuses."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support import fictional, raw_site
from tests.support.many_cases import for_each
from tests.support.page_of_site import NONCE, page
from tests.support.raw_site import response
from tests.support.releases import BASE, BASE_RELEASE

from chatgptfree import blocking
from chatgptfree.core.page import wpaicg_ids
from chatgptfree.core.page.chat_page import ChatPage
from chatgptfree.core.page.page_reader import parse_page, read_page
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import NoNonceFound, PageError, ProtocolError, UnknownModelError
from chatgptfree_mock.contract import registry
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings

URL = "http://site.test/chat/"
AJAX = "http://site.test/wp-admin/admin-ajax.php"
HEAD = ResponseHead(status=200, url=URL, headers=(("Content-Type", "text/html; charset=UTF-8"),))
PAGES = {
    place: page(SiteSettings(plugin=BASE_RELEASE, bots=[Bot(id=100, place=place)], page_kilobytes=0, decoys=True))
    for place in ("inline", "popup")
}
NAMES = st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True)
USUAL = ("botId", "ajaxUrl", "nonce", "postId")


def config_of(text: str) -> tuple[str, dict[str, Any]]:
    """Return the attribute with the chat's config as it is written, and what it holds."""
    start = text.index("data-config='{", text.index("entry-content"))
    written = text[start : text.index("'", start + len("data-config='")) + 1]
    return written, json.loads(html.unescape(written[len("data-config='") : -1]))


def with_config(place: str, attribute: str, config: Mapping[str, Any]) -> str:
    """Return the page with another *config* in another *attribute*."""
    written, _ = config_of(PAGES[place])
    return PAGES[place].replace(written, f"{attribute}='{html.escape(json.dumps(config))}'")


@cache
def page_of_1x(plugin: str, place: Literal["shortcode", "widget"]) -> str:
    return page(SiteSettings(plugin=plugin, bots=[Bot(place=place)], page_kilobytes=0, decoys=True))


def read(text: str) -> ChatPage:
    return read_page(HEAD, text.encode())


@pytest.mark.parametrize("place", ["inline", "popup"])
@given(
    attribute=NAMES,
    nonce=NAMES.map(lambda name: f"{name}Token"),
    ajax=NAMES,
    post=st.sampled_from(["post_id", "pageId", "page-id"]),
    folder=st.none() | NAMES,
)
def test_renamed_and_moved_values_are_found_and_reported(
    place: str, attribute: str, nonce: str, ajax: str, post: str, folder: str | None
) -> None:
    _, config = config_of(PAGES[place])
    new: dict[str, Any] = {
        {"nonce": nonce, "ajaxUrl": f"{ajax}Address", "postId": post}.get(key, key): value
        for key, value in config.items()
    }
    path = nonce
    if folder is not None:
        new = {key: value for key, value in new.items() if key != nonce} | {f"{folder}s": {nonce: config["nonce"]}}
        path = f"{folder}s.{nonce}"
    found = read(with_config(place, f"data-x{attribute}", new))
    (chat,) = found.chats
    assert (chat.bot.id, chat.nonce, chat.ajax_url, chat.post_id) == ("100", NONCE, AJAX, str(config["postId"]))
    (warning,) = found.warnings
    assert warning.code == "unfamiliar-page"
    for words in (f"data-x{attribute}, not in data-config", f"{path}, not in nonce", f"{ajax}Address, not in ajaxUrl"):
        assert words in warning.detail


def test_a_chat_of_an_unknown_class_is_found() -> None:
    text = PAGES["inline"].replace("aipkit_chat_container", "aipuffer-box").replace("aipkit_popup_wrapper", "x")
    (chat,) = read(text.replace("data-config=", "data-settings=")).chats
    assert (chat.bot.id, chat.nonce, chat.ajax_url) == ("100", NONCE, AJAX)


def in_scripts(place: str, scripts: str, *, inside: bool = False) -> str:
    """Return the page with its configs in *scripts*, inside the chat's element or at the end of the page."""
    written, _ = config_of(PAGES[place])
    start = PAGES[place].index(written)
    end = PAGES[place].index(">", start + len(written)) + 1
    tag_end = PAGES[place][start + len(written) : end]
    before, after = PAGES[place][:start] + tag_end, PAGES[place][end:]
    return before + scripts + after if inside else before + after.replace("</body>", f"{scripts}</body>")


def script(values: Mapping[str, Any], kind: str = "application/json") -> str:
    return f'<script type="{kind}" class="aipkit_config">{json.dumps(values)}</script>'


IN_SCRIPT = "the config is in a script of type application/json, not in data-config"


@pytest.mark.parametrize("place", ["inline", "popup"])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON"])
def test_a_config_in_a_script_of_json_is_found(place: str, inside: bool, kind: str) -> None:
    _, config = config_of(PAGES[place])
    found = read(in_scripts(place, script(config, kind), inside=inside))
    (chat,) = found.chats
    assert (chat.bot.id, chat.nonce, chat.ajax_url, chat.post_id) == ("100", NONCE, AJAX, str(config["postId"]))
    assert found.warnings[0].detail.endswith(f"bot 100: {IN_SCRIPT}")


def test_of_several_scripts_the_one_of_the_bot_is_taken() -> None:
    _, config = config_of(PAGES["inline"])
    other = {**config, "botId": 7, "nonce": "beadbeadbe"}
    found = read(in_scripts("inline", script(other) + script(config)))
    assert [(chat.bot.id, chat.nonce) for chat in found.chats] == [("100", NONCE)]
    with pytest.raises(NoNonceFound):
        read(in_scripts("inline", script(config) + script({**config, "nonce": "beadbeadbe"})))


def test_scripts_of_other_kinds_and_of_other_plugins_are_not_read() -> None:
    _, config = config_of(PAGES["inline"])
    ratings = {"ajaxUrl": AJAX, "nonce": "c0ffeec0ff", "itemId": 100}
    for scripts in (script(config, "text/template"), script(ratings), script({**config, "ajaxUrl": "/x"})):
        with pytest.raises(NoNonceFound):
            read(in_scripts("inline", scripts))


def test_a_script_is_a_chat_where_no_element_is_one() -> None:
    _, config = config_of(PAGES["inline"])
    renamed = {"chatToken" if key == "nonce" else key: value for key, value in config.items()}
    text = in_scripts("inline", script(renamed)).replace("aipkit_chat_container", "puffer")
    found = read(text)
    assert [(chat.bot.id, chat.nonce, chat.ajax_url) for chat in found.chats] == [("100", NONCE, AJAX)]
    assert found.warnings[0].detail.endswith(f"{IN_SCRIPT}; the nonce is in chatToken, not in nonce")


def test_values_in_attributes_of_their_own_are_found() -> None:
    _, config = config_of(PAGES["inline"])
    less = {key: value for key, value in config.items() if key not in ("nonce", "ajaxUrl")}
    written, _ = config_of(PAGES["inline"])
    attributes = f"data-config='{html.escape(json.dumps(less))}' data-token='{NONCE}' data-endpoint='{AJAX}'"
    found = read(PAGES["inline"].replace(written, attributes))
    assert (found.chats[0].nonce, found.chats[0].ajax_url) == (NONCE, AJAX)
    for words in ("the nonce is in data-token, not in nonce", "the ajax address is in data-endpoint, not in ajaxUrl"):
        assert words in found.warnings[0].detail


def test_without_an_ajax_address_the_default_one_is_taken_with_a_warning() -> None:
    _, config = config_of(PAGES["inline"])
    del config["ajaxUrl"]
    found = read(with_config("inline", "data-config", config))
    assert found.chats[0].ajax_url == AJAX
    assert "there is no ajax address, so the site's default one is taken" in found.warnings[0].detail


def test_two_bots_are_kept_apart() -> None:
    bots = [Bot(id=100, place="inline"), Bot(id=101, place="inline")]
    text = page(SiteSettings(plugin=BASE_RELEASE, bots=bots, page_kilobytes=0, decoys=True)).replace(
        "data-config=", "data-settings="
    )
    found = read(text.replace("aipkit_chat_container", "puffer"))
    assert [(chat.bot.id, chat.nonce) for chat in found.chats] == [("100", NONCE), ("101", NONCE)]
    (warning,) = found.warnings
    assert all(f"bot {number}: the config is in data-settings" in warning.detail for number in (100, 101))


@pytest.mark.parametrize("place", ["shortcode", "widget"])
@pytest.mark.parametrize("plugin", ["1.8.79", "1.9.18"])
@given(name=NAMES)
@example(name="csrf")
def test_an_attribute_of_generation_1_is_found(plugin: str, place: Literal["shortcode", "widget"], name: str) -> None:
    text = page_of_1x(plugin, place)
    at = text.index('data-nonce="', text.index("entry-content"))
    found = read(f"{text[:at]}data-x{name}{text[at + len('data-nonce') :]}".replace(NONCE, "0a1b2c3d4e"))
    assert found.chats[0].nonce == "0a1b2c3d4e"
    assert f"the nonce is in data-x{name}, not in data-nonce" in found.warnings[0].detail


def renamed_1x(place: Literal["shortcode", "widget"], **names: str | None) -> str:
    """Return a page of 1.9.18 with bot 5 and its attributes by other names; None takes one away with its value."""
    text = page(SiteSettings(plugin="1.9.18", bots=[Bot(id=5, place=place)], page_kilobytes=0), nonce="0a1b2c3d4e")
    for usual, new in names.items():
        written = re.compile(rf'data-{usual.replace("_", "-")}=("[^"]*")')
        text = written.sub("" if new is None else rf"{new}=\1", text)
    return text


@for_each("place", ["shortcode", "widget"])
@for_each(
    ("bot", "post"),
    [
        ("data-robot", None),
        ("data-xyz", None),
        (None, "data-xyz"),
        ("data-robot", "data-entry"),
        ("data-robot", "data-xyz"),
        ("data-xyz", "data-entry"),
    ],
)
def test_ids_of_generation_1_are_found_under_other_names(
    place: Literal["shortcode", "widget"], bot: str | None, post: str | None
) -> None:
    usual = read(renamed_1x(place)).chats[0]
    names = {"bot_id": bot, "post_id": post, "nonce": "data-token"}
    found = read(renamed_1x(place, **{name: new for name, new in names.items() if new is not None}))
    (chat,) = found.chats
    assert (chat.bot.id, chat.nonce) == (usual.bot.id, usual.nonce) == ("5", "0a1b2c3d4e")
    assert chat.post_id == usual.post_id != ""
    assert chat.names_post_id
    (warning,) = found.warnings
    for words in (f"bot's id is in {bot}, not in data-bot-id", f"post's id is in {post}, not in data-post-id"):
        assert (words in warning.detail) == ("None" not in words), warning.detail
    assert "sent" not in warning.detail


@pytest.mark.parametrize(
    ("bot", "post", "more"),
    [
        (None, None, ""),
        ("data-abc", "data-xyz", ""),
        (None, None, "data-new-switch='1'"),
        (None, None, "data-abc='7' data-xyz='8'"),
        (None, None, "data-bot-no='7' data-robot='8' data-entry='3' data-page-no='2'"),
    ],
)
def test_ids_of_generation_1_that_are_missing_or_unsure_are_named(bot: str | None, post: str | None, more: str) -> None:
    text = renamed_1x("shortcode", bot_id=bot, post_id=post).replace("data-fontsize", f"{more} data-fontsize")
    found = read(text)
    assert (found.chats[0].bot.id, found.chats[0].post_id) == ("0", "")
    (warning,) = found.warnings
    for words in ("there is no bot's id, so 0 is sent", "there is no post's id, so none is sent"):
        assert words in warning.detail
    with pytest.raises(UnknownModelError) as caught:
        found.find("5")
    assert caught.value.warnings == found.warnings


def test_a_release_that_never_had_a_bots_id_is_read_without_a_warning() -> None:
    old = element("div", class_="wpaicg-chat-shortcode", data_nonce="0a1b2c3d4e", data_post_id="6", data_xyz="7")
    asset = "/wp-content/plugins/gpt3-ai-content-generator/public/css/wp-ai-content-generator-public.css?ver=1.8.20"
    for head, release in (("", None), (f'<link rel="stylesheet" href="{asset}">', "1.8.20")):
        found = read(f"<!doctype html><html><head>{head}</head><body>{old}</div></body></html>")
        assert (found.chats[0].bot.id, found.chats[0].post_id, found.warnings) == ("0", "6", ())
        assert found.release == release


def test_the_known_names_of_generation_1_are_those_of_its_releases() -> None:
    """What any of them has beside the ids is never taken for one."""
    written = {name for release in built_in().names if release.startswith("1.") for name in names_of_1x(release)}
    assert {"data-bot-id", "data-fontsize"} < written <= wpaicg_ids.NAMES


def names_of_1x(release: str) -> set[str]:
    texts = (page_of_1x(release, "shortcode"), page_of_1x(release, "widget"))
    chats = re.compile(r'<div class="wpaicg-chat(?:-shortcode|box)\b[^"]*"(?:"[^"]*"|[^">])*>')
    return {name for text in texts for chat in chats.findall(text) for name in re.findall(r"\b(data-[\w-]+)\s*=", chat)}


def test_the_nonce_for_images_is_not_taken_for_the_chats() -> None:
    text = page_of_1x("1.9.18", "shortcode")
    assert "wpaicg-img-nonce" in text
    at = text.index('data-nonce="', text.index("entry-content"))
    with pytest.raises(NoNonceFound):
        read(text[:at] + text[text.index('"', at + len('data-nonce="')) + 1 :])


@pytest.mark.parametrize("instead", ["", "expired", "0123456789abcdef", None, 1_795_394_135])
def test_a_known_place_that_is_broken_is_not_replaced(instead: object) -> None:
    _, config = config_of(PAGES["inline"])
    with pytest.raises(NoNonceFound):
        read(with_config("inline", "data-config", {**config, "nonce": instead, "authToken": "c0ffeec0ff"}))


def test_of_several_that_it_could_be_none_is_taken() -> None:
    _, config = config_of(PAGES["inline"])
    del config["nonce"]
    for others in ({"aToken": "c0ffeec0ff", "bToken": "beadbeadbe"}, {"a": "c0ffeec0ff", "b": "beadbeadbe"}):
        with pytest.raises(NoNonceFound):
            read(with_config("inline", "data-config", {**config, **others}))


def test_ten_decimal_digits_are_a_nonce_only_by_their_name() -> None:
    _, config = config_of(PAGES["inline"])
    del config["nonce"]
    with pytest.raises(NoNonceFound):
        read(with_config("inline", "data-config", {**config, "changed": "1795394135"}))
    assert read(with_config("inline", "data-config", {**config, "auth": {"key": "1795394135"}})).chats[0].nonce


def test_an_error_has_the_warnings_of_page_and_answer(tmp_path: Path) -> None:
    (tmp_path / "92.5.1.yaml").write_text(
        f"base: {BASE_RELEASE}\n"
        "page: {renamed: {data-config: data-settings}}\n"
        "events: {renamed: {text: piece}, keys: {text: {delta: t}}}\n"
    )
    pack = registry.reference("aipower", releases=[tmp_path])
    with (
        MockSite(pack=pack, plugin="92.5.1") as site,
        blocking.ChatClient(site.url + "/chat/") as chat,
        pytest.raises(ProtocolError, match=r"no text was found .*: 8 'piece' with the key 't'") as caught,
    ):
        chat.ask("Hi")
    assert [each.code for each in caught.value.warnings] == ["unfamiliar-page", "unfamiliar-event"]


def test_a_nonce_from_the_endpoint_is_listed_as_missing_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "92.5.2.yaml").write_text(BASE + "page: {dropped: [nonce]}\n")
    pack = registry.reference("aipower", releases=[tmp_path])
    with MockSite(pack=pack, plugin="92.5.2") as site, blocking.ChatClient(site.url + "/chat/") as chat:
        found = chat.page()
        chat.ask("Hi")
    assert found.chats[0].nonce
    bot = found.chats[0].bot.id
    assert found.missing == (f"the nonce of bot {bot} on the page; the site gave one on request",)


def test_elements_of_other_plugins_are_not_chats() -> None:
    """Without a chat there is only what the decoys hold: like buttons, comments, templates, scripts."""
    text = page(SiteSettings(bots=[], chat=False, page_kilobytes=0, decoys=True))
    ratings = json.dumps({"ajaxUrl": AJAX, "nonce": "c0ffeec0ff", "itemId": 7})
    with pytest.raises(NoNonceFound):
        parse_page(HEAD, (text + f"<div class='rating' data-config='{html.escape(ratings)}'></div>").encode())


def fictional_pack(folder: Path) -> str:
    """Return the reference to a pack that knows the fictional release."""
    return registry.reference("aipower", releases=[fictional.write(folder)])


def test_the_fictional_release_is_asked_and_the_reply_warns(tmp_path: Path) -> None:
    with (
        MockSite(pack=fictional_pack(tmp_path), plugin=fictional.NAME, reply="Hello!") as site,
        blocking.ChatClient(site.url + "/chat/") as chat,
    ):
        reply = chat.ask("Hi")
    assert reply.text == "Hello!"
    (warning,) = [each for each in reply.warnings if each.code == "unfamiliar-page"]
    assert warning.detail.endswith(
        "the config is in data-settings, not in data-config; the nonce is in auth.token, not in nonce"
    )


def test_an_expired_nonce_in_a_new_place_is_refreshed(tmp_path: Path) -> None:
    settings = {"plugin": fictional.NAME, "nonce": "expired-on-first-page"}
    with (
        MockSite(pack=fictional_pack(tmp_path), settings=settings, reply="Hello!") as site,
        blocking.ChatClient(site.url + "/chat/") as chat,
    ):
        reply = chat.ask("Hi")
    assert (reply.text, [each.code for each in reply.warnings].count("unfamiliar-page")) == ("Hello!", 1)


CHAT = {"botId": 100, "nonce": "0a1b2c3d4e", "ajaxUrl": AJAX, "postId": 6, "streamEnabled": True}
BARE_OF_BOT = {key: value for key, value in CHAT.items() if key != "botId"}
BARE = {key: value for key, value in CHAT.items() if key != "nonce"}


def attribute(value: object) -> str:
    return html.escape(json.dumps(value), quote=True)


def element(tag: str, **attributes: str) -> str:
    """Return an element; underscores in names are hyphens."""
    written = " ".join(f'{name.strip("_").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<{tag} {written}>"


AIPKIT = "aipkit_chat_container"
ENCODED = base64.b64encode(json.dumps(CHAT).encode()).decode()
SHORT = {"bot": 100, "auth": "0a1b2c3d4e", "url": AJAX, "postId": 6}
PLAIN = {"data_bot_id": "100", "data_nonce": "0a1b2c3d4e", "data_ajax_url": AJAX, "data_post_id": "6"}
INVENTED = {
    "base64": (element("div", class_=AIPKIT, data_config=ENCODED), "the JSON in data-config is encoded"),
    "percent": (
        element("div", class_=AIPKIT, data_config=quote(json.dumps(CHAT))),
        "the JSON in data-config is encoded",
    ),
    "list": (element("div", class_=AIPKIT, data_config=attribute([CHAT])), "in a list"),
    "json string": (
        element("div", class_=AIPKIT, data_config=attribute({"v": 3, "chat": json.dumps(CHAT)})),
        "the nonce is in chat.nonce",
    ),
    "hidden input": (
        element("div", class_=AIPKIT, data_config=attribute(BARE))
        + '<form><input type="hidden" name="_ajax_nonce" value="0a1b2c3d4e"></form>',
        "the nonce is in the hidden input _ajax_nonce",
    ),
    "custom element": (
        element("aipkit-chat", data_config=attribute(CHAT)),
        "the chat is an element aipkit-chat of class ''",
    ),
    "bare attribute": (element("ai-chat", props=attribute(CHAT)), "the config is in props"),
    "main": (
        element("main", class_="puffer", data_props=attribute(CHAT)),
        "the chat is an element main of class 'puffer'",
    ),
    "another class": (element("div", class_="puffer", data_config=attribute(CHAT)), "an element div of class 'puffer'"),
    "no JSON": (element("div", class_="puffer", **PLAIN), "the ajax address is in data-ajax-url"),
    "short names": (
        element(
            "div", class_=AIPKIT, data_config=attribute({"bot": 100, "auth": "0a1b2c3d4e", "url": AJAX, "postId": 6})
        ),
        "the bot's id is in bot, not in botId",
    ),
    "variable of a script": (
        element("div", class_=AIPKIT, id_="aipkit_chat_container_100")
        + f"</div><script>var aipkitChats = {json.dumps({'100': CHAT, '101': {**CHAT, 'botId': 101}})};</script>",
        "the config is in an object in a script",
    ),
    "nonce with its end": (
        element(
            "div",
            class_=AIPKIT,
            data_config=attribute({**CHAT, "nonce": {"value": "0a1b2c3d4e", "expires": 1795394135}}),
        ),
        "the nonce is in nonce.value",
    ),
    "config in two attributes": (
        element("div", class_=AIPKIT, data_config=attribute({"botId": 100}), data_api=attribute(BARE_OF_BOT)),
        "the nonce is in data-api.nonce",
    ),
    "bot as an object": (
        element("div", class_=AIPKIT, data_config=attribute({**BARE_OF_BOT, "bot": {"id": 100, "name": "AI"}})),
        "the bot's id is in bot.id",
    ),
    "unusable address": (
        element("div", class_=AIPKIT, data_config=attribute({**CHAT, "ajaxUrl": "mailto:a@site.test"})),
        "the ajax address is 'mailto:a@site.test', so the site's default one is taken",
    ),
    "streamEnabled as a text": (
        element("div", class_=AIPKIT, data_config=attribute({**CHAT, "streamEnabled": "false"})),
        "streamEnabled is 'false'",
    ),
    "text/json": (
        f'<script type="text/json">[{json.dumps(CHAT)}]</script>{element("div", class_=AIPKIT)}',
        "the config is in a script",
    ),
}


@for_each("name", INVENTED)
def test_a_release_of_ones_own_invention_is_found_and_named(name: str) -> None:
    body, words = INVENTED[name]
    head = '<link rel="https://api.w.org/" href="http://site.test/wp-json/">'
    found = read(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")
    (chat,) = found.chats
    assert (chat.bot.id, chat.nonce, chat.ajax_url, chat.post_id) == ("100", "0a1b2c3d4e", AJAX, "6")
    (warning,) = found.warnings
    assert (warning.code, words in warning.detail) == ("unfamiliar-page", True), warning.detail


INVENTED_1X = {
    "another class": (
        {"class_": "wpaicg-chat-v2", "data_nonce": "0a1b2c3d4e", "data_post_id": "6", "data_bot_id": "5"},
        "",
    ),
    "renamed ids": (
        {"class_": "wpaicg-chatbox", "data_nonce": "0a1b2c3d4e", "data_page_id": "6", "data_chatbot_id": "5"},
        "the bot's id is in data-chatbot-id",
    ),
    "JSON": (
        {"class_": "wpaicg-chatbox", "data_params": attribute({"nonce": "0a1b2c3d4e", "post_id": 6, "bot_id": 5})},
        "the nonce is in data-params, nonce",
    ),
}


@pytest.mark.parametrize("name", INVENTED_1X)
def test_a_release_1x_of_ones_own_invention_is_found_and_named(name: str) -> None:
    attributes, words = INVENTED_1X[name]
    found = read(f"<!doctype html><html><body>{element('div', **attributes)}</div></body></html>")
    (chat,) = found.chats
    assert (chat.generation, chat.bot.id, chat.nonce, chat.post_id) == ("wpaicg", "5", "0a1b2c3d4e", "6")
    assert [words in warning.detail for warning in found.warnings] == [True]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://site.test:99999/ajax", "mailto:a@site.test"])
def test_an_unusable_ajax_address_of_release_1x_is_named(address: str) -> None:
    script = f"<script>var wpaicgParams = {json.dumps({'ajax_url': address})};</script>"
    chat = element("div", class_="wpaicg-chatbox", data_nonce="0a1b2c3d4e", data_post_id="6", data_bot_id="5")
    (warning,) = read(f"<body>{chat}</div>{script}</body>").warnings
    assert f"the ajax address is {address!r}, so the site's default one is taken" in warning.detail


def test_a_usable_ajax_address_beside_an_unusable_one_is_taken() -> None:
    scripts = "".join(
        f"<script>var wpaicgParams = {json.dumps({'ajax_url': address})};</script>" for address in ("file:///x", AJAX)
    )
    chat = element("div", class_="wpaicg-chatbox", data_nonce="0a1b2c3d4e", data_post_id="6", data_bot_id="5")
    found = read(f"<body>{chat}</div>{scripts}</body>")
    assert (found.chats[0].ajax_url, found.warnings) == (AJAX, ())


def test_a_broken_config_is_not_replaced_by_a_hidden_input() -> None:
    inside = '<input type="hidden" name="_ajax_nonce" value="0a1b2c3d4e">'
    for config in ({**CHAT, "nonce": ""}, {**CHAT, "nonce": "<!-- no nonce -->"}):
        with pytest.raises(NoNonceFound):
            read(f"<body>{element('div', class_=AIPKIT, data_config=attribute(config))}{inside}</div></body>")


@pytest.mark.parametrize("nonce", ["0a1b2c3d4e5f", "0a1b2c3d4e5f6071", "0A1B2C3D4E", ["0a1b2c3d4e"], 1_234_567_890, {}])
def test_a_nonce_of_another_kind_is_refused_and_not_sent(nonce: object) -> None:
    with pytest.raises(NoNonceFound):
        read(f"<body>{element('div', class_=AIPKIT, data_config=attribute({**CHAT, 'nonce': nonce}))}</div></body>")


@pytest.mark.parametrize("where", ["botId", "chatbotId", "data-bot-id"])
@pytest.mark.parametrize("bot", ["sales-bot", "3f2c8f34-0b1a-4d5e-9c11-8a2c5b6d7e8f"])
def test_a_bot_with_an_id_of_letters_is_found_and_named(where: str, bot: str) -> None:
    config = BARE_OF_BOT if where == "data-bot-id" else {**BARE_OF_BOT, where: bot}
    more = {"data_bot_id": bot} if where == "data-bot-id" else {}
    found = read(f"<body>{element('div', class_=AIPKIT, data_config=attribute(config), **more)}</div></body>")
    assert found.chats[0].bot.id == bot
    assert f"the bot's id is {bot!r}, not a number" in found.warnings[0].detail


def test_without_a_post_nothing_is_borrowed() -> None:
    config = {key: value for key, value in CHAT.items() if key != "postId"}
    found = read(f"<body>{element('div', class_=AIPKIT, data_config=attribute(config))}</div></body>")
    assert found.chats[0].post_id == ""
    assert "there is no post's id, so none is sent" in found.warnings[0].detail


def test_a_chat_without_a_bot_is_not_asked() -> None:
    body = element("div", class_=AIPKIT, data_config=attribute(BARE_OF_BOT))
    refusal, there = response("0", status="400 Bad Request"), response(f"<body>{body}</div></body>")
    with raw_site.site(refusal, pages=[there]) as server:
        with blocking.ChatClient(server.url) as chat, pytest.raises(PageError, match="no id of a bot"):
            chat.ask("Hi")
        assert server.count("POST") == 0
