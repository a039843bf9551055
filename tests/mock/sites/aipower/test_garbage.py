"""Whatever is sent to a site, it answers, and with no more than it was asked for."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.chat_site import AJAX, HOST, ChatSite

from chatgptfree_mock.contract.request import SiteRequest

RELEASES = ("1.8.79", "1.8.93", "1.9.18", "2.3", "2.4.71")
ACTIONS = (
    "wpaicg_chat_shortcode_message",
    "wpaicg_chatbox_message",
    "wpaicg_submit_lead",
    "aipkit_cache_sse_message",
    "aipkit_frontend_chat_stream",
    "aipkit_frontend_chat_message",
    "aipkit_get_frontend_chat_nonce",
)
NAMES = ("_wpnonce", "_ajax_nonce", "message", "bot_id", "post_id", "wpaicg_chat_history", "cache_key", "session_id")
JUNK = st.text(max_size=30) | st.sampled_from(
    ["0", "NaN", "-1", "9" * 40, "\0", "<42", "[[", '{"a":', "%41" * 9, "\\" * 9]
)
KEYS = st.sampled_from(NAMES) | st.sampled_from([f"{name}[]" for name in NAMES] + ["", "[", "a[b", "action[]"])
HEADERS = st.sampled_from(["Content-Type", "Cookie", "Origin", "Referer", "X-Forwarded-For", "Accept-Encoding", "Host"])
KINDS = st.sampled_from(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ";"])


@cache
def site(release: str) -> ChatSite:
    return ChatSite(release, limit={"tokens": 5}, banned={"words": ["x"]}, moderation={})


@st.composite
def site_requests(draw: st.DrawFn) -> SiteRequest:
    pairs = draw(st.lists(st.tuples(KEYS, JUNK), max_size=8))
    encoded = "&".join(f"{name}={text}" for name, text in pairs).encode("utf-8", "surrogatepass")
    action = b"action=" + draw(st.sampled_from(ACTIONS)).encode()
    body = draw(st.binary(max_size=60) | st.just(action + b"&" + encoded))
    headers = [("Content-Type", draw(KINDS)), *draw(st.lists(st.tuples(HEADERS, JUNK), max_size=4))]
    return SiteRequest(
        method=draw(st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "FOO", ""])),
        path=draw(st.sampled_from([AJAX, AJAX, "/", "/chat/"]) | st.text(max_size=20).map("/".__add__)),
        query=draw(st.just("") | st.just(action.decode()) | st.text(max_size=30)),
        headers=tuple(headers),
        body=body,
        base_url=HOST,
    )


@settings(deadline=None, max_examples=300)
@given(release=st.sampled_from(RELEASES), request=site_requests())
def test_every_request_gets_an_answer(release: str, request: SiteRequest) -> None:
    response = site(release).site.answer(request).response
    assert 200 <= response.status < 600
    assert sum(size for _, size in response.chunks) in (0, len(response.body))
    assert len(response.body) < 300_000
    for name, value in response.headers:
        assert "\n" not in name + value, "no header is broken by what was sent"
        assert "\r" not in name + value


GIANTS = {
    "letters": b"x" * 120_000,
    "scripts that are never closed": b"<script>" * 15_000,
    "octets in octets": b"%25" * 24_000 + b"41" * 24_000,
    "tags": b"<a%20b='" * 18_000,
    "brackets": b"[" * 120_000,
    "backslashes": b"\\" * 120_000,
    "ampersands": b"%26" * 25_000,
}


@pytest.mark.parametrize("giant", [pytest.param(giant, id=name) for name, giant in GIANTS.items()])
def test_giant_fields_make_no_giant_answers(giant: bytes) -> None:
    for release in RELEASES:
        chat = site(release)
        nonce = chat.site.nonce().encode()
        for name in (b"message", b"wpaicg_chat_history", b"action", b"_wpnonce", b"post_id"):
            body = b"_wpnonce=" + nonce + b"&action=wpaicg_chatbox_message&message=hi&" + name + b"=" + giant
            reply = chat.send(body, ("Content-Type", "application/x-www-form-urlencoded"))
            assert len(reply.response.body) < 100_000
            assert sum(map(len, reply.why)) < 1000
