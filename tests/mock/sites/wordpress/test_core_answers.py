"""What WordPress and its web server answer before the plugin is asked, and the headers of each release of WordPress."""

from __future__ import annotations

import pytest
from tests.support.chat_site import FORM, HOST, ChatSite, kind, text_of
from tests.support.many_cases import for_each
from tests.support.releases import NEWER, NEWEST

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError, UnknownReleaseError
from chatgptfree_mock.sites.wordpress.core import core_traits

FRAMED = ["Server", "Date", "Content-Type", "Transfer-Encoding", "Connection"]
EARLY = ["X-Robots-Tag", "Expires", "Cache-Control"]
FULL = [
    "X-Robots-Tag",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "X-Frame-Options",
    "Expires",
    "Cache-Control",
]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param(b"", EARLY, id="no action"),
        pytest.param(b"action=", EARLY, id="an empty action"),
        pytest.param(b"action=0", EARLY, id="the action 0, which PHP finds empty"),
        pytest.param(b"action[]=wpaicg_chatbox_message", EARLY, id="an array of actions"),
        pytest.param(b"action=heartbeat", FULL, id="an action that nobody answers"),
        pytest.param(b"action=aipkit_cache_sse_message", FULL, id="an action of the other generation"),
        pytest.param(b"action=WPAICG_CHATBOX_MESSAGE", FULL, id="an action in upper case"),
    ],
)
def test_an_unknown_action_is_0(body: bytes, names: list[str]) -> None:
    reply = ChatSite("1.9.18").send(body, FORM)
    assert (reply.response.status, text_of(reply), kind(reply)) == (400, "0", "text/html; charset=UTF-8")
    assert [name for name, _ in reply.response.headers] == [*FRAMED, *names]


@pytest.mark.parametrize(
    ("wordpress", "logged_in", "rule", "policy"),
    [
        ("6.1.9", True, "no-cache, must-revalidate, max-age=0", ""),
        ("6.2", False, "no-cache, must-revalidate, max-age=0", ""),
        ("6.3", False, "no-cache, must-revalidate, max-age=0", ""),
        ("6.7.9", True, "no-cache, must-revalidate, max-age=0, no-store, private", ""),
        ("6.8", False, "no-cache, must-revalidate, max-age=0, no-store, private", ""),
        ("7.1.4", False, "no-cache, must-revalidate, max-age=0, no-store, private", "frame-ancestors 'self';"),
    ],
    ids=lambda value: str(value)[-20:],
)
def test_wordpress_changes_its_headers(wordpress: str, logged_in: bool, rule: str, policy: str) -> None:
    chat = ChatSite("1.9.18", wordpress=wordpress, logged_in=logged_in)
    cookie = chat.page().response.header("Set-Cookie").partition(";")[0]
    reply = chat.send(b"action=nobody", FORM, ("Cookie", cookie))
    assert reply.response.header("Cache-Control") == rule
    assert reply.response.header("Content-Security-Policy") == policy


def test_the_two_generations_were_recorded_on_different_wordpresses() -> None:
    assert not ChatSite("1.9.18").send(b"").response.header("Content-Security-Policy")
    assert ChatSite("2.4.71").send(b"action=x", FORM).response.header("Content-Security-Policy")


@pytest.mark.parametrize("wordpress", ["4.3", "six", "6", "6.1-beta", "٦.١", ""])
def test_a_wordpress_that_is_none_is_named(wordpress: str) -> None:
    with pytest.raises(SettingsError, match=r"\$\.wordpress"):
        core_traits(wordpress)


def test_an_unknown_plugin_release_is_named() -> None:
    with pytest.raises(
        UnknownReleaseError, match=r"`1\.7` - at `\$\.plugin`; the nearest is 1\.8\.79, then 1\.8\.80, .*; there are"
    ):
        ChatSite("1.7", strict_release=True)


def test_an_unknown_plugin_release_is_its_neighbour_and_every_answer_gives_the_reason() -> None:
    site = ChatSite(NEWER)
    notice = f"{NEWER} is not known; behaves as {NEWEST}"
    assert site.site.warnings() == (notice,)
    assert notice in site.page().why
    assert notice in site.post().why
    assert f"?ver={NEWEST}" in site.page().response.body.decode()
    known = ChatSite(NEWEST)
    assert known.site.warnings() == ()
    assert not any("not known" in reason for reason in known.page().why)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        pytest.param("http://127.0.0.1", True, id="the site's host"),
        pytest.param("https://127.0.0.1", True, id="the site's host over TLS"),
        pytest.param(HOST, False, id="the host with its port, which core does not know"),
        pytest.param("https://evil.example", False, id="another host"),
        pytest.param("null", False, id="null"),
        pytest.param("", False, id="none"),
    ],
)
def test_core_allows_the_hosts_origin_without_a_port(origin: str, allowed: bool) -> None:
    chat = ChatSite("1.9.18")
    preflight = chat.send(b"", ("Origin", origin), method="OPTIONS")
    assert (preflight.response.status, preflight.response.body) == (200 if allowed else 403, b"")
    posted = chat.post(("Origin", origin))
    assert posted.response.status == 200
    for reply in (preflight, posted):
        assert reply.response.header("Access-Control-Allow-Origin") == (origin if allowed else "")
        assert reply.response.header("Access-Control-Allow-Credentials") == ("true" if allowed else "")


@for_each(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/../etc/passwd", 400, id="out of the site"),
        pytest.param("GET", "/%2e%2e/%2e%2e/etc/passwd", 400, id="out of the site, encoded"),
        pytest.param("GET", "/chat/%00", 400, id="a NUL"),
        pytest.param("GET", "/wp-content/../../x", 400, id="out through a folder"),
        pytest.param("GET", "/wp-content/plugins/nothing.js", 404, id="a file that is not there"),
        pytest.param("GET", "/wp-json/wp/v2/pages/6", 404, id="a REST route"),
        pytest.param("GET", "/nowhere/", 404, id="a page that is not there"),
        pytest.param("TRACE", "/", 405, id="TRACE"),
        pytest.param("GET", "//chat//", 200, id="doubled slashes"),
        pytest.param("GET", "/x/../chat/", 200, id="up and down again"),
        pytest.param("HEAD", "/chat/", 200, id="HEAD"),
        pytest.param("POST", "/chat/", 200, id="a POST to a page"),
        pytest.param("DELETE", "/wp-admin/admin-ajax.php", 400, id="a method without fields"),
        pytest.param("GET", "/%ff", 404, id="a path that is no UTF-8"),
    ],
)
def test_the_web_server_answers_paths(method: str, path: str, status: int) -> None:
    reply = ChatSite("1.9.18").site.answer(SiteRequest(method=method, path=path, base_url=HOST))
    assert reply.response.status == status


@pytest.mark.parametrize(
    ("path", "query", "there"),
    [("/chat", "", "/chat/"), ("/chat", "a=1", "/chat/?a=1"), ("/", "p=261", "/chat/"), ("/", "page_id=261", "/chat/")],
    ids=["no slash", "no slash with a query", "a short link", "a page id"],
)
def test_wordpress_sends_pages_to_their_address(path: str, query: str, there: str) -> None:
    reply = ChatSite("1.9.18").site.answer(SiteRequest(method="GET", path=path, query=query, base_url=f"{HOST}/folder"))
    assert (reply.response.status, reply.response.header("Location")) == (301, f"{HOST}/folder{there}")


def test_a_renamed_ajax_address_leaves_nothing_at_the_old_one() -> None:
    chat = ChatSite("1.9.18", front={"ajax_path": "/go/ajax"})
    assert chat.post().response.status == 404
    moved = chat.site.answer(SiteRequest(method="GET", path="/go/ajax", base_url=HOST))
    assert (moved.response.status, text_of(moved)) == (400, "0")


def test_every_answer_is_dated() -> None:
    reply = ChatSite("1.9.18").page()
    assert reply.response.headers[:2] == (("Server", "nginx/1.22.1"), ("Date", "Thu, 07 Nov 2024 17:20:00 GMT"))
