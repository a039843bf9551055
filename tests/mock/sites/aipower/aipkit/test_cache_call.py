"""The first of AIPKit's two calls: what it keeps, for how long, and what it refuses."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.aipkit_guest import data_of, events_of, guest
from tests.support.situations_2x import visit_with

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.sites.aipower.aipkit import images
from chatgptfree_mock.sites.aipower.aipkit.cache import MOST, CachedMessage, MessageCache

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n0000").decode()


def last_error(events: list[tuple[str, Any]]) -> str:
    assert [name for name, _ in events] == ["error", "done"]
    return str(events[0][1]["error"])


def test_a_key_works_once() -> None:
    visitor = guest()
    key = visitor.key()
    assert events_of(visitor.stream(key=key))[-1][0] == "done"
    assert last_error(events_of(visitor.stream(key=key))) == "Message not found in cache."


def test_a_key_works_again_where_an_object_cache_keeps_it() -> None:
    visitor = guest(object_cache=True)
    key = visitor.key()
    assert [events_of(visitor.stream(key=key))[-1][0] for _ in range(2)] == ["done", "done"]
    visitor.now[0] += 61
    assert last_error(events_of(visitor.stream(key=key))) == "Cached message has expired."


def test_a_key_is_used_up_by_a_stream_that_is_refused() -> None:
    visitor = guest()
    key = visitor.key()
    assert last_error(events_of(visitor.stream(key=key, bot_id="1"))) == "Invalid chatbot specified."
    assert last_error(events_of(visitor.stream(key=key))) == "Message not found in cache."


def test_a_refused_nonce_leaves_the_key() -> None:
    visitor = guest()
    key = visitor.key()
    refusal = last_error(events_of(visitor.stream(key=key, _ajax_nonce="0123456789")))
    assert refusal.startswith("Security check failed.")
    assert events_of(visitor.stream(key=key))[-1][0] == "done"


@pytest.mark.parametrize(
    ("plugin", "seconds", "found"),
    [("2.4.71", 60, True), ("2.4.71", 61, False), ("2.4.97", 59, True), ("2.4.97", 60, False)],
)
def test_a_key_is_valid_for_a_minute(plugin: str, seconds: int, found: bool) -> None:
    visitor = guest(plugin)
    key = visitor.key()
    visitor.now[0] += seconds
    events = events_of(visitor.stream(key=key))
    assert (events[0][0] == "message_start") is found
    assert found or last_error(events) == "Cached message has expired."


def test_a_key_belongs_to_nobody() -> None:
    visitor = guest(bots=[{"id": 7}, {"id": 8}])
    visitor.bot = 7
    key = visitor.key()
    events = events_of(visitor.stream(key=key.upper(), bot_id="8", session_id="other", conversation_uuid="other"))
    assert events[-1][0] == "done"


def test_keys_differ_and_mix_letters() -> None:
    visitor = guest()
    keys = [visitor.key().removeprefix("aipkit_sse_") for _ in range(20)]
    assert len(set(keys)) == 20
    assert all(len(key) == 32 and key.isalnum() and key != key.lower() for key in keys)


def test_the_nonce_must_be_posted_under_its_own_name() -> None:
    visitor = guest()
    refused = visitor.post("aipkit_cache_sse_message", message="Hello", _ajax_nonce=None, _wpnonce=visitor.nonce)
    assert (refused.response.status, data_of(refused)["code"]) == (403, "nonce_failure_cache_sse")
    fields = {"action": "aipkit_cache_sse_message", "message": "Hello", "_ajax_nonce": visitor.nonce}
    by_get = visitor.site.answer(visit_with(fields, method="GET", form="query"))
    assert data_of(by_get)["code"] == "nonce_failure_cache_sse"


def test_the_case_of_the_nonce_does_not_matter_here() -> None:
    visitor = guest()
    reply = visitor.post("aipkit_cache_sse_message", message="Hello", _ajax_nonce=visitor.nonce.upper())
    assert reply.response.status == 200


@pytest.mark.parametrize(
    ("plugin", "message", "sent"),
    [
        pytest.param("2.3.14", " a<b> 3<4 \n x ", "a<b> 3<4 \n x", id="raw at first, trimmed for the model"),
        pytest.param("2.3.22", " a<b>c</b> 3 < 4\n x%41 ", "ac 3 &lt; 4\n x", id="cleaned for a few releases"),
        pytest.param("2.3.26", " a<b> 3<4 \n x ", "a<b> 3<4 \n x", id="raw again"),
    ],
)
def test_what_reaches_the_model(plugin: str, message: str, sent: str) -> None:
    (messages,) = guest(plugin).stream(message).upstream
    assert messages[-1] == {"role": "user", "content": sent}


@pytest.mark.parametrize("encoded", ["", "0", "%00", "%FF"])
def test_what_counts_as_empty(encoded: str) -> None:
    visitor = guest()
    body = f"action=aipkit_cache_sse_message&_ajax_nonce={visitor.nonce}&message={encoded}"
    reply = visitor.site.answer(replace(visit_with({}, form="urlencoded"), body=body.encode()))
    assert (reply.response.status, data_of(reply)["code"]) == (400, "empty_data_to_cache")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        pytest.param("[]", 400, "invalid_image_payload", id="no image in the list"),
        pytest.param("nonsense", 400, "invalid_image_payload", id="no JSON"),
        pytest.param('["x"]', 400, "invalid_image_payload", id="no object"),
        pytest.param('[{"mime_type":"image/png","base64_data":"%%"}]', 400, "invalid_image_payload", id="no base64"),
        pytest.param([{"mime_type": "image/gif", "base64_data": PNG}], 400, "invalid_image_type", id="a GIF"),
        pytest.param([{"mime_type": "image/png", "base64_data": PNG}] * 5, 400, "too_many_images", id="five images"),
    ],
)
def test_images_are_checked(sent: Any, status: int, code: str) -> None:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    reply = guest().post("aipkit_cache_sse_message", message="Look", image_inputs=text)
    assert (reply.response.status, data_of(reply)["code"]) == (status, code)


def test_an_image_needs_no_words() -> None:
    image = json.dumps([{"mime_type": "IMAGE/PNG", "base64_data": f"data:image/png;base64,{PNG}"}])
    visitor = guest()
    reply = visitor.post("aipkit_cache_sse_message", message="", image_inputs=image)
    assert reply.response.status == 200
    assert events_of(visitor.stream(key=data_of(reply)["cache_key"]))[-1][0] == "done"


def test_images_were_not_looked_at_before() -> None:
    reply = guest("2.3.70").post("aipkit_cache_sse_message", message="Look", image_inputs="nonsense")
    assert reply.response.status == 200


@pytest.mark.parametrize(
    ("token", "words"),
    [(None, "Form resume token is missing."), ("x", "Form resume token is invalid or expired.")],
)
def test_a_form_can_not_be_resumed(token: str | None, words: str) -> None:
    visitor = guest()
    fields: dict[str, Any] = {"resume_after_form_submission": "1", "form_resume_token": token}
    key = data_of(visitor.post("aipkit_cache_sse_message", message="Hello", **fields))["cache_key"]
    assert last_error(events_of(visitor.stream(key=key))) == words
    older = guest("2.4.13")
    key = data_of(older.post("aipkit_cache_sse_message", message="Hello", **fields))["cache_key"]
    assert events_of(older.stream(key=key))[-1][0] == "done"


def test_an_image_can_be_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGEST", 5)
    image = json.dumps([{"mime_type": "image/png", "base64_data": PNG}])
    reply = guest().post("aipkit_cache_sse_message", message="Look", image_inputs=image)
    assert (reply.response.status, data_of(reply)["code"]) == (413, "image_too_large")


def test_the_cache_is_bounded() -> None:
    cache = MessageCache(MemoryStore(), Random(1))
    first, second, *_ = [cache.put(CachedMessage(text="x"), now=0.0) for _ in range(MOST + 1)]
    assert cache.take(first, now=0.0) == (None, False)
    assert cache.take(second, now=0.0) == (CachedMessage(text="x"), True)


def test_the_cache_forgets_what_is_long_too_old() -> None:
    cache = MessageCache(MemoryStore(), Random(1))
    old = cache.put(CachedMessage(text="x"), now=0.0)
    cache.put(CachedMessage(text="y"), now=700.0)
    assert cache.take(old, now=700.0) == (None, False)
