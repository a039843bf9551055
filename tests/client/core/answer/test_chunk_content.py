"""What of an answer is text: pieces and whole messages side by side, reasoning, tools, parts, numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import JSON, AnswerResult, head_of, result_of
from tests.support.many_cases import for_each

HELLO = AnswerResult(text="Hello")
DONE = "data: [DONE]\n\n"


def events(*values: dict[str, Any], names: bool = False) -> AnswerResult:
    """Read a stream of *values*; with *names* each has its `type` as its name."""
    heads = (f"event: {value['type']}\n" if names else "" for value in values)
    body = "".join(f"{head}data: {json.dumps(value)}\n\n" for head, value in zip(heads, values, strict=True))
    return result_of([(body + DONE).encode()])


def choice(**choice: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, **choice}]}


def both(whole: str, piece: str) -> dict[str, Any]:
    return choice(message={"role": "assistant", "content": whole}, delta={"role": "assistant", "content": piece})


@pytest.mark.parametrize(
    "last", [both("Hello", ""), choice(message={"content": "Hello"}, delta={}), choice(text="lo", delta={})]
)
def test_where_a_choice_has_a_delta_only_that_is_text(last: dict[str, Any]) -> None:
    assert events(both("Hel", "Hel"), both("Hello", "lo"), last) == HELLO


def test_a_message_beside_no_delta_is_text() -> None:
    assert events(choice(delta=None, message={"content": "Hello"})) == HELLO
    assert events(choice(delta=None, text="Hello")) == HELLO


def test_a_whole_message_beside_an_empty_delta_is_text_outside_a_stream() -> None:
    """Perplexity's whole answers have both."""
    assert result_of([json.dumps(both("Hello", "")).encode()], head_of(JSON)) == HELLO


def test_a_message_longer_than_its_pieces_is_reported() -> None:
    assert events(both("Hel", "Hel"), both("Hello world", "lo")) == AnswerResult(
        text="Hello", warnings=("copy-differs",)
    )


@given(pieces=st.lists(st.text(max_size=4), min_size=1, max_size=6).filter(any))
def test_the_pieces_alone_are_the_answer_whatever_is_beside_them(pieces: list[str]) -> None:
    so_far = ["".join(pieces[: n + 1]) for n in range(len(pieces))]
    outcome = events(*(both(whole, piece) for whole, piece in zip(so_far, pieces, strict=True)))
    assert outcome.text == so_far[-1]
    assert set(outcome.warnings) <= {"doubled"}


SILENT_RESPONSES = [
    "response.reasoning_text.delta",
    "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta",
    "response.mcp_call_arguments.delta",
    "response.code_interpreter_call_code.delta",
    "response.custom_tool_call_input.delta",
    "response.audio.delta",
    "response.audio.transcript.delta",
]


@for_each("kind", SILENT_RESPONSES)
@for_each("names", [True, False])
def test_of_the_responses_api_only_output_text_is_text(kind: str, names: bool) -> None:
    outcome = events(
        {"type": "response.created", "response": {"status": "in_progress", "error": None}},
        {"type": kind, "delta": "The user says hi. "},
        {"type": "response.output_text.delta", "delta": "Hello"},
        {"type": "response.output_text.done", "text": "Hello"},
        {"type": "response.output_item.done", "item": {"type": "mcp_call", "error": "no such tool"}},
        {"type": "response.completed", "response": {"status": "completed", "error": None}},
        names=names,
    )
    assert outcome == HELLO


def test_the_name_of_an_event_is_its_type() -> None:
    body = 'event: response.reasoning_text.delta\ndata: {"delta":"hm"}\n\n'
    body += 'event: response.output_text.delta\ndata: {"delta":"Hello"}\n\n'
    assert result_of([(body + DONE).encode()]) == HELLO


@pytest.mark.parametrize("names", [True, False])
def test_a_refusal_of_the_responses_api_is_one(names: bool) -> None:
    refusal = {"type": "response.refusal.delta", "delta": "I can't."}
    completed = {"type": "response.completed", "response": {"status": "completed"}}
    assert events(refusal, completed, names=names) == AnswerResult(error="refused")


@pytest.mark.parametrize("names", [True, False])
def test_of_claudes_deltas_only_text_delta_is_text(names: bool) -> None:
    def block(**delta: str) -> dict[str, Any]:
        return {"type": "content_block_delta", "index": 0, "delta": delta}

    outcome = events(
        {"type": "message_start", "message": {"type": "message", "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        block(type="thinking_delta", thinking="hm"),
        block(type="thinking_delta", text="hm"),
        block(type="signature_delta", signature="c2ln"),
        block(type="input_json_delta", partial_json='{"q":1}'),
        block(type="text_delta", text="Hello"),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {}},
        {"type": "message_stop"},
        names=names,
    )
    assert outcome == AnswerResult(text="Hello", finish="end_turn")


def test_googles_thoughts_and_calls_are_not_text() -> None:
    parts = [
        {"text": "The user says hi. ", "thought": True},
        {"functionCall": {"name": "f", "args": {"text": "x"}}},
        {"text": "Hel"},
        {"text": "lo"},
    ]
    value = {"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}]}
    assert events(value) == AnswerResult(text="Hello", finish="STOP")
    assert result_of([json.dumps(value).encode()], head_of(JSON)) == AnswerResult(text="Hello", finish="STOP")


def test_a_prompt_that_google_blocks_is_refused() -> None:
    assert events({"promptFeedback": {"blockReason": "SAFETY"}}) == AnswerResult(error="refused")


@for_each(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm", "content": ""},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"thinking": "hm"},
        {"tool_calls": [{"function": {"name": "f", "arguments": "hm"}}]},
        {"function_call": {"name": "f", "arguments": "hm"}},
        {"role": "tool", "content": "hm"},
        {"content": "hm", "phase": "thinking"},
        {"content": "hm", "channel": "analysis"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
        {"content": [{"type": "reasoning", "text": "hm"}]},
        {"content": [{"type": "tool_use", "input": {"text": "hm"}, "content": "hm"}]},
        {"content": [{"type": "image_url", "image_url": {"url": "hm"}, "text": "hm"}]},
    ],
)
def test_what_else_a_choice_has_is_not_text(delta: dict[str, Any]) -> None:
    assert events(choice(delta=delta), choice(delta={"content": "Hello"})) == HELLO


@pytest.mark.parametrize(
    "value",
    [
        {"type": "reasoning-delta", "delta": "hm"},
        {"type": "tool-input-delta", "delta": "hm"},
        {"type": "THINKING_TEXT_MESSAGE_CONTENT", "delta": "hm"},
        {"type": "TOOL_CALL_ARGS", "delta": "hm"},
        {"type": "thinking", "content": "hm"},
        {"role": "tool", "content": "hm"},
    ],
)
def test_what_other_apis_send_beside_text_is_not_text(value: dict[str, Any]) -> None:
    assert events(value, {"type": "text-delta", "delta": "Hel"}, {"delta": "lo"}) == HELLO


@pytest.mark.parametrize(
    "value",
    [
        {"model": "llama", "message": {"role": "assistant", "content": "Hello"}, "eval_count": 1},
        {"output": {"text": "Hello", "finish_reason": "null"}, "usage": {}},
        {"type": "token", "data": {"text": "Hello"}},
    ],
)
def test_text_in_an_unknown_place_is_reported(value: dict[str, Any]) -> None:
    assert events({"delta": "Hello"}, value) == AnswerResult(text="Hello", warnings=("odd-event",))


@for_each("names", [False, True])
@for_each("key", ["textDelta", "delta_text", "answerText", "answer", "chunk", "newContent"])
def test_a_key_that_looks_like_one_of_text_is_reported(key: str, names: bool) -> None:
    value = {"type": "part", key: "Hello"}
    assert events({"type": "text-delta", "delta": "Hello"}, value, names=names) == AnswerResult(
        text="Hello", warnings=("odd-event", "unfamiliar-event") if names else ("odd-event",)
    )


@pytest.mark.parametrize("key", ["context", "contentType", "text_id", "deltas", "token"])
def test_an_id_or_a_type_under_an_unknown_key_is_no_text(key: str) -> None:
    assert events({"delta": "Hello"}, {"type": "part", key: "text/plain"}, {"type": "part", key: "x-1"}) == HELLO


@for_each(
    "unread",
    [
        {"type": "part", "words": "lost"},
        {"type": "rate_limit", "message": "slow down"},
        {"id": "c", "object": "chat.completion.chunk", "answer": "lost"},
        {"choices": [], "result": " lost"},
        {"choices": [{"index": 0, "delta": {"content": ""}}], "content": "lost"},
        {"choices": [{"index": 0, "content": "lost"}]},
        {"choices": [{"index": 0, "delta": {}, "reply": "lost"}]},
        {"candidates": [{"index": 0, "text": "lost"}]},
        {"type": "foo", "data": {"generated": [{"words": "lost"}]}},
        {"type": "response.some_new_thing.delta", "delta": "lost"},
    ],
)
def test_text_that_is_not_read_is_in_a_warning(unread: dict[str, Any]) -> None:
    outcome = events({"delta": "Hel"}, unread, {"delta": "lo"})
    assert (outcome.text, outcome.warnings) == ("Hello", ("odd-event",))


@pytest.mark.parametrize(
    "silent",
    [
        {"choices": [], "usage": {"total_tokens": 3}, "provider": "Azure", "served_by": "eu-west-1/a7"},
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "matched_stop": "<|im_end|>"}]},
        {"candidates": [{"content": {"parts": []}, "safetyRatings": [{"category": "X", "probability": "NEGLIGIBLE"}]}]},
        {"type": "message_start", "message": {"type": "message", "role": "assistant", "note": "of the API"}},
        {"choices": [], "truncation": "auto", "state": "all is well"},
    ],
)
def test_what_is_beside_the_text_of_an_api_is_in_none(silent: dict[str, Any]) -> None:
    assert events({"delta": "Hel"}, silent, {"delta": "lo"}) == HELLO


@pytest.mark.parametrize("names", [False, True])
def test_the_start_of_claudes_block_may_hold_text(names: bool) -> None:
    starts = [{"type": "content_block_start", "content_block": {"type": "text", "text": text}} for text in ("Hel", "")]
    thinking = {"type": "content_block_start", "content_block": {"type": "thinking", "thinking": "hm", "text": "hm"}}
    last = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "lo"}}
    assert events(thinking, starts[0], last, starts[1], names=names) == HELLO


@pytest.mark.parametrize("other", [{"executableCode": {"code": "hm"}}, {"inlineData": {"data": "hm"}}])
def test_googles_other_parts_do_not_cost_the_text_beside_them(other: dict[str, Any]) -> None:
    value = {"candidates": [{"content": {"parts": [other, {"text": "Hello"}]}}]}
    assert events(value) == HELLO


@pytest.mark.parametrize("name", ["phase", "channel"])
def test_only_the_final_channel_is_text(name: str) -> None:
    aside = [choice(delta={"content": "hm", name: word}) for word in ("analysis", "commentary")]
    assert events(*aside, choice(delta={"content": "Hello", name: "final"})) == HELLO


def test_parts_are_text_by_their_type() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "output_text", "text": "l"}, {"text": "o"}]
    assert events(choice(delta={"content": parts})) == HELLO
    odd = [*parts, {"type": "hologram", "text": "x"}]
    assert events(choice(delta={"content": odd})) == AnswerResult(text="Hello", warnings=("odd-event",))


def test_a_whole_answer_of_the_responses_api() -> None:
    output = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]},
    ]
    value = {"object": "response", "status": "completed", "error": None, "output": output}
    outcome = result_of([json.dumps(value).encode()], head_of(JSON))
    assert (outcome.text, outcome.error) == ("Hello", None)


NUMBERS = [(42, "42"), (0, "0"), (1.5, "1.5"), (-7, "-7")]


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_a_number_is_text(number: float, text: str) -> None:
    hello = choice(delta={"content": "Hello "})
    for value in (
        choice(delta={"content": number}),
        choice(text=number),
        choice(message={"content": number}),
        choice(delta={"content": [{"type": "text", "text": number}]}),
        {"delta": number},
    ):
        assert events({"delta": "Hello "}, value).text == f"Hello {text}"
        assert events(hello, value).text == f"Hello {text}"


@for_each(("number", "text"), NUMBERS)
@for_each(
    "body",
    [
        '{"status":"success","data":%s}',
        '{"success":true,"data":{"reply":%s}}',
        '{"choices":[{"message":{"content":%s},"finish_reason":"stop"}]}',
        '{"reply":%s}',
    ],
)
def test_a_number_is_a_whole_answer(body: str, number: float, text: str) -> None:
    outcome = result_of([(body % json.dumps(number)).encode()], head_of(JSON))
    assert (outcome.text, outcome.error) == (text, None)


@pytest.mark.parametrize("value", [True, False, {"a": 1}])
def test_what_is_neither_text_nor_a_number_is_reported(value: object) -> None:
    assert events(choice(delta={"content": "Hello"}), choice(delta={"content": value})).warnings == ("odd-event",)
    assert result_of([json.dumps({"status": "success", "data": value}).encode()], head_of(JSON)).error == "protocol"
