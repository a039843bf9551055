"""What is new from 2.4.72 to 2.4.97, met by the client: throttle, Cloud, PHP errors, more keys on the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chatgptfree import blocking
from chatgptfree.errors import InterruptedStreamError, RateLimitedError, RefusedError, UpstreamError
from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.serving import MockSite

CLOUD = [{"id": 9, "provider": "AIPufferCloud"}]
REPLY = ["Hel", "lo"]


class StoppedClock(SystemClock):
    """A frozen wall clock, so that no minute ends during a test."""

    def time(self) -> float:
        return 1_795_396_913.0


@contextmanager
def chatting(
    plugin: str = "2.4.97", *, clock: SystemClock | None = None, **settings: Any
) -> Iterator[blocking.ChatClient]:
    """Return a client of a site with these settings."""
    model = {"reply": REPLY, **settings.pop("model", {})}
    with (
        MockSite(settings={"plugin": plugin, "model": model, **settings}, delivery="pace=instant", clock=clock) as site,
        blocking.ChatClient(site.url + "/chat/") as chat,
    ):
        yield chat


def test_the_request_over_the_throttle_is_rate_limited() -> None:
    with chatting(clock=StoppedClock()) as chat:
        for _ in range(60):
            assert chat.ask("Hi").text == "Hello"
        with pytest.raises(RateLimitedError) as caught:
            chat.ask("Hi")
    assert caught.value.retry_after is None
    assert "Please wait a minute" in str(caught.value)


@pytest.mark.parametrize("plugin", ["2.4.77", "2.4.79", "2.4.81", "2.4.84", "2.4.97"])
def test_more_keys_on_the_page_are_nothing_unfamiliar(plugin: str) -> None:
    with chatting(plugin) as chat:
        assert "formGateEnabled" in chat.page().chats[0].config
        reply = chat.ask("Hi")
    assert (reply.text, reply.warnings) == ("Hello", ())


def test_a_stream_of_the_cloud_that_breaks_is_an_error_after_its_text() -> None:
    with chatting(bots=CLOUD, model={"no_end_mark": True}) as chat, pytest.raises(UpstreamError) as caught:
        chat.ask("Hi")
    assert caught.value.partial == "Hello"
    assert "The Cloud response was interrupted." in str(caught.value)


def test_more_keys_in_an_error_event_do_not_hide_its_words() -> None:
    failure = {"after": 1, "code": "site_limit", "message": "x"}
    with chatting(bots=CLOUD, model={"error_midway": failure}) as chat, pytest.raises(UpstreamError) as caught:
        chat.ask("Hi")
    assert caught.value.partial == "Hel"
    assert "This site has reached its Cloud spending limit." in str(caught.value)


@pytest.mark.parametrize(
    ("failure", "retryable"),
    [
        ({"code": "site_limit"}, False),
        ({"code": "input_too_large"}, False),
        ({"code": "credits"}, False),
        ({"code": "credits", "cloud": {"credits_refresh": "1 March"}}, True),
        ({"code": "gateway_refused"}, True),
        ({"code": "provider_daily_limit"}, True),
    ],
)
@pytest.mark.parametrize("how", ["error_midway", "http_error"])
def test_a_failure_of_the_cloud_is_retryable_where_time_alone_mends_it(
    how: str, failure: dict[str, Any], retryable: bool
) -> None:
    more = {"after": 1} if how == "error_midway" else {"status": 402}
    with chatting(bots=CLOUD, model={how: {**more, **failure}}) as chat, pytest.raises(UpstreamError) as caught:
        chat.ask("Hi")
    assert caught.value.retryable is retryable


def test_empty_deltas_of_the_cloud_are_not_text() -> None:
    with chatting(bots=CLOUD) as chat:
        reply = chat.ask("Hi")
    assert (reply.text, reply.warnings) == ("Hello", ())


def test_a_php_error_is_the_sites_failure() -> None:
    with chatting("2.4.81", php_error_after=1) as chat, pytest.raises(UpstreamError) as caught:
        chat.ask("Hi")
    assert caught.value.partial == "Hel"


def test_a_banned_address_is_reported_before_the_quota() -> None:
    banned: dict[str, Any] = {"banned": {"ips": ["127.0.0.1"]}, "limit": {"tokens": 1}}
    with chatting(**banned) as chat, pytest.raises(RefusedError, match="IP address"):
        chat.ask("Hi")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"broken_tables": ["throttle"]}, "Unable to verify this request. Please try again."),
        ({"broken_tables": ["cached-messages"]}, "Failed to store message in database cache."),
        ({"broken_tables": ["conversations"]}, "Failed to log user message."),
        ({"missing_classes": True}, "SSE service components not fully initialized."),
        ({"php_error_after": "checks"}, "The AI request could not be completed."),
        ({"php_curl": False, "model": {"refused": "timeout"}}, "Connection Error: fsocket timed out"),
        ({"bots": [{"provider": "Claude"}], "model": {"web_search_error": "unavailable"}}, "Claude web search failed"),
        ({"bots": CLOUD, "model": {"http_error": {"code": "credits"}}}, "AI Puffer Cloud credits have run out."),
    ],
)
def test_what_a_site_lacks_is_the_sites_failure(settings: dict[str, Any], words: str) -> None:
    with chatting(**settings) as chat, pytest.raises(UpstreamError, match=words) as caught:
        chat.ask("Hi")
    assert caught.value.partial in ("", None)


def test_an_answer_of_a_php_without_curl_is_an_answer() -> None:
    with chatting(php_curl=False) as chat:
        reply = chat.ask("Hi")
    assert (reply.text, reply.warnings) == ("Hello", ())


def test_a_release_that_needs_curl_breaks_off_without_it() -> None:
    with chatting("2.4.79", php_curl=False) as chat, pytest.raises(InterruptedStreamError):
        chat.ask("Hi")


def test_an_answer_through_chat_completions_is_an_answer() -> None:
    with chatting(model={"api": "chat-completions"}) as chat:
        assert chat.ask("Hi").text == "Hello"


def test_a_cloud_that_cannot_search_refuses_the_question() -> None:
    with (
        chatting(bots=CLOUD, model={"web_search": True}) as chat,
        pytest.raises(RefusedError, match="The selected Cloud model cannot process images or web search"),
    ):
        chat.ask("Hi")
