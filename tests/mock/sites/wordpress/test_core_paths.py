"""Addresses of WordPress itself, its redirects and its web server's limits, beyond what was recorded."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.support.many_cases import for_each
from tests.support.raw_client import RawClient

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.wordpress.front.limits import BUFFER
from chatgptfree_mock.tape.model import Response

BASE = "http://site.test/blog"


def answer(target: str, *, method: str = "GET", headers: tuple[tuple[str, str], ...] = (), **settings: Any) -> Response:
    site = AipowerSite(site_from(settings), now=lambda: 1_795_000_000.0, random=Random(1))
    path, _, query = target.partition("?")
    return site.answer(SiteRequest(method=method, path=path, query=query, headers=headers, base_url=BASE)).response


@for_each(
    ("target", "there", "kept_out"),
    [
        ("/?p=261", "/chat/", True),
        ("/?page_id=261", "/chat/", False),
        ("/?p=6", "/", True),
        ("/?page_id=6", "/", False),
        ("/?page_id=261&utm=1", "/chat/?utm=1", False),
        ("/chat", "/chat/", False),
        ("/CHAT/?a=b", "/chat/?a=b", False),
        ("/index.php", "/", False),
        ("/index.php?a=b", "/?a=b", False),
        ("/?author=1", "/author/admin/", False),
    ],
)
def test_pages_have_one_address(target: str, there: str, kept_out: bool) -> None:
    moved = answer(target)
    assert (moved.status, moved.header("Location"), moved.header("X-Redirect-By")) == (301, BASE + there, "WordPress")
    assert bool(moved.header("Expires")) is kept_out


@pytest.mark.parametrize("target", ["/?p=7", "/?page_id=0", "/?page_id[]=261", "/?author=2", "/chat/?page_id=261"])
def test_what_names_no_page_is_not_moved(target: str) -> None:
    assert answer(target).status == 200


@pytest.mark.parametrize("target", ["/%C3%A9/", "/a%20b", "/no%2Fwhere/", "/no//where"])
def test_the_widget_of_a_missing_page_names_the_address_as_it_was_sent(target: str) -> None:
    missing = answer(f"{target}?a=b", plugin="1.8.93", bots=[{"place": "widget"}])
    assert missing.status == 404
    assert f'data-url="{BASE}{target.rstrip("/")}"' in missing.body.decode()


@pytest.mark.parametrize("target", ["/chat", "/chat/", "/CHAT/", "/?page_id=261", "/?p=261"])
def test_a_chat_page_on_the_front_has_the_address_of_the_front(target: str) -> None:
    assert answer(target, page_on_front=True).header("Location") == f"{BASE}/"


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
@pytest.mark.parametrize("page", ["/", "/chat/", "both"])
def test_a_chat_page_on_the_front_holds_all_its_bots(plugin: str, page: str) -> None:
    front = answer("/", plugin=plugin, page_on_front=True, bots=[{"id": 7, "page": page}], page_kilobytes=0)
    assert b"261" in front.body
    assert b'data-bot-id="7"' in front.body
    assert front.headers[-1] == ("Link", f"<{BASE}/>; rel=shortlink")
    assert answer("/?page_id=6", plugin=plugin, page_on_front=True).status == 200


@for_each(
    ("target", "status", "kind"),
    [
        ("/robots.txt", 200, "text/plain; charset=utf-8"),
        ("/feed/", 200, "application/rss+xml; charset=UTF-8"),
        ("/wp-sitemap.xml", 200, "application/xml; charset=UTF-8"),
        ("/wp-login.php", 200, "text/html; charset=UTF-8"),
        ("/wp-cron.php", 200, "text/html; charset=UTF-8"),
        ("/wp-comments-post.php", 405, "text/plain"),
        ("/xmlrpc.php", 405, "text/plain;charset=UTF-8"),
        ("/favicon.ico", 302, "text/html; charset=UTF-8"),
        ("/wp-admin", 301, "text/html"),
        ("/wp-admin/", 302, "text/html; charset=UTF-8"),
        ("/wp-admin/index.php?a=1", 302, "text/html; charset=UTF-8"),
        ("/wp-admin/admin-ajax.php/extra", 404, "text/html; charset=UTF-8"),
        ("/wp-json", 200, "application/json; charset=UTF-8"),
        ("/wp-jsonx", 404, "text/html; charset=UTF-8"),
        ("/?rest_route=/wp/v2/pages", 200, "application/json; charset=UTF-8"),
        ("/?rest_route=/nope", 404, "application/json; charset=UTF-8"),
        ("/?s=hello", 200, "text/html; charset=UTF-8"),
        ("/author/admin/", 200, "text/html; charset=UTF-8"),
        ("/nothing/", 404, "text/html; charset=UTF-8"),
    ],
)
@for_each("plugin", ["1.8.93", "2.4.71"])
def test_wordpress_answers_for_itself(plugin: str, target: str, status: int, kind: str) -> None:
    found = answer(target, plugin=plugin, page_kilobytes=0)
    assert (found.status, found.header("Content-Type")) == (status, kind)


def test_the_admin_area_sends_to_the_login_and_back() -> None:
    back = "http%3A%2F%2Fsite.test%2Fblog%2Fwp-admin%2Findex.php%3Fa%3D1"
    there = answer("/wp-admin/index.php?a=1").header("Location")
    assert there == f"{BASE}/wp-login.php?redirect_to={back}&reauth=1"


def test_the_icon_that_the_favicon_leads_to_is_there() -> None:
    there = answer("/favicon.ico").header("Location").removeprefix(BASE)
    assert answer(there).body.startswith(b"\x89PNG")


@pytest.mark.parametrize("target", ["/", "/nothing/", "/wp-admin/admin-ajax.php", "/feed/"])
def test_an_answer_to_head_has_no_length(target: str) -> None:
    head, got = answer(target, method="HEAD"), answer(target)
    assert not head.header("Transfer-Encoding")
    assert got.header("Transfer-Encoding") == "chunked"
    assert head.header("Connection") == "keep-alive"


@pytest.mark.parametrize("plugin", ["1.8.93", "1.9.16"])
@pytest.mark.parametrize(("target", "address"), [("/nothing-here/", "/nothing-here"), ("/a/b'c?x=1", "/a/b'c")])
def test_the_page_for_not_found_carries_the_widget_of_the_whole_site(plugin: str, target: str, address: str) -> None:
    bots = [{"place": "widget"}, {"place": "shortcode"}, {"id": 7, "place": "widget", "page": "/chat/"}]
    found = answer(target, plugin=plugin, bots=bots, page_kilobytes=0)
    assert found.status == 404
    (widget,) = LexborHTMLParser(found.body).css("div.wpaicg-chatbox")
    values = widget.attributes
    site = AipowerSite(site_from({"plugin": plugin}), now=lambda: 1_795_000_000.0, random=Random(1))
    assert (values["data-post-id"] or "").strip("<") == ""
    assert (values["data-url"], values["data-nonce"]) == (BASE + address, site.nonce())
    assert LexborHTMLParser(found.body).css("div.wpaicg-chat-shortcode") == []


def test_the_address_on_the_page_for_not_found_is_each_visitors_own() -> None:
    site = AipowerSite(
        site_from({"plugin": "1.8.93", "bots": [{"place": "widget"}], "page_kilobytes": 0}),
        now=lambda: 1_795_000_000.0,
        random=Random(1),
    )
    bodies = [
        site.answer(SiteRequest(method="GET", path=path, base_url=BASE)).response.body for path in ("/a/", "/b/", "/a/")
    ]
    assert [f'data-url="{BASE}/{name}"'.encode() in body for name, body in zip("aba", bodies, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("length", "status"), [(BUFFER - len("GET  HTTP/1.1\r\n") - len("/blog"), 404), (BUFFER, 414), (100_000, 414)]
)
def test_a_request_line_fits_into_a_buffer_or_is_refused(length: int, status: int) -> None:
    assert answer("/" + "x" * (length - 1)).status == status
    assert answer("/x?" + "y" * (length - 3)).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((("Cookie", "x" * (BUFFER - len("Cookie: \r\n"))),), 200),
        ((("Cookie", "x" * BUFFER),), 400),
        (tuple((f"X-{number}", "x" * 7000) for number in range(4)), 200),
        (tuple((f"X-{number}", "x" * 7000) for number in range(5)), 400),
    ],
)
def test_headers_fit_into_four_buffers_or_are_refused(headers: tuple[tuple[str, str], ...], status: int) -> None:
    found = answer("/chat/", headers=headers, page_kilobytes=0)
    assert found.status == status
    assert (b"Request Header Or Cookie Too Large" in found.body) is (status == 400)


@pytest.mark.asyncio
async def test_the_web_server_and_not_aiohttp_refuses_what_is_too_long() -> None:
    async with MockSite() as site:
        async with RawClient(site.url) as client:
            refused = await client.get("/chat/?" + "x" * 9000)
        assert (refused.status, refused.header("Server"), refused.header("Connection")) == (
            414,
            "nginx/1.22.1",
            "close",
        )
        assert b"414 Request-URI Too Large" in refused.body
        async with RawClient(site.url) as client:
            refused = await client.get("/chat/", headers=f"Cookie: {'x' * 20_000}\r\n")
        assert (refused.status, refused.header("Connection")) == (400, "close")
        assert b"Request Header Or Cookie Too Large" in refused.body
        async with RawClient(site.url) as client:
            head = await client.get("/chat/", method="HEAD")
        assert (head.status, head.header("Transfer-Encoding"), head.header("Content-Length")) == (200, None, None)


def test_json_that_overflows_the_buffer_of_php_has_its_headers_in_another_order() -> None:
    orders = []
    for pieces in (["x" * 3000], ["x" * 5000]):
        settings = site_from({"plugin": "1.8.93", "bots": [{"stream": False}], "model": {"reply": pieces}})
        site = AipowerSite(settings, now=lambda: 1_795_000_000.0, random=Random(1))
        form = f"action=wpaicg_chat_shortcode_message&message=Hi&_wpnonce={site.nonce()}".encode()
        kind = (("Content-Type", "application/x-www-form-urlencoded"),)
        request = SiteRequest(method="POST", path="/wp-admin/admin-ajax.php", headers=kind, body=form)
        response = site.answer(request).response
        assert json.loads(response.body)["data"] == pieces[0]
        orders.append([name for name, _ in response.headers[-4:]])
    assert orders[0] == ["Referrer-Policy", "X-Frame-Options", "Expires", "Cache-Control"]
    assert orders[1] == ["Expires", "Cache-Control", "Referrer-Policy", "X-Frame-Options"]
