"""Speech since 2.4.84: what it costs and from whose quota, how its provider fails, and the state of its requests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.aipkit_guest import Guest, data_of, guest, named

from chatgptfree_mock.contract.request import SiteRequest

OPERATION = "0b7a9c2e-4f51-4d0a-9a3e-2f6f0f3f7a11"
QUOTA = "You have reached your quota for this period."
ABLE: dict[str, Any] = {"speech": True, "voice": True, "images": True}
FAILED: dict[str, Any] = {
    "http_error": {"status": 429, "message": "Slow down", "code": "rate_limit", "cloud": {"stop_batch": True}}
}


def talker(plugin: str, *, provider: str = "OpenAI", tokens: int | None = None, **model: Any) -> Guest:
    limit = None if tokens is None else {"tokens": tokens}
    return guest(plugin, bots=[{**ABLE, "provider": provider}], limit=limit, model=model)


def speak(site: Guest, text: str, **fields: str) -> tuple[int, dict[str, Any]]:
    reply = site.post("aipkit_generate_speech", text=text, **fields)
    return reply.response.status, data_of(reply)


def test_text_for_speech_counts_since_2_4_84() -> None:
    since, before = talker("2.4.84", tokens=2), talker("2.4.81", tokens=2)
    for site in (since, before):
        assert speak(site, "12345")[0] == 200
    assert speak(since, "more") == (429, {"message": QUOTA})
    assert speak(before, "more")[0] == 200
    assert [data["error"] for data in named(since.ask(), "error")] == [QUOTA]
    assert named(before.ask(), "error") == []


@settings(max_examples=30)
@given(texts=st.lists(st.text("ab", min_size=1, max_size=12), max_size=6), limit=st.integers(1, 8))
def test_speech_is_refused_once_the_quota_is_used_up(texts: list[str], limit: int) -> None:
    site, used = talker("2.4.97", tokens=limit), 0
    for text in texts:
        passed = speak(site, text)[0] == 200
        assert passed is (used < limit)
        used += -(-len(text) // 4) if passed else 0


def test_without_a_session_the_quota_is_that_of_address_and_browser() -> None:
    site = talker("2.4.97", tokens=1)
    body = f"action=aipkit_generate_speech&_ajax_nonce={site.nonce}&bot_id={site.bot}&text=Hi".encode()
    form = ("Content-Type", "application/x-www-form-urlencoded")

    def status(address: str, browser: str) -> int:
        request = SiteRequest(
            method="POST", path="/wp-admin/admin-ajax.php", headers=(form, ("User-Agent", browser)), body=body
        )
        return site.site.answer(replace(request, remote=address)).response.status

    seen = [status(*who) for who in [("10.0.0.1", "a"), ("10.0.0.1", "a"), ("10.0.0.2", "a"), ("10.0.0.1", "b")]]
    assert seen == [200, 429, 200, 200]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("aipkit_generate_speech", {"text": "Hi"}),
        ("aipkit_transcribe_audio", {"audio_data": "aGk="}),
        ("aipkit_chat_generate_image", {"prompt": "a cat"}),
    ],
)
def test_a_provider_that_fails(action: str, fields: dict[str, str]) -> None:
    reply = talker("2.4.97", **FAILED).post(action, **fields)
    assert (reply.response.status, data_of(reply)) == (429, {"message": "Slow down", "code": "rate_limit"})
    gone = talker("2.4.97", refused=True).post(action, **fields)
    assert (gone.response.status, data_of(gone)) == (500, {"message": "cURL error 52: Empty reply from server"})
    assert talker("2.4.81", **FAILED).post(action, **fields).response.status == 200


def test_a_cloud_error_names_its_operation() -> None:
    assert speak(talker("2.4.97", provider="AIPufferCloud", **FAILED), "Hi", operation_id=OPERATION) == (
        429,
        {"message": "Slow down", "code": "rate_limit", "operation_id": OPERATION, "stop_batch": True},
    )
    status, data = speak(talker("2.4.97", provider="AIPufferCloud", refused=True), "Hi", operation_id=OPERATION)
    assert (status, data["operation_id"], data["outcome_unknown"]) == (500, OPERATION, True)


def test_speech_that_fails_costs_nothing() -> None:
    site = talker("2.4.97", tokens=1, http_error={"status": 503})
    assert [speak(site, "Hello")[0] for _ in range(2)] == [503, 503]


@pytest.mark.parametrize("state", ["dispatched", "reconciliation_pending", "settled", "released"])
def test_the_state_of_a_request_is_that_of_the_settings(state: str) -> None:
    site = guest("2.4.97", bots=[{**ABLE, "provider": "AIPufferCloud", "cloud_state": state}])
    speak(site, "Hi", operation_id=OPERATION)
    assert data_of(site.post("aipkit_speech_request_status", operation_id=OPERATION)) == {"state": state}
