"""What releases of AIPKit do that nobody recorded: stream contexts, odd messages, images, words, the throttle."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace
from tests.support.aipkit_guest import Guest, data_of, events_of, guest, named
from tests.support.many_cases import for_each

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest

TOO_OFTEN = "Too many requests. Please wait a minute and try again."


def errors(site: Guest, message: str = "Hello", **fields: str | None) -> list[str]:
    return [data["error"] for data in named(site.ask(message, **fields), "error")]


@pytest.mark.parametrize(
    ("plugin", "value", "words"),
    [
        ("2.3", {"stream_context": "nope"}, "Unsupported stream context."),
        ("2.4.71", {"stream_context": ""}, "Unsupported stream context."),
        ("2.4.71", {"stream_context": "ai_forms"}, "Form ID is missing for AI Forms stream."),
        ("2.4.71", {"stream_context": "content_writer"}, "Content writer prompt cannot be empty."),
        ("2.4.84", {"stream_context": "content_writer"}, "You do not have permission to use Content Writer."),
        ("2.4.71", {"stream_context": "chat"}, "Message or image cannot be empty."),
    ],
)
def test_a_stream_context_is_refused_before_the_model_is_asked(plugin: str, value: object, words: str) -> None:
    reply = guest(plugin).stream(json.dumps(value))
    events = events_of(reply)
    assert [name for name, _ in events] == ["error", "done"]
    assert (events[0][1]["error"], reply.upstream) == (words, ())


def test_with_the_context_of_the_chat_the_model_is_sent_the_message_inside() -> None:
    inner = json.dumps({"stream_context": "chat", "user_message": "Hi there"})
    (call,) = guest().stream(inner).upstream
    assert call[-1]["content"] == "Hi there"


@pytest.mark.parametrize("message", ['{"a": 1}', "[1]", "{broken", '{"stream_context": null}'])
def test_other_json_is_a_message_like_any(message: str) -> None:
    (call,) = guest().stream(message).upstream
    assert call[-1]["content"] == message


def post(site: Guest, **fields: str) -> SiteReply:
    body = urlencode({"action": "aipkit_cache_sse_message", "_ajax_nonce": site.nonce, **fields}).encode()
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    return site.site.answer(SiteRequest(method="POST", path="/wp-admin/admin-ajax.php", headers=form, body=body))


@pytest.mark.parametrize(("plugin", "status"), [("2.3.20", 400), ("2.3.93", 200), ("2.4.71", 200)])
def test_a_list_as_message_is_the_word_array_or_nothing(plugin: str, status: int) -> None:
    site = guest(plugin)
    reply = post(site, **{"message[]": "Hello"})
    assert reply.response.status == status
    if status == 200:
        (call,) = site.stream(key=data_of(reply)["cache_key"]).upstream
        assert call[-1]["content"] == "Array"


GOOD = {"mime_type": "image/png", "base64_data": base64.b64encode(b"image").decode()}
WRONG = {"mime_type": "image/svg+xml", "base64_data": GOOD["base64_data"]}


@for_each(
    ("plugin", "images", "code"),
    [
        ("2.3.70", [GOOD] * 5, None),
        ("2.3.70", [WRONG], None),
        ("2.3.70", [{"x": 1}], "empty_data_to_cache"),
        ("2.3.70", [{"x": 1}, GOOD], "empty_data_to_cache"),
        ("2.3.71", [GOOD] * 5, None),
        ("2.3.71", [GOOD, {"x": 1}], None),
        ("2.4.20", [WRONG, GOOD], "invalid_image_type"),
        ("2.4.20", {"a": GOOD}, "invalid_image_payload"),
        ("2.4.20", [], "invalid_image_payload"),
        ("2.4.21", {"a": GOOD}, None),
        ("2.4.21", [GOOD, {"x": 1}], "invalid_image_payload"),
        ("2.4.21", [{"x": 1}] * 5, "too_many_images"),
    ],
)
def test_images_alone_are_looked_at_by_release(plugin: str, images: object, code: str | None) -> None:
    reply = post(guest(plugin), message="", image_inputs=json.dumps(images))
    assert data_of(reply).get("code") == code


@pytest.mark.parametrize(
    ("plugin", "word", "message", "banned"),
    [
        ("2.3.34", "bad", "badly", True),
        ("2.3.34", "BAD", "so bad", True),
        ("2.3.35", "bad", "badly", False),
        ("2.3.35", "bad", "so BAD.", True),
        ("2.4.81", "née", "la née", True),
        ("2.4.81", "caf", "café", True),
        ("2.4.84", "caf", "café", False),
        ("2.4.84", "É", "un é", True),
    ],
)
def test_banned_words_are_found_by_release(plugin: str, word: str, message: str, banned: bool) -> None:
    assert bool(errors(guest(plugin, banned={"words": [word]}), message)) is banned


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        ("2.3.93", "You have reached your token limit for this period."),
        ("2.3.94", "You have reached your quota for this period."),
    ],
)
def test_the_words_of_a_quota_changed_with_2_3_94(plugin: str, words: str) -> None:
    site = guest(plugin, limit={"tokens": 1})
    assert [errors(site), errors(site)] == [[], [words]]


@pytest.mark.parametrize(("plugin", "known"), [("2.4.51", False), ("2.4.63", True)])
def test_the_feedback_none_came_with_2_4_63(plugin: str, known: bool) -> None:
    site = guest(plugin)
    site.ask()
    history = data_of(site.post("aipkit_get_conversation_history"))["history"]
    reply = site.post("aipkit_store_feedback", feedback_type="none", message_id=history[-1]["message_id"])
    assert (data_of(reply).get("code") != "invalid_feedback_data") is known


@pytest.mark.parametrize(
    ("plugin", "again"), [("2.3.18", False), ("2.3.19", True), ("2.4.71", True), ("2.4.84", False)]
)
def test_an_object_cache_lets_a_key_be_used_again_by_release(plugin: str, again: bool) -> None:
    site = guest(plugin, object_cache=True)
    key = site.key()
    site.stream(key=key)
    assert (named(events_of(site.stream(key=key)), "error") == []) is again


def test_the_history_has_a_pending_form_since_2_4_77() -> None:
    assert set(data_of(guest("2.4.71").post("aipkit_get_conversation_history"))) == {"history"}
    site = guest("2.4.77")
    site.ask()
    found = data_of(site.post("aipkit_get_conversation_history"))
    assert (len(found["history"]), found["pending_form"]) == (2, None)
    assert data_of(site.post("aipkit_get_conversation_history", pending_form_only="true"))["history"] == []


@pytest.mark.parametrize(
    ("plugin", "cached", "asked", "words"),
    [
        ("2.4.81", {"active_openai_vs_id": "vs_1"}, {}, []),
        ("2.4.84", {"active_openai_vs_id": "vs_1"}, {}, ["File upload is unavailable."]),
        ("2.4.84", {"active_file_context_token": "t"}, {}, ["File upload is unavailable."]),
        ("2.4.84", {}, {"active_claude_file_id": "f"}, ["File upload is unavailable."]),
        ("2.4.84", {}, {"active_file_context_token": "t"}, []),
        ("2.4.66", {"active_google_file_context_token": "t"}, {}, []),
        ("2.4.67", {"active_google_file_context_token": "t"}, {}, ["Google document upload requires a Pro plan."]),
    ],
)
def test_fields_of_uploaded_files(plugin: str, cached: dict[str, str], asked: dict[str, str], words: list[str]) -> None:
    site = guest(plugin)
    key = data_of(post(site, message="Hello", **cached))["cache_key"]
    assert [data["error"] for data in named(events_of(site.stream(key=key, **asked)), "error")] == words


def test_one_address_may_ask_60_times_a_minute_whatever_its_session() -> None:
    site = guest("2.4.84")
    for number in range(60):
        site.session = f"session-{number}"
        assert errors(site) == []
    assert [errors(site), errors(site)] == [[TOO_OFTEN]] * 2
    speech = site.post("aipkit_speech_request_status", operation_id="x")
    assert (speech.response.status, data_of(speech)) == (
        429,
        {"message": TOO_OFTEN, "code": "public_request_rate_limit"},
    )
    assert site.post("aipkit_get_conversations_list").response.status == 200
    site.now[0] += 60
    assert errors(site) == []


def test_nobody_was_counted_before() -> None:
    site = guest("2.4.81")
    assert [errors(site) for _ in range(61)] == [[]] * 61


@pytest.mark.parametrize(
    ("plugin", "first"), [("2.4.81", "Access disabled for guests."), ("2.4.84", "Access from your IP")]
)
def test_a_banned_address_and_a_quota_are_reported_in_the_order_of_the_release(plugin: str, first: str) -> None:
    (words,) = errors(guest(plugin, limit={"tokens": 0}, banned={"ips": ["127.0.0.1"]}))
    assert words.startswith(first)


@pytest.mark.parametrize("plugin", ["2.4.71", "2.4.97"])
def test_an_empty_message_is_refused_before_the_fields_of_files_and_forms(plugin: str) -> None:
    empty = json.dumps({"stream_context": "chat", "user_message": ""})
    fields = {
        "active_google_file_context_token": "t",
        "resume_after_form_submission": "1",
        "active_claude_file_id": "f",
    }
    site = guest(plugin)
    key = data_of(post(site, message=empty, **fields))["cache_key"]
    assert [data["error"] for data in named(events_of(site.stream(key=key)), "error")] == [
        "Message or image cannot be empty."
    ]


@pytest.mark.parametrize(
    ("plugin", "banned", "refused"),
    [
        ("2.4.81", "2001:DB8:0:0::1", False),
        ("2.4.81", "2001:db8::1", True),
        ("2.4.84", "2001:DB8:0:0::1", True),
        ("2.4.84", "2001:db8::2", False),
        ("2.4.84", "nonsense", False),
    ],
)
def test_a_banned_address_is_known_in_any_spelling_since_2_4_84(plugin: str, banned: str, refused: bool) -> None:
    site = guest(plugin, banned={"ips": [banned]})
    reply = site.site.answer(replace(stream_request(site), remote="2001:db8::1"))
    assert (b"Access from your IP" in reply.response.body) is refused


def test_an_address_is_counted_once_in_any_spelling() -> None:
    site = guest("2.4.84")
    for remote in ["2001:db8::1", "2001:DB8:0:0::1"] * 30:
        site.site.answer(replace(stream_request(site), remote=remote))
    assert TOO_OFTEN.encode() in site.site.answer(replace(stream_request(site), remote="2001:db8::1")).response.body


def stream_request(site: Guest) -> SiteRequest:
    """Return the request for the answer to a message that was just left."""
    fields = {"action": "aipkit_frontend_chat_stream", "_ajax_nonce": site.nonce, "cache_key": site.key()}
    fields |= {"bot_id": str(site.bot), "session_id": "s", "conversation_uuid": "c"}
    return SiteRequest(method="GET", path="/wp-admin/admin-ajax.php", query=urlencode(fields))


def refused(site: Guest, action: str, **fields: str) -> tuple[int, Any]:
    reply = site.post(action, **fields)
    return reply.response.status, data_of(reply).get("message")


def test_speech_and_images_want_a_bot_that_is_there() -> None:
    before, since = guest("2.4.81"), guest("2.4.84", bots=[{"speech": True}], limit={"tokens": 0})
    for site, status in ((before, 200), (since, 400)):
        site.bot = 99
        image = refused(site, "aipkit_chat_generate_image", prompt="a cat")
        assert image == ((200, None) if status == 200 else (400, "Invalid chatbot specified."))
    since.bot = 25865
    assert refused(since, "aipkit_generate_speech", text="Hi") == (429, "Access disabled for guests.")


def test_the_state_of_speech_can_be_asked_for_since_2_4_84() -> None:
    assert guest("2.4.81").post("aipkit_speech_request_status").response.status == 400
    reply = guest("2.4.84").post("aipkit_speech_request_status", operation_id="x")
    assert (reply.response.status, data_of(reply)["code"]) == (404, "speech_request_missing")


OPERATION = "0b7a9c2e-4f51-4d0a-9a3e-2f6f0f3f7a11"


def cloud_guest() -> Guest:
    """Return a visitor of a bot of the plugin's cloud that reads answers out."""
    return guest("2.4.97", bots=[{"provider": "AIPufferCloud", "speech": True, "voice": True}])


@pytest.mark.parametrize("operation", ["", "1", OPERATION.upper()])
def test_speech_of_the_cloud_needs_an_id(operation: str) -> None:
    reply = cloud_guest().post("aipkit_generate_speech", text="Hello", operation_id=operation)
    words = "Reload the chatbot before trying again."
    assert (reply.response.status, data_of(reply)) == (
        400,
        {"message": words, "code": "invalid_operation_id"},
    )


def test_an_id_is_valid_for_one_request_whose_state_can_be_fetched() -> None:
    visitor = cloud_guest()
    unknown = visitor.post("aipkit_speech_request_status", operation_id=OPERATION)
    assert data_of(unknown)["code"] == "speech_request_missing"
    assert "mime_type" in data_of(visitor.post("aipkit_generate_speech", text="Hello", operation_id=OPERATION))
    again = visitor.post("aipkit_generate_speech", text="Hello", operation_id=OPERATION)
    assert (again.response.status, data_of(again)["operation_id"]) == (409, OPERATION)
    assert data_of(visitor.post("aipkit_speech_request_status", operation_id=OPERATION)) == {"state": "settled"}
    visitor.bot = 99
    assert data_of(visitor.post("aipkit_speech_request_status", operation_id=OPERATION))["code"] == (
        "speech_request_missing"
    )


def test_bots_of_other_providers_need_no_id() -> None:
    visitor = guest("2.4.97", bots=[{"speech": True}])
    for _ in range(2):
        assert "mime_type" in data_of(visitor.post("aipkit_generate_speech", text="Hello"))


def test_a_bot_without_a_transcriber_or_an_image_model() -> None:
    visitor = guest("2.4.97", bots=[{"voice": True, "transcriber": False, "images": True, "image_model": False}])
    spoken = visitor.post("aipkit_transcribe_audio", audio_data="aGVsbG8=")
    assert data_of(spoken) == {"message": "Select a speech recognition provider for this chatbot."}
    image = visitor.post("aipkit_chat_generate_image", prompt="a cat")
    assert data_of(image)["code"] == "chat_image_model_unavailable"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"form_id": ""}, "missing_params"),
        ({"submitted_data": "[1]"}, "invalid_submitted_data"),
        ({"submitted_data": "no"}, "invalid_submitted_data"),
        ({"session_id": ""}, "missing_identifier"),
        ({"_ajax_nonce": "no"}, "nonce_failure"),
        ({}, None),
    ],
)
def test_a_form_is_checked_and_changes_nothing(fields: dict[str, str], code: str | None) -> None:
    sent = {"form_id": "7", "submitted_data": "{}", **fields}
    data = data_of(guest("2.4.97").post("aipkit_handle_form_submission", **sent))
    assert data.get("code") == code
    assert code or data == {"message": "Form submitted. (Triggers not active or fully available.)"}


def test_forms_are_unknown_before_2_4_71() -> None:
    assert guest("2.4.69").post("aipkit_handle_form_submission").response.status == 400


@pytest.mark.parametrize(("plugin", "words"), [("2.4.81", "Failure writing output"), ("2.4.84", "out of luck")])
def test_the_history_of_an_error_inside_a_stream(plugin: str, words: str) -> None:
    site = guest(plugin, model={"error_midway": {"after": 1, "message": "out of luck"}})
    site.ask()
    last = data_of(site.post("aipkit_get_conversation_history"))["history"][-1]
    assert words in last["content"]
