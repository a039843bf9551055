"""What the model's other APIs put on the wire: Responses, Assistants, Gemini, Claude."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from chatgptfree_mock.sites.model_api.assistant import thread_id
from chatgptfree_mock.sites.model_api.responses import response_id
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError, Model
from chatgptfree_mock.sites.model_api.upstream import Api, ModelRequest
from chatgptfree_mock.sites.model_api.wire import ask, deltas_of

DELTAS = ["Hel", "lo"]


def call(api: Api, *, stream: bool = True, **settings: Any) -> ModelRequest:
    return ModelRequest(settings=Model(reply=DELTAS, **settings), api=api, stream=stream, number=7)


def events(api: Api, **settings: Any) -> list[tuple[str, Any]]:
    """Return the events of a stream: name, and data as JSON where it is."""
    blocks = ask(call(api, **settings)).body.decode().replace("\r\n", "\n").split("\n\n")
    found = []
    for block in filter(None, blocks):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        data = lines["data"]
        found.append((lines.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


def test_responses_numbers_and_names_its_events() -> None:
    found = events("responses", citations=True)
    assert [name for name, _ in found] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert all(data["type"] == name for name, data in found)
    numbers = [data["sequence_number"] for _, data in found]
    assert all(before < after for before, after in pairwise(numbers))
    assert found[-1][1]["response"]["id"] == response_id(call("responses")) == "resp_fake0007"


def test_the_first_delta_of_responses_comes_with_its_announcement() -> None:
    reads = ask(call("responses", first_ms=50, delta_ms=20)).reads
    assert [ms for ms, _ in reads] == [50] * 5 + [70] + [90] * 4


def test_responses_may_search_the_web_first() -> None:
    names = [name for name, _ in events("responses", web_search=True)]
    assert names[2:5] == [f"response.web_search_call.{step}" for step in ("in_progress", "searching", "completed")]


def test_a_refusal_of_responses_has_events_and_a_part_of_its_own() -> None:
    found = events("responses", refusal="I can't.", empty=True)
    assert [name for name, _ in found[-5:-3]] == ["response.refusal.delta", "response.refusal.done"]
    numbers = [data["sequence_number"] for _, data in found]
    assert all(before < after for before, after in pairwise(numbers))
    (item,) = found[-1][1]["response"]["output"]
    assert item["content"] == [{"type": "refusal", "refusal": "I can't."}]


@pytest.mark.parametrize(
    ("finish", "kind", "reason"),
    [
        ("stop", "response.completed", None),
        ("length", "response.incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "response.incomplete", {"reason": "content_filter"}),
    ],
)
def test_how_an_answer_of_responses_ends(finish: str, kind: str, reason: object) -> None:
    name, data = events("responses", finish=finish)[-1]
    assert (name, data["response"]["incomplete_details"]) == (kind, reason)


def test_an_assistant_streams_deltas_between_other_events() -> None:
    found = events("assistant")
    assert [name for name, _ in found] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.message.created",
        "thread.message.delta",
        "thread.message.delta",
        "thread.message.completed",
        "thread.run.completed",
        "done",
    ]
    assert found[4][1]["delta"]["content"][0]["text"] == {"value": "Hel"}
    assert found[0][1]["thread_id"] == thread_id(call("assistant")) == "thread_fake0007"


def test_a_failed_run_ends_with_done_all_the_same() -> None:
    found = events("assistant", error_midway=MidError(after=1, message="no"))
    assert [name for name, _ in found[-2:]] == ["thread.run.failed", "done"]
    assert found[-2][1]["last_error"] == {"code": "server_error", "message": "no"}


def test_google_ends_its_lines_with_cr_lf_and_has_no_end_mark() -> None:
    body = ask(call("google")).body
    assert body.count(b"\r\n\r\n") == 3
    found = events("google", grounding=True)
    texts = [data["candidates"][0]["content"]["parts"] for _, data in found]
    assert texts == [[{"text": "Hel"}], [{"text": "lo"}], []]
    assert found[-1][1]["candidates"][0]["finishReason"] == "STOP"
    assert "groundingMetadata" in found[-1][1]["candidates"][0]


def test_claude_wraps_text_in_a_block() -> None:
    assert [name for name, _ in events("claude")] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.parametrize(
    ("api", "path"),
    [
        ("responses", ("output", 0, "content", 0, "text")),
        ("chat-completions", ("choices", 0, "message", "content")),
        ("completions", ("choices", 0, "text")),
        ("assistant", ("data", 0, "content", 0, "text", "value")),
        ("google", ("candidates", 0, "content", "parts", 0, "text")),
        ("claude", ("content", 0, "text")),
    ],
)
def test_a_whole_answer_holds_all_the_text(api: Api, path: tuple[str | int, ...]) -> None:
    upstream = ask(call(api, stream=False, first_ms=10, delta_ms=20))
    value = json.loads(upstream.body)
    for step in path:
        value = value[step]
    assert value == "Hello"
    assert upstream.ended_ms == 50


@pytest.mark.parametrize("api", ["responses", "chat-completions", "completions", "assistant", "google", "claude"])
def test_errors_have_a_message_where_each_api_puts_it(api: Api) -> None:
    refused = ask(call(api, http_error=ApiError(status=429, message="slow down", code="rate_limit_exceeded")))
    assert (refused.status, json.loads(refused.body)["error"]["message"]) == (429, "slow down")
    bare = ask(call(api, error_midway=MidError(after=1, message="slow down", plain_json=True)))
    assert bare.body.endswith(b"}")
    assert b"slow down" in bare.body
    buffered = ask(call(api, stream=False, error_midway=MidError(message="slow down")))
    assert (buffered.status, json.loads(buffered.body)["error"]["message"]) == (500, "slow down")


@pytest.mark.parametrize("api", ["responses", "completions", "assistant", "claude"])
def test_an_answer_may_lack_its_end(api: Api) -> None:
    whole, cut = ask(call(api)).body, ask(call(api, no_end_mark=True)).body
    assert whole.startswith(cut)
    assert len(cut) < len(whole)


def test_a_text_is_cut_into_words_that_keep_their_blanks() -> None:
    text = ModelRequest(settings=Model(reply="Hello  big\nworld "))
    assert deltas_of(text) == ["Hello", "  big", "\nworld", " "]
    assert deltas_of(ModelRequest(settings=Model(reply=""))) == []


def test_token_counts_are_sent_on_request() -> None:
    body = ask(ModelRequest(settings=Model(reply="Hello"), usage=True)).body
    last = json.loads(body.split(b"\n\n")[-3].removeprefix(b"data: "))
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 22)
    assert b"usage" not in ask(ModelRequest(settings=Model(reply="Hello"))).body
