"""Who is who on a site: nonces per visitor, cookies, the nonce that settings ask for, and sites that share nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.support.chat_site import ChatSite, json_of

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore

HOUR = 3600.0


def page_nonce(reply: SiteReply) -> str:
    found = re.search(rb'data-nonce="([^"]*)"', reply.response.body)
    assert found
    return found[1].decode()


def cookie(reply: SiteReply) -> tuple[str, str]:
    """Return the header with which the cookie of an answer goes back."""
    return "Cookie", reply.response.header("Set-Cookie").partition(";")[0]


def accepted(reply: SiteReply) -> bool:
    return reply.refused is None and "data" in json_of(reply)


def chat_site(plugin: str = "1.9.18", **settings: Any) -> ChatSite:
    return ChatSite(plugin, bots=[{"stream": False}], decoys=False, **settings)


def test_guests_share_a_nonce_and_get_no_cookie() -> None:
    chat = chat_site()
    first, second = chat.page(), chat.page()
    assert page_nonce(first) == page_nonce(second) == chat.site.nonce()
    assert not first.response.header("Set-Cookie")


@pytest.mark.parametrize(("hours", "good"), [(0, True), (12, True), (25, False)])
def test_a_nonce_expires_when_the_clock_is_turned(hours: float, good: bool) -> None:
    chat = chat_site()
    nonce = page_nonce(chat.page())
    chat.now += hours * HOUR
    assert accepted(chat.post(_wpnonce=nonce)) is good


@pytest.mark.parametrize(
    ("setting", "pages"),
    [
        pytest.param("fresh", [True, True], id="fresh"),
        pytest.param("expired-on-first-page", [False, True, True], id="expired on the first page"),
        pytest.param("always-expired", [False, False, False], id="always expired"),
        pytest.param("previous-tick", [True, True], id="of the tick before"),
    ],
)
def test_settings_decide_what_the_page_carries(setting: str, pages: list[bool]) -> None:
    chat = chat_site(nonce=setting)
    assert [accepted(chat.post(_wpnonce=page_nonce(chat.page()))) for _ in pages] == pages


@pytest.mark.parametrize(
    ("setting", "good"), [("fresh", True), ("previous-tick", True), ("missing", True), ("always-expired", False)]
)
def test_the_site_itself_accepts_the_nonce_that_it_gives_out(setting: str, good: bool) -> None:
    assert accepted(chat_site(nonce=setting).post()) is good


def test_a_page_may_carry_no_nonce() -> None:
    assert b'data-nonce=""' in chat_site(nonce="missing").page().response.body


def test_pages_that_hold_no_chat_are_not_the_first() -> None:
    chat = chat_site(nonce="expired-on-first-page")
    chat.page(path="/nowhere/")
    assert not accepted(chat.post(_wpnonce=page_nonce(chat.page())))


@pytest.mark.parametrize(
    "settings", [{"logged_in": True}, {"front": {"visitor_cookie": True}}], ids=["logged in", "a cookie for guests"]
)
def test_a_nonce_may_belong_to_one_visitor(settings: dict[str, Any]) -> None:
    chat = chat_site(**settings)
    mine, yours = chat.page(), chat.page()
    assert page_nonce(mine) != page_nonce(yours)
    assert accepted(chat.post(cookie(mine), _wpnonce=page_nonce(mine)))
    assert not accepted(chat.post(cookie(yours), _wpnonce=page_nonce(mine))), "not with another's cookie"
    assert not accepted(chat.post(_wpnonce=page_nonce(mine))), "not without the cookie"
    forged = ("Cookie", cookie(mine)[1].replace("|", "0|"))
    assert not accepted(chat.post(forged, _wpnonce=page_nonce(mine)))


def test_other_cookies_do_not_matter() -> None:
    chat = chat_site(logged_in=True)
    page = chat.page()
    name, value = cookie(page)
    others = (name, f"a,b=1; ;=; {value.replace('|', '%7C')}; {value.partition('=')[0]}=forged")
    assert accepted(chat.post(others, _wpnonce=page_nonce(page)))


def test_a_visitor_keeps_the_cookie_on_later_visits() -> None:
    chat = chat_site(logged_in=True)
    first = chat.page()
    again = chat.page(cookie(first))
    assert page_nonce(again) == page_nonce(first)
    assert not again.response.header("Set-Cookie")


def test_processes_with_one_salt_know_each_others_visitors() -> None:
    one, other = chat_site(logged_in=True), chat_site(logged_in=True)
    page = one.page()
    assert accepted(other.post(cookie(page), _wpnonce=page_nonce(page)))


def test_sites_with_another_salt_do_not() -> None:
    one, other = chat_site(), chat_site(nonce_salt="another")
    assert not accepted(other.post(_wpnonce=page_nonce(one.page())))


@pytest.mark.parametrize(
    "header", ["=", ";;;", "a=b; chat_visitor", 'chat_visitor="|"', "chat_visitor=x|y", "\udcff=1"]
)
def test_broken_cookies_make_a_guest(header: str) -> None:
    chat = chat_site(front={"visitor_cookie": True})
    page = chat.page(("Cookie", header))
    assert page.response.header("Set-Cookie")


def test_two_sites_share_no_quota_and_no_log() -> None:
    settings: dict[str, Any] = {"bots": [{"id": 5, "stream": False}], "limit": {"tokens": 5}}
    one, other = ChatSite("1.9.18", **settings), ChatSite("1.9.18", **settings)
    fields = {"bot_id": "5", "wpaicg_chat_client_id": "me"}
    assert json_of(one.post(**fields))["log"] == 1
    assert "tokenLimitReached" in json_of(one.post(**fields))
    assert json_of(other.post(**fields))["log"] == 1


def test_what_is_remembered_is_bounded() -> None:
    usage = UsageStore(MemoryStore())
    for number in range(10_050):
        usage.count(("Shortcode ID: 5", f"client{number}"), 10)
    assert usage.used(("Shortcode ID: 5", "client0")) == 0
    assert usage.used(("Shortcode ID: 5", "client10049")) == 10
    assert usage.used(("Shortcode ID: 5", "client50")) == 10
