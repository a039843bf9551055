"""WPAICG, who is turned away and with which words: referers, addresses, words, limits and retired actions."""

from __future__ import annotations

import pytest
from tests.support.chat_site import AJAX, HOST, ChatSite, json_of, text_of

EXPIRED = "The link you followed has expired."
BANNED = {"status": "error", "msg": "You are not allowed to access this feature."}
ONE_PIECE = {"bots": [{"stream": False}]}


def again(referer: str) -> str:
    return f'{EXPIRED}</p><p><a href="{referer}">Please try again.</a>'


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        pytest.param(f"{HOST}/chat/", again(f"{HOST}/chat/"), id="a page of the site is offered again"),
        pytest.param(f"{HOST}/chat/?a=1&b=2", again(f"{HOST}/chat/?a=1&#038;b=2"), id="its ampersands are escaped"),
        pytest.param(f"{HOST}{AJAX}", EXPIRED, id="admin-ajax.php itself is not"),
        pytest.param("https://elsewhere.example/chat/", EXPIRED, id="nor is another site"),
    ],
)
def test_a_refused_nonce_offers_the_page_that_asked(referer: str, expected: str) -> None:
    assert text_of(ChatSite("1.8.91").post(("Referer", referer), _wpnonce="0000000000")) == expected


@pytest.mark.parametrize(("release", "status"), [("1.8.90", 200), ("1.8.91", 403)])
def test_blanks_around_a_nonce_are_forgiven_until_1_8_90(release: str, status: int) -> None:
    site = ChatSite(release)
    reply = site.post(_wpnonce=f" {site.site.nonce()}\n")
    assert (reply.response.status, "DONE" in text_of(reply)) == (status, status == 200)


IP_HEADERS = ["Client-IP", "X-Forwarded-For", "X-Forwarded", "X-Cluster-Client-IP", "Forwarded-For", "Forwarded"]


@pytest.mark.parametrize("header", IP_HEADERS)
def test_a_banned_address_is_taken_from_any_header(header: str) -> None:
    site = ChatSite("1.9.18", banned={"ips": ["192.0.2.9"]}, **ONE_PIECE)
    addresses = "192.0.2.9, 198.51.100.1" if header == "X-Forwarded-For" else "192.0.2.9"
    assert json_of(site.post((header, addresses), remote="203.0.113.1")) == BANNED
    assert json_of(site.post((header, "198.51.100.1"), remote="192.0.2.9"))["status"] == "success"


@pytest.mark.parametrize(
    ("release", "message", "status"),
    [
        pytest.param("1.9.18", "so BAD", "error", id="whatever the case"),
        pytest.param("1.9.18", "bad, really", "success", id="punctuation belongs to the word"),
        pytest.param("1.8.96", "so\nbad", "success", id="so does a line break that the release keeps"),
        pytest.param("1.8.95", "so\nbad", "error", id="the release before makes it a blank"),
    ],
)
def test_banned_words_are_found_between_blanks(release: str, message: str, status: str) -> None:
    assert json_of(ChatSite(release, banned={"words": ["bad"]}, **ONE_PIECE).post(message=message))["status"] == status


def test_every_banned_word_is_an_event_before_the_answer() -> None:
    body = text_of(ChatSite("1.9.18", banned={"words": ["bad", "evil"]}).post(message="bad evil bad"))
    assert body.count('"messageFlagged":true') == 3
    assert body.endswith("data: [DONE]\n\n")


def test_a_limit_counts_per_client_id_and_never_without_one() -> None:
    site = ChatSite("1.9.18", limit={"tokens": 1}, **ONE_PIECE)
    asked = [json_of(site.post(wpaicg_chat_client_id=client)) for client in ("a", "a", "b", None, None)]
    assert [answer.get("status", "limited") for answer in asked] == ["success", "limited", *["success"] * 3]


@pytest.mark.parametrize(("release", "status"), [("1.8.86", 400), ("1.8.87", 200)])
def test_leads_can_be_left_from_their_release_on(release: str, status: int) -> None:
    assert ChatSite(release).post(action="wpaicg_submit_lead", chatId="1").response.status == status
