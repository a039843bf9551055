"""A server of AIPKit that lacks something: PHP's curl, classes of the plugin, or tables of its database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.aipkit_guest import Event, data_of, guest, named

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.aipkit.moderation import Throttle
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.model_api.settings import Model
from chatgptfree_mock.sites.model_api.transport import through_sockets
from chatgptfree_mock.sites.model_api.upstream import ModelRequest
from chatgptfree_mock.sites.model_api.wire import ask
from chatgptfree_mock.tape.model import End

UNVERIFIED = "Unable to verify this request. Please try again."
DELTAS = ["Hel", "lo ", "there"]


def without_curl(plugin: str, provider: str = "OpenAI", **model: Any) -> list[Event]:
    return guest(plugin, php_curl=False, bots=[{"provider": provider}], model={"reply": DELTAS, **model}).ask()


def test_without_curl_an_answer_is_one_delta_with_one_status() -> None:
    events = without_curl("2.4.81")
    assert [name for name, _ in events] == ["message_start", "openai_response_id", "status", "", "done"]
    assert events[2][1]["type"] == "response.in_progress"
    assert events[3][1] == {"delta": "Hello there"}


def test_without_curl_the_whole_answer_comes_when_the_model_has_finished() -> None:
    slow = {"first_ms": 100, "delta_ms": 50, "reply": DELTAS}
    chunks = [guest("2.4.97", php_curl=curl, model=slow).stream().response.chunks for curl in (True, False)]
    ends = [[ms for ms, _ in sent] for sent in chunks]
    assert ends[0][-1] == ends[1][-1]
    assert set(ends[1]) == {0, ends[1][-1]}


@pytest.mark.parametrize("plugin", ["2.3", "2.4.79"])
def test_without_curl_older_releases_do_not_answer_at_all(plugin: str) -> None:
    reply = guest(plugin, php_curl=False).stream()
    assert reply.response.end is End.COMPLETE
    assert reply.response.body.count(b"event: ") == 1
    assert reply.upstream == ()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"refused": True}, "Missing header/body separator"),
        ({"refused": "reset"}, "Missing header/body separator"),
        ({"refused": "no-connection"}, "Connection refused"),
        ({"refused": "connect-timeout"}, "Connection timed out"),
        ({"refused": "timeout"}, "fsocket timed out"),
    ],
)
def test_without_curl_a_failure_has_the_words_of_the_other_transport(model: dict[str, Any], words: str) -> None:
    assert without_curl("2.4.97", **model)[-1] == ("error", {"error": f"Connection Error: {words}"})


def test_without_curl_an_error_of_the_api_is_worded_as_ever() -> None:
    failed = {"status": 429, "message": "Slow down", "code": "rate_limit"}
    assert without_curl("2.4.97", http_error=failed)[-1][1] == {"error": "API Error: Slow down (Code: rate_limit)"}
    midway = without_curl("2.4.97", error_midway={"after": 1, "message": "Overloaded"})
    assert midway[-1] == ("error", {"error": "Overloaded"})
    assert named(midway, "") == []


def test_without_curl_a_cut_is_not_noticed() -> None:
    events = without_curl("2.4.97", dies_after=1)
    assert (named(events, ""), events[-1][0]) == ([{"delta": "Hel"}], "done")


def test_without_curl_a_whole_answer_needs_no_stream() -> None:
    reply = guest("2.4.0", php_curl=False, model={"reply": "Hi"}).post("aipkit_frontend_chat_message", message="Hi")
    assert data_of(reply)["reply"] == "Hi"
    failed = guest("2.4.0", php_curl=False, model={"refused": "timeout"})
    reply = failed.post("aipkit_frontend_chat_message", message="Hi")
    assert data_of(reply) == {"message": "HTTP request failed: fsocket timed out"}


MODELS = st.builds(
    Model,
    reply=st.lists(st.text(min_size=1), max_size=5),
    dies_after=st.none() | st.integers(0, 5),
    burst=st.booleans(),
    read_bytes=st.none() | st.integers(1, 200),
    refused=st.sampled_from([False, True, "timeout", "reset"]),
)


@given(model=MODELS)
def test_no_byte_is_lost_or_comes_earlier_without_curl(model: Model) -> None:
    response = ask(ModelRequest(settings=model))
    whole = through_sockets(response)
    assert whole.body == response.body
    assert len(whole.reads) <= 1
    assert whole.ended_ms == response.ended_ms
    assert (whole.failure is None) == (bool(response.status))


def test_classes_that_are_missing() -> None:
    assert guest("2.4.97", missing_classes=True).ask() == [("error", {"error": sentences.NO_CLASSES})]
    reply = guest("2.4.0", missing_classes=True).post("aipkit_frontend_chat_message", message="Hi")
    assert (reply.response.status, data_of(reply)) == (503, {"message": sentences.NO_MESSAGE_CLASSES})


@pytest.mark.parametrize("plugin", ["2.3", "2.4.97"])
def test_messages_that_cannot_be_left(plugin: str) -> None:
    reply = guest(plugin, broken_tables=["cached-messages"]).post("aipkit_cache_sse_message", message="Hi")
    words = "Failed to store message in database cache."
    assert (reply.response.status, data_of(reply)) == (
        500,
        {"message": words, "code": "sse_cache_db_insert_failed"},
    )


def test_questions_that_cannot_be_logged() -> None:
    reply = guest("2.4.71", broken_tables=["conversations"]).stream()
    assert b'data: {"error":"Failed to log user message."}' in reply.response.body
    assert reply.response.body.endswith(b'event: done\ndata: {"finished":true}\n\n')
    assert reply.upstream == ()


SPEAKING: dict[str, Any] = {"bots": [{"speech": True, "voice": True, "images": True}]}


def test_requests_that_cannot_be_counted() -> None:
    site = guest("2.4.84", broken_tables=["throttle"], **SPEAKING)
    assert [data for _, data in site.ask()] == [{"error": UNVERIFIED}, {"finished": True}]
    for action in (
        "aipkit_generate_speech",
        "aipkit_transcribe_audio",
        "aipkit_chat_generate_image",
        "aipkit_speech_request_status",
    ):
        reply = site.post(action, text="Hi", prompt="a cat", audio_data="aGk=")
        assert (reply.response.status, data_of(reply)) == (
            503,
            {"message": UNVERIFIED, "code": "public_request_unavailable"},
        )
    assert site.post("aipkit_get_conversations_list").response.status == 200


@pytest.mark.parametrize("plugin", ["2.4.81", "2.4.71"])
def test_nothing_was_counted_before(plugin: str) -> None:
    site = guest(plugin, broken_tables=["throttle", "speech"])
    assert site.ask()[-1][0] == "done"
    assert len(site.site.warnings()) == 2
    assert site.site.warnings()[0].startswith("`broken_tables` with `throttle` has no effect on 2.4.")


@pytest.mark.parametrize("remote", ["", "unix:", "10.0.0.1:80", "256.1.1.1", "localhost"])
def test_a_request_without_an_address_cannot_be_counted(remote: str) -> None:
    site = guest("2.4.97", **SPEAKING)
    body = f"action=aipkit_generate_speech&_ajax_nonce={site.nonce}&bot_id={site.bot}&text=Hi".encode()
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = SiteRequest(method="POST", path="/wp-admin/admin-ajax.php", headers=form, body=body)
    assert site.site.answer(request).response.status == 200
    reply = site.site.answer(replace(request, remote=remote))
    assert (reply.response.status, data_of(reply)["code"]) == (503, "public_request_unavailable")


@given(st.ip_addresses())
def test_any_address_can_be_counted(address: Any) -> None:
    class Counted:
        def get(self, key: Any) -> int:
            return 0

        def update(self, key: Any, change: Any) -> int:
            return 1

    class Database:
        def table(self, *_: Any, **__: Any) -> Counted:
            return Counted()

    throttle = Throttle(Database(), 1)  # type: ignore[arg-type]  # only what a throttle asks for
    assert throttle.refuse(str(address), 0.0) is None


CLOUD: dict[str, Any] = {"bots": [{"provider": "AIPufferCloud", "speech": True, "voice": True}]}
OPERATION = "0b7a9c2e-4f51-4d0a-9a3e-2f6f0f3f7a11"


def test_speech_of_the_cloud_that_cannot_be_noted() -> None:
    site = guest("2.4.97", broken_tables=["speech"], **CLOUD)
    spoken = site.post("aipkit_generate_speech", text="Hi", operation_id=OPERATION)
    assert (spoken.response.status, data_of(spoken)) == (
        503,
        {"message": sentences.AUDIO_NOT_SAVED, "code": "speech_request_storage_failed"},
    )
    asked = site.post("aipkit_speech_request_status", operation_id=OPERATION)
    assert (asked.response.status, data_of(asked)) == (
        503,
        {"message": sentences.AUDIO_NOT_CHECKED, "code": "speech_status_unavailable"},
    )
    others = guest("2.4.97", broken_tables=["speech"], **SPEAKING)
    assert others.post("aipkit_generate_speech", text="Hi").response.status == 200


@pytest.mark.parametrize(("plugin", "names"), [("2.4.79", []), ("2.4.81", ["error", "done"])])
def test_a_php_error_before_the_answer_is_opened(plugin: str, names: list[str]) -> None:
    site = guest(plugin, php_error_after="checks")
    reply = site.stream()
    assert reply.response.end is End.COMPLETE
    assert [name for name, _ in site.ask()] == names
    assert reply.upstream == ()
    (refused,) = named(guest(plugin, php_error_after="checks", banned={"words": ["Hello"]}).ask(), "error")
    assert refused["error"] == sentences.BANNED_WORD
