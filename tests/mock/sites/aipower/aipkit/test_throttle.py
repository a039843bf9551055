"""Who is throttled, and how often; and what an administrator may do that others may not."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.aipkit_guest import NOW, data_of, events_of, guest, named

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.nonces import NonceMint, User

TOO_OFTEN = "Too many requests. Please wait a minute and try again."


class LoggedIn:
    """A user of a site, who sends the cookie that the page set."""

    def __init__(self, plugin: str, logged_in: bool | str, **more: Any) -> None:
        self.site = guest(plugin, logged_in=logged_in, **more).site
        page = self.site.answer(SiteRequest(method="GET", path="/chat/"))
        self.cookie = dict(page.response.headers)["Set-Cookie"].partition(";")[0]
        token = self.cookie.partition("=")[2].partition("|")[0]
        user = User(id=1 if logged_in == "administrator" else 2, token=token)
        mint = NonceMint(salt=self.site.settings.nonce_salt.encode())
        self.fields = {
            "_ajax_nonce": mint.issue("aipkit_frontend_chat_nonce", now=NOW, user=user),
            "bot_id": "25865",
            "conversation_uuid": "c",
        }

    def post(self, action: str, **fields: str) -> SiteReply:
        body = urlencode({"action": action, **self.fields, **fields}).encode()
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", self.cookie))
        return self.site.answer(SiteRequest(method="POST", path="/wp-admin/admin-ajax.php", headers=headers, body=body))

    def errors(self, message: str = "Hello") -> list[str]:
        key = data_of(self.post("aipkit_cache_sse_message", message=message))["cache_key"]
        query = urlencode({"action": "aipkit_frontend_chat_stream", "cache_key": key, **self.fields})
        headers = (("Cookie", self.cookie),)
        request = SiteRequest(method="GET", path="/wp-admin/admin-ajax.php", query=query, headers=headers)
        return [data["error"] for data in named(events_of(self.site.answer(request)), "error")]


@pytest.mark.parametrize(("logged_in", "throttled"), [(True, True), ("subscriber", True), ("administrator", False)])
def test_administrators_alone_are_not_throttled(logged_in: bool | str, throttled: bool) -> None:
    user = LoggedIn("2.4.97", logged_in, requests_per_minute=2, bots=[{"speech": True}])
    assert [user.errors(), user.errors()] == [[], []]
    assert user.errors() == ([TOO_OFTEN] if throttled else [])
    assert (user.post("aipkit_generate_speech", text="Hi").response.status == 429) is throttled


def test_administrators_are_banned_and_have_quotas_like_others() -> None:
    banned = LoggedIn("2.4.97", "administrator", banned={"ips": ["127.0.0.1"]})
    assert banned.errors() == ["Access from your IP address has been blocked."]
    limited = LoggedIn("2.4.97", "administrator", limit={"tokens": 0})
    assert limited.errors() == ["Access disabled for your account/role."]


def test_the_requests_of_administrators_do_not_count_for_others() -> None:
    user = LoggedIn("2.4.97", "administrator", requests_per_minute=1)
    assert [user.errors() for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize(
    ("plugin", "logged_in", "words"),
    [
        ("2.4.97", "administrator", "Content writer prompt cannot be empty."),
        ("2.4.97", "subscriber", "You do not have permission to use Content Writer."),
        ("2.4.81", "subscriber", "Content writer prompt cannot be empty."),
    ],
)
def test_the_content_writer_is_for_users_with_that_permission(plugin: str, logged_in: str, words: str) -> None:
    assert LoggedIn(plugin, logged_in).errors(json.dumps({"stream_context": "content_writer"})) == [words]


@pytest.mark.parametrize(
    ("plugin", "limit", "warned"),
    [("2.4.84", 3, False), ("2.4.97", 1, False), ("2.4.81", 1, True), ("1.8.93", 1, True)],
)
def test_a_site_can_set_the_limit_where_there_is_one(plugin: str, limit: int, warned: bool) -> None:
    site = guest(plugin, None, requests_per_minute=limit)
    warnings = site.site.warnings()
    assert [warning.startswith("`requests_per_minute` has no effect on ") for warning in warnings] == [True] * warned
    if plugin.startswith("2"):
        refused = [bool(named(site.ask(), "error")) for _ in range(limit + 1)]
        assert refused == [False] * limit + [not warned]


@settings(max_examples=30)
@given(
    limit=st.integers(1, 5),
    times=st.lists(st.floats(0, 300).map(lambda second: round(second, 3)), max_size=25).map(sorted),
)
def test_in_no_minute_of_the_clock_more_are_answered_than_the_limit(limit: int, times: list[float]) -> None:
    site = guest("2.4.97", requests_per_minute=limit)
    start = site.now[0]
    statuses: dict[int, int] = {}
    for second in times:
        site.now[0] = start + second
        minute = int(site.now[0] // 60)
        passed = not named(site.ask(), "error")
        assert passed is (statuses.get(minute, 0) < limit)
        statuses[minute] = statuses.get(minute, 0) + passed
