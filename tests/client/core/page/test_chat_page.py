"""Chats are read off pages of every release, however the page is written and whatever else is on it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each
from tests.support.pages import recorded_pages
from tests.support.raw_site import NONCES, aipkit_config, aipkit_element, document, wpaicg_element

from chatgptfree.core.page.chat_page import ChatPage, is_nonce
from chatgptfree.core.page.page_reader import parse_page, read_page
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import (
    ChallengeError,
    ChatError,
    NoNonceFound,
    PageError,
    RateLimitedError,
    UnknownModelError,
    UpstreamError,
)

URL = "https://site.test/chat/"


def head(status: int = 200, *, url: str = URL, **headers: str) -> ResponseHead:
    fields = {"content_type": "text/html; charset=UTF-8", **headers}
    return ResponseHead(
        status=status, url=url, headers=tuple((name.replace("_", "-"), value) for name, value in fields.items())
    )


def read(html: str | bytes, **arguments: Any) -> ChatPage:
    return read_page(head(**arguments), html.encode() if isinstance(html, str) else html)


def recorded_document(page: dict[str, Any]) -> bytes:
    """Put what was kept of a recorded page back in its place: assets in the head, elements and scripts in the body."""
    assets = "".join(
        f"<script src='http://h/wp-content/plugins/{asset}'></script>"
        if ".js" in asset
        else f"<link rel='stylesheet' href='http://h/wp-content/plugins/{asset}' />"
        for asset in page["assets"]
    )
    scripts = "".join(f"<script>{line}</script>" for line in page["wpaicgParams"] or ())
    elements = "".join(page["chat_elements"])
    return f"<!DOCTYPE html><html><head>{assets}</head><body>{elements}{scripts}</body></html>".encode()


@for_each("page", recorded_pages(), ids=lambda page: f"{page['plugin']} {page['case']}")
def test_every_recorded_page_is_read(page: dict[str, Any]) -> None:
    read_one = read_page(ResponseHead(status=page["status"], url=URL), recorded_document(page))
    assert read_one.release == page["plugin"]
    assert read_one.missing == ()
    assert len(read_one.chats) == sum("data-nonce" in tag or "data-config" in tag for tag in page["chat_elements"])
    for chat in read_one.chats:
        assert is_nonce(chat.nonce or "")
        assert chat.post_id.isdecimal()
        assert chat.ajax_url.startswith("http://127.0.0.1:")
        assert chat.ajax_url.endswith("/wp-admin/admin-ajax.php")
        assert (chat.generation == "wpaicg") == page["plugin"].startswith("1.")
        assert chat.has_nonce_endpoint == (page["plugin"] > "2.3")
    popups = [chat for chat in read_one.chats if chat.bot.kind == "popup"]
    assert bool(popups) == any("aipkit_popup_wrapper" in tag for tag in page["chat_elements"])


ELEMENT = wpaicg_element()


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(ELEMENT, id="as the plugin writes it"),
        pytest.param(ELEMENT.replace('"', "'"), id="single quotes"),
        pytest.param(
            ELEMENT.replace('"', "").replace("wpaicg-chat-shortcode\n", "wpaicg-chat-shortcode "), id="no quotes"
        ),
        pytest.param(ELEMENT.replace('="', ' = "'), id="blanks around the equals signs"),
        pytest.param(ELEMENT.replace("data-", "DATA-").replace("<div", "<DIV"), id="upper case"),
        pytest.param(" ".join(ELEMENT.split()), id="on one line"),
        pytest.param(
            '<div data-bot-id="0" data-post-id="4" data-nonce="0123456789" data-openai_stream_nav="1"'
            ' class="x wpaicg-chat-shortcode"></div>',
            id="another order, more classes",
        ),
        pytest.param(ELEMENT.replace("0123456789", "&#48;123456789"), id="entities"),
        pytest.param('<section><p><b><div class="nested">' + ELEMENT, id="unclosed tags around"),
    ],
)
def test_how_the_element_is_written_does_not_matter(element: str) -> None:
    chat = read(document(element)).chats[0]
    assert (chat.bot.id, chat.nonce, chat.post_id, chat.bot.streaming) == ("0", "0123456789", "4", True)


@for_each(
    "decoy",
    [
        pytest.param('<button id="wpaicg_export_btn" data-nonce="9999999999" data-post-id="1">', id="an export button"),
        pytest.param(f"<!-- {wpaicg_element('9999999999')} -->", id="a comment"),
        pytest.param(f"<template>{wpaicg_element('9999999999')}</template>", id="a template"),
        pytest.param(f"<noscript>{wpaicg_element('9999999999')}</noscript>", id="a noscript"),
        pytest.param(f"<script>var x = `{wpaicg_element('9999999999')}`</script>", id="a script"),
        pytest.param(f"<textarea>{wpaicg_element('9999999999')}</textarea>", id="a text field"),
        pytest.param('<input type="hidden" id="wpaicg-img-nonce" value="9999999999" />', id="the nonce for images"),
        pytest.param('<script>var wpApiSettings = {"nonce":"9999999999"};</script>', id="the REST nonce"),
        pytest.param('<div class="like-button" data-nonce="9999999999" data-post-id="77"></div>', id="another plugin"),
        pytest.param(
            '<ul class="wpaicg-chat-shortcode-messages" data-nonce="9999999999"></ul>', id="a part of a chat element"
        ),
    ],
)
def test_what_only_looks_like_a_chat_is_passed_over(decoy: str) -> None:
    page = read(document(decoy, ELEMENT, decoy))
    assert [chat.nonce for chat in page.chats] == ["0123456789"]
    assert page.chats[0].post_id == "4"


def test_the_values_of_one_bot_come_from_one_element() -> None:
    first = wpaicg_element(NONCES[1], bot_id="10", post_id="1")
    second = wpaicg_element(NONCES[2], bot_id="20", post_id="2", kind="widget")
    page = read(document(first, second))
    assert (page.find("20").nonce, page.find("20").post_id, page.find("20").bot.kind) == (NONCES[2], "2", "widget")
    assert page.find(None).bot.id == "10"


def test_of_a_bot_that_is_there_twice_the_element_with_a_nonce_counts() -> None:
    page = read(document(wpaicg_element("<!--esi-->"), wpaicg_element(kind="widget")))
    assert (page.find("0").nonce, page.find("0").bot.kind) == ("0123456789", "widget")
    assert [bot.id for bot in page.bots] == ["0"]


def test_the_stray_bracket_of_1_9_16_is_not_part_of_the_post_id() -> None:
    assert read(document(wpaicg_element(post_id="<13"))).chats[0].post_id == "13"


@pytest.mark.parametrize("post_id", ["", "0", "abc", "4 5", "٣"])
def test_a_post_id_that_is_none_is_missing_and_not_fatal(post_id: str) -> None:
    page = read(document(wpaicg_element(post_id=post_id)))
    assert page.chats[0].post_id == ""
    assert "the post id of bot 0" in page.missing


@pytest.mark.parametrize(
    "nonce",
    [
        pytest.param("", id="empty"),
        pytest.param("0123456789A", id="too long"),
        pytest.param("ABCDEF0123", id="upper case"),
        pytest.param("012345678g", id="no hexadecimal digit"),
        pytest.param("<!-- ESI block failed -->", id="a comment of a cache plugin"),
    ],
)
def test_a_nonce_that_is_none_is_named_and_never_sent(nonce: str) -> None:
    with pytest.raises(NoNonceFound, match=r"^No nonce found$") as caught:
        read(document(wpaicg_element(nonce)))
    assert nonce[:10] in caught.value.excerpt
    assert parse_page(head(), document(wpaicg_element(nonce)).encode()).chats[0].nonce is None


def test_the_error_for_a_page_without_a_chat_describes_the_page() -> None:
    with pytest.raises(NoNonceFound) as caught:
        read(document("<p>Parked at Example</p>", title="This domain is for sale"))
    assert isinstance(caught.value, PageError)
    assert isinstance(caught.value, RuntimeError)
    assert caught.value.kind == "page"
    assert "This domain is for sale" in caught.value.excerpt


def test_a_shortcode_that_nobody_resolved_is_named() -> None:
    with pytest.raises(NoNonceFound) as caught:
        read(document("<p>[wpaicg_chatgpt]</p>"))
    assert "[wpaicg_chatgpt" in caught.value.excerpt


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, PageError),
        (410, PageError),
        (403, ChallengeError),
        (429, RateLimitedError),
        (499, PageError),
        (500, UpstreamError),
        (524, UpstreamError),
    ],
)
def test_the_status_comes_before_the_content(status: int, kind: type[ChatError]) -> None:
    with pytest.raises(kind) as caught:
        read(document("<h1>Oops</h1>"), status=status, retry_after="7")
    assert caught.value.status == status
    assert "Oops" in caught.value.excerpt
    assert "<" not in caught.value.excerpt
    assert caught.value.retry_after == 7


CONFIG = aipkit_config(headerName='GPT "5" & <Mini> é’s', ajaxUrl="https://site.test/wp-admin/admin-ajax.php")


@pytest.mark.parametrize(
    "element",
    [
        pytest.param(aipkit_element(CONFIG), id="inline"),
        pytest.param(
            aipkit_element(CONFIG).replace("data-config='", 'data-config="').replace("'>", '">'), id="minified"
        ),
        pytest.param(aipkit_element(CONFIG).replace("/wp-admin", "\\/wp-admin"), id="escaped slashes"),
        pytest.param(aipkit_element(CONFIG).replace(' data-bot-id="5"', ""), id="the id in the config only"),
    ],
)
def test_a_bot_of_generation_2_is_read_off_its_config(element: str) -> None:
    chat = read(document(element)).chats[0]
    assert (chat.bot.id, chat.bot.name, chat.bot.provider) == ("5", 'GPT "5" & <Mini> é’s', "OpenAI")
    assert (chat.nonce, chat.post_id, chat.generation) == (NONCES[0], "9", "aipkit")
    assert chat.names_post_id
    assert chat.ajax_url == "https://site.test/wp-admin/admin-ajax.php"


def test_a_popup_is_one_bot_and_its_wrapper_has_the_values() -> None:
    wrapper = aipkit_element(CONFIG).replace("aipkit_chat_container aipkit-theme-dark", "aipkit_popup_wrapper")
    inner = (
        '<div class="aipkit_chat_container aipkit_popup_content" id="aipkit_chat_container_5" aria-hidden="true"></div>'
    )
    page = read(document(wrapper.replace("</div>", inner + "</div>")))
    assert [(chat.bot.id, chat.bot.kind, chat.nonce) for chat in page.chats] == [("5", "popup", NONCES[0])]


def test_several_bots_are_found_by_id_and_by_name() -> None:
    names = {25865: "GPT-4o mini", 25869: "Qwen", 25871: "gpt-5-nano"}
    page = read(document(*(aipkit_element(aipkit_config(bot_id=id_, headerName=name)) for id_, name in names.items())))
    assert [bot.id for bot in page.bots] == ["25865", "25869", "25871"]
    assert page.find("25869").bot.name == "Qwen"
    assert page.find(" GPT-5-Nano").bot.id == "25871"
    with pytest.raises(UnknownModelError, match=r"no bot 'o9' on the page; there is 25865 \(GPT-4o mini\), 25869"):
        page.find("o9")


@pytest.mark.parametrize(
    ("config", "generation"),
    [
        ({"streamEnabled": False}, "aipkit-json"),
        ({"streamEnabled": True}, "aipkit"),
        ({}, "aipkit"),
    ],
)
def test_the_config_decides_whether_the_bot_answers_in_one_piece(config: dict[str, Any], generation: str) -> None:
    assert read(document(aipkit_element(aipkit_config(**config)))).chats[0].generation == generation


@pytest.mark.parametrize("text", ["", "no json", '{"botId":5', "[]", '"x"', "[" * 5000], ids=lambda text: text[:12])
def test_a_config_that_can_not_be_read_is_shown(text: str) -> None:
    with pytest.raises(NoNonceFound) as caught:
        read(document(f"<div class='aipkit_chat_container' data-bot-id='5' data-config='{text}'></div>"))
    assert text[:20] in caught.value.excerpt


ROOT = "https://site.test"
PLUGIN = f"{ROOT}/wp/wp-content/plugins/gpt3-ai-content-generator"


@for_each(
    ("extra", "ajax_url"),
    [
        pytest.param(
            '<script>var wpaicgParams = {"ajax_url":"https:\\/\\/site.test\\/other\\/ajax.php","languages":{"a":"};"}};'
            "</script>",
            f"{ROOT}/other/ajax.php",
            id="the plugin's script",
        ),
        pytest.param(
            '<script>var wpaicgParams={"ajax_url":"/x/admin-ajax.php"}</script>',
            f"{ROOT}/x/admin-ajax.php",
            id="minified",
        ),
        *(
            pytest.param(
                f'<script>{declared}{{"ajax_url":"/x/admin-ajax.php"}}</script>',
                f"{ROOT}/x/admin-ajax.php",
                id=declared,
            )
            for declared in (
                "var a=1,wpaicgParams=",
                "const wpaicgParams = ",
                "window.wpaicgParams=",
                'var wpaicgParamsOld = {"ajax_url":"/old"}, wpaicgParams = ',
                "wpaicgParams = {broken}; wpaicgParams = ",
            )
        ),
        pytest.param(
            '<script>var wpaicgParams = {"ajax_url":"javascript:alert(1)"};</script>',
            f"{ROOT}/chat/wp-admin/admin-ajax.php",
            id="not an http or https address",
        ),
        pytest.param(
            f"<link rel='https://api.w.org/' href='{ROOT}/blog/wp-json/' />",
            f"{ROOT}/blog/wp-admin/admin-ajax.php",
            id="the REST link",
        ),
        *(
            pytest.param(
                f"<link rel='https://api.w.org/' href='{ROOT}/blog/{query}' />",
                f"{ROOT}/blog/wp-admin/admin-ajax.php",
                id=f"the REST link, {query}",
            )
            for query in ("index.php?rest_route=/", "?rest_route=/")
        ),
        pytest.param(
            f"<script src='{PLUGIN.replace('site', 'cdn.site')}/public/js/x.js'></script>",
            f"{ROOT}/chat/wp-admin/admin-ajax.php",
            id="an asset elsewhere",
        ),
        pytest.param(
            f"<script src='{PLUGIN}/public/js/x.js'></script>", f"{ROOT}/wp/wp-admin/admin-ajax.php", id="an asset"
        ),
        pytest.param(
            f"<link rel='stylesheet' href='{PLUGIN}/public/css/x.css'>",
            f"{ROOT}/wp/wp-admin/admin-ajax.php",
            id="a style",
        ),
        pytest.param("", f"{ROOT}/chat/wp-admin/admin-ajax.php", id="nothing but the page's own address"),
        pytest.param(
            '<script>var wpaicgParams = {"ajax_url":"http://site.test/wp-admin/admin-ajax.php"};</script>',
            f"{ROOT}/wp-admin/admin-ajax.php",
            id="plain http on a page that came by https",
        ),
    ],
)
def test_where_to_ask_is_read_off_the_page(extra: str, ajax_url: str) -> None:
    assert read(document(ELEMENT, extra)).chats[0].ajax_url == ajax_url


def test_where_to_ask_is_also_in_the_link_header() -> None:
    page = read(document(ELEMENT), link='<https://site.test/blog/wp-json/>; rel="https://api.w.org/"')
    assert page.chats[0].ajax_url == "https://site.test/blog/wp-admin/admin-ajax.php"


@pytest.mark.parametrize(
    ("assets", "release"),
    [
        ("<script src='{}/dist/js/public-main.bundle.js?ver=2.4.71'></script>", "2.4.71"),
        ("<link href='{}/dist/css/public-main.bundle.css?ver=1795394135' rel='stylesheet'>", None),
        ("<link href='{}/public/css/wp-ai-content-generator-public.css?ver=1.9.18'>", "1.9.18"),
        ("<script src='{}/public/js/wp-ai-content-generator-public.js?x=1&#038;ver=1.8.93'></script>", "1.8.93"),
        ("<script src='{}/dist/vendor/js/markdown-it.min.js?ver=14.1.0'></script>", None),
        ("<script src='/wp-includes/js/wp-emoji.js?ver=6.1.9'></script>", None),
        ("<script src='{}/dist/js/public-main.bundle.js?ver=2.'></script>", None),
        (f"<script src='{{}}/dist/js/public-main.bundle.js?ver=2.{'9' * 5000}'></script>", None),
        (
            "<script src='http://[broken/gpt3-ai-content-generator/dist/js/public-main.bundle.js?ver=1.2'></script>",
            None,
        ),
    ],
)
def test_the_release_is_that_of_the_plugins_own_asset(assets: str, release: str | None) -> None:
    assert read(document(ELEMENT, assets.format(PLUGIN))).release == release


NAME = "Žluťoučký kůň"
NAMED = document(aipkit_element(aipkit_config(headerName=NAME)))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(NAMED.encode(), "text/html", id="no charset"),
        pytest.param(NAMED.encode(), "text/html; charset=ISO-8859-1", id="a wrong charset"),
        pytest.param(b"\xef\xbb\xbf" + NAMED.encode(), "text/html", id="a byte order mark"),
        pytest.param(NAMED.encode("cp1250"), "text/html; charset=windows-1250", id="another charset"),
        pytest.param(
            NAMED.replace("<head>", '<head><meta charset="windows-1250">').encode("cp1250"), "text/html", id="in a meta"
        ),
        pytest.param(NAMED.encode("utf-16"), "text/html", id="UTF-16"),
    ],
)
def test_the_charset_is_found(body: bytes, content_type: str) -> None:
    assert read(body, content_type=content_type).chats[0].bot.name == NAME


@pytest.mark.parametrize("charset", ["rot13", "unicode_escape", "no-such", "utf-7", "base64", "\0", "idna"])
def test_a_charset_that_is_none_does_no_harm(charset: str) -> None:
    body = document(ELEMENT, "\xe9").encode("latin-1")
    assert read(body, content_type=f"text/html; charset={charset}").chats[0].nonce == "0123456789"


def test_a_nonce_is_not_shown_by_repr() -> None:
    assert NONCES[0] not in repr(read(document(ELEMENT)))


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<div>" * 1_000_000, id="nested without an end"),
        pytest.param(
            "<div " + " ".join(f"a{n}=1" for n in range(500_000)) + ">", id="one tag, half a million attributes"
        ),
    ],
)
def test_a_document_that_no_browser_would_survive_is_refused_at_once(markup: str) -> None:
    with pytest.raises(PageError, match="can't be read"):
        read("<html>" + markup)


MARKUP = "<div|class=wpaicg-chat-shortcode|data-nonce=|>|</div>|'|<|&|{|}|<!--|-->|<script>|data-config='|<p>|é|\0"
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *MARKUP.split("|"),
            *('"', "0123456789", " ", "=", " class=aipkit_popup_wrapper", "<svg>", "<table>", "<base href=//[>"),
            *("var wpaicgParams = ", json.dumps(CONFIG), " data-post-id", "</script>"),
        ]
    )
)


@given(parts=FRAGMENTS)
def test_no_page_makes_the_reader_fail_in_another_way(parts: list[str]) -> None:
    try:
        page = read("".join(parts))
    except ChatError:
        return
    assert any(is_nonce(chat.nonce or "") for chat in page.chats)


@pytest.mark.parametrize("address", ["//site.]$", "http://[", "http://site:port/", "javascript:x"])
def test_an_address_that_is_none_is_left_aside(address: str) -> None:
    body = document(wpaicg_element().replace("http://localhost", address)).encode()
    page = read_page(ResponseHead(status=200, url="http://site/chat/"), body)
    assert page.chats[0].page_url == "http://site/chat/"
