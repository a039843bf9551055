"""Scenarios on a running mock: runs of their own, and one for everybody."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from chatgptfree_mock.server.control import SCENARIO_SITES
from chatgptfree_mock.serving import MockServer

STORY = "nonce/expired-403"


def get(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=300)
    connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""))
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def nonce(url: str) -> str:
    status, page = get(url)
    assert status == 200
    element = LexborHTMLParser(page).css_first("div.wpaicg-chat-shortcode")
    assert element is not None
    return str(element.attributes["data-nonce"])


def ask(url: str, with_nonce: str) -> int:
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=300)
    body = f"action=wpaicg_chat_shortcode_message&_wpnonce={with_nonce}&message=Hi&bot_id=0"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{parts.path}wp-admin/admin-ajax.php", body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_each_run_has_a_first_page_of_its_own() -> None:
    with MockServer() as server:
        for run in ("a", "b"):
            url = f"{server.url}/s/{STORY}/@{run}/"
            stale = nonce(url)
            fresh = nonce(url)
            assert stale != fresh
            assert [ask(url, stale), ask(url, fresh)] == [403, 200]


def test_a_run_may_be_named_in_the_query() -> None:
    with MockServer() as server:
        _, page = get(f"{server.url}/s/{STORY}/?run=mine")
        assert f"/s/{STORY}/@mine/" in page
        _, run = server.app[SCENARIO_SITES].start(STORY, "other")
        assert run.counts.pages == 0


def test_the_shared_run_begins_anew_with_the_first_page_after_an_answer() -> None:
    with MockServer() as server:
        url = f"{server.url}/s/{STORY}/"
        for _ in range(2):
            assert ask(url, nonce(url)) == 403
            assert ask(url, nonce(url)) == 200


def test_what_was_asked_is_counted() -> None:
    with MockServer() as server:
        _, run = server.app[SCENARIO_SITES].start(STORY, "x")
        url = f"{server.url}/s/{STORY}/@x/"
        ask(url, nonce(url))
        get(f"{url}favicon.ico")
        assert (run.counts.pages, run.counts.posts) == (1, 1)


@pytest.mark.parametrize("path", ["/s/nonce/expired-404/", "/s/nonce/", "/s/"])
def test_a_scenario_that_does_not_exist_is_a_404_that_helps(path: str) -> None:
    with MockServer() as server:
        status, text = get(server.url + path)
    assert status == 404
    assert "/s/<layer>/<name>/" in text or "did you mean `nonce/expired-403`" in text
