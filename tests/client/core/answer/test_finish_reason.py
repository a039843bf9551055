"""Why a model stopped: a whole answer stays one, any other finish is an error or a warning, whatever API spells it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import JSON, AnswerResult, head_of, result_of
from tests.support.many_cases import for_each

from chatgptfree.core.answer import finish_reason
from chatgptfree.core.answer.finish_place import finish_of
from chatgptfree.core.answer.finish_reason import Stop, is_reason, meaning

DONE = "data: [DONE]\n\n"

WHOLE = ["stop", "STOP", "Stop", "end_turn", "endTurn", "END-TURN", "eos", "EOS", "eos_token", "stop_sequence"]
WHOLE += ["COMPLETE", "completed", "FinishReason.STOP", "REASON_STOP", "FINISH", "normal"]
WHOLE += ["end-of-turn", "endOfTurn", "end of the turn", "<end_of_turn>", "<|eot_id|>", "<|im_end|>", "END_OF_TEXT"]
WHOLE += ["Candidate.FinishReason.STOP", "CHAT_FINISH_REASON_STOP", "<StopReason.END_TURN>"]
NONE = [
    "",
    "null",
    "None",
    "FINISH_REASON_UNSPECIFIED",
    "not_finished",
    "Candidate.FinishReason.FINISH_REASON_UNSPECIFIED",
]
CUT = ["length", "LENGTH", "MAX_TOKENS", "max-tokens", "maxTokens", "FinishReason.MAX_TOKENS", "max_output_tokens"]
CUT += ["model_length", "model_context_window_exceeded", "REASON_MAX_LEN", "time_limit", "ERROR_LIMIT", "OTHER"]
FILTERED = ["content_filter", "contentFilter", "SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"]
FILTERED += ["refusal", "guardrail_intervened", "content_filtered", "ERROR_TOXIC", "sensitive", "IMAGE_SAFETY"]
BROKEN = ["abort", "ABORT", "aborted", "cancelled", "canceled", "CANCELLED", "USER_CANCEL", "error", "ERROR", "failed"]
BROKEN += ["TIMEOUT", "timeout", "expired", "network_error", "insufficient_system_resource", "MALFORMED_FUNCTION_CALL"]
THROTTLED = ["rate_limited", "rateLimit", "RATE_LIMIT_EXCEEDED", "throttled", "Too many requests", "RESOURCE_EXHAUSTED"]
TOOL = ["tool_calls", "tool-calls", "toolUse", "tool_use", "function_call", "TOOL_CALL", "requires_action"]
UNKNOWN = ["gravity", "stopped_by_rain", "x", "42", "whatever", "harmony"]
STEMS = {
    Stop.BROKEN: [
        "cancel",
        "user_cancelled",
        "cancelledByUser",
        "USER_ABORT",
        "model_error",
        "exception",
        "preempted",
        "stopped_by_user",
        "connection_lost",
        "service-unavailable",
        "worker_terminated",
        "UNEXPECTED_TOOL_ERROR",
    ],
    Stop.CUT: [
        "context_length_exceeded",
        "LENGTH_EXCEEDED",
        "budget_exhausted",
        "truncated",
        "max_new_tokens",
        "MAX_LEN",
        "out_of_tokens",
        "max_turns",
        "token_quota_exceeded",
        "paused",
    ],
    Stop.FILTERED: ["moderation", "flagged", "policy_violation", "output-guardrail", "UNSAFE_OUTPUT"],
    Stop.TOOL: ["tool_call_request", "mcp_tool", "functionCallPending"],
}


def delta(text: str, **choice: object) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}, **choice}]})}\n\n"


def ends(reason: object, text: str = "Half an ") -> AnswerResult:
    return result_of([(delta(text) + delta("", finish_reason=reason) + DONE).encode()])


def expected(reason: str) -> dict[str, AnswerResult]:
    """Return what comes of an answer with text, and of one without, that stops with *reason*."""
    warned = {Stop.CUT: "cut-short", Stop.FILTERED: "cut-short", Stop.TOOL: "tool-call", Stop.UNKNOWN: "unknown-finish"}
    stop = meaning(reason)
    if stop in (Stop.BROKEN, Stop.THROTTLED):
        error = "upstream" if stop is Stop.BROKEN else "rate_limited"
        return {"Half an ": AnswerResult(text="Half an ", error=error), "": AnswerResult(error=error)}
    warnings = (warned[stop],) if stop in warned else ()
    return {
        "Half an ": AnswerResult(text="Half an ", finish=reason, warnings=warnings),
        "": AnswerResult(error="refused" if stop is Stop.FILTERED else "protocol"),
    }


@pytest.mark.parametrize(
    ("stop", "reasons"),
    [
        (Stop.WHOLE, WHOLE),
        (Stop.CUT, CUT),
        (Stop.FILTERED, FILTERED),
        (Stop.BROKEN, BROKEN),
        (Stop.THROTTLED, THROTTLED),
        (Stop.TOOL, TOOL),
        (Stop.UNKNOWN, UNKNOWN),
    ],
)
def test_what_a_reason_means(stop: Stop, reasons: list[str]) -> None:
    assert {reason: meaning(reason) for reason in reasons} == dict.fromkeys(reasons, stop)
    assert all(map(is_reason, reasons))


@pytest.mark.parametrize("stop", STEMS)
def test_a_word_that_is_not_in_the_table_is_judged_by_its_stem(stop: Stop) -> None:
    assert {reason: meaning(reason) for reason in STEMS[stop]} == dict.fromkeys(STEMS[stop], stop)


@for_each("reason", [*WHOLE, *CUT, *FILTERED, *BROKEN, *THROTTLED, *TOOL, *UNKNOWN])
def test_what_comes_of_an_answer(reason: str) -> None:
    assert {text: ends(reason, text) for text in ("Half an ", "")} == expected(reason)


@for_each("reason", [*NONE, None, False, 0, [], {}], ids=repr)
def test_no_reason_is_not_an_end(reason: object) -> None:
    assert ends(reason) == AnswerResult(text="Half an ")
    assert result_of([(delta("Half an ") + delta("", finish_reason=reason)).encode()]).error == "interrupted"


@for_each(("api", "meanings"), finish_reason.SOURCES)
def test_no_api_contradicts_another(api: str, meanings: dict[Stop, str]) -> None:
    assert {word: meaning(word) for words in meanings.values() for word in words.split()} == {
        word: stop for stop, words in meanings.items() for word in words.split()
    }, api


@given(
    reason=st.sampled_from([*WHOLE, *CUT, *FILTERED, *BROKEN, *THROTTLED, *TOOL]),
    case=st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    separator=st.sampled_from(["_", "-", " ", ".", ""]),
)
def test_neither_case_nor_separators_matter(reason: str, case: object, separator: str) -> None:
    assert callable(case)
    assert meaning(case(reason).replace("_", separator)) is meaning(reason)


@pytest.mark.parametrize("reason", ["abort", "MAX_TOKENS", "SAFETY", "tool_calls"])
def test_a_later_reason_does_not_make_it_whole(reason: str) -> None:
    stream = delta("Half an ") + delta("", finish_reason=reason) + delta("", finish_reason="stop") + DONE
    assert result_of([stream.encode()]) == ends(reason)


PLACES = {
    "a choice of a whole answer": {"choices": [{"message": {"content": "Half an "}, "finish_reason": "%s"}]},
    "Google's candidate": {"candidates": [{"content": {"parts": [{"text": "Half an "}]}, "finishReason": "%s"}]},
    "Anthropic's message": {"type": "message", "content": [{"type": "text", "text": "Half an "}], "stop_reason": "%s"},
    "Ollama": {"message": {"role": "assistant", "content": "Half an "}, "done_reason": "%s"},
    "Cohere": {"text": "Half an ", "finish_reason": "%s"},
    "DashScope": {"output": {"text": "Half an ", "finish_reason": "%s"}},
    "Titan": {"content": "Half an ", "completionReason": "%s"},
}


@for_each("place", PLACES)
@for_each("reason", ["abort", "MAX_TOKENS", "SAFETY", "gravity", "stop"])
def test_every_place_of_a_whole_answer_counts(place: str, reason: str) -> None:
    outcome = result_of([json.dumps(PLACES[place]).replace("%s", reason).encode()], head_of(JSON))
    ours = ends(reason)
    assert (outcome.text, outcome.finish, outcome.error) == (ours.text, ours.finish, ours.error)
    assert set(outcome.warnings) - {"odd-shape"} == set(ours.warnings)


EVENTS = {
    "Claude's message_delta": 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"%s"}}\n\n',
    "AIPKit's status": 'event: status\ndata: {"type":"message_delta","stop_reason":"%s"}\n\n',
    "Google's candidate": 'data: {"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"%s"}]}\n\n',
    "beside a bare delta": 'data: {"delta":"","finish_reason":"%s"}\n\n',
    "as an object": 'data: {"choices":[{"delta":{},"finish_reason":{"type":"%s"}}]}\n\n',
    "a choice of Anthropic's words": 'data: {"choices":[{"index":0,"delta":{"content":""},"stop_reason":"%s"}]}\n\n',
    "within the delta": 'data: {"choices":[{"index":0,"delta":{"finish_reason":"%s"}}]}\n\n',
    "OpenRouter's second word": (
        'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":null,"native_finish_reason":"%s"}]}\n\n'
    ),
    "llama.cpp": 'data: {"content":"","stop":true,"stop_type":"%s"}\n\n',
    "the Responses API's details": (
        'data: {"type":"response.incomplete","response":{"status":"incomplete",'
        '"incomplete_details":{"reason":"%s"}}}\n\n'
    ),
}


@for_each("event", EVENTS)
@for_each("reason", ["abort", "max_output_tokens", "content_filter", "gravity", "stop"])
def test_every_place_in_a_stream_counts(event: str, reason: str) -> None:
    # A response whose status is `incomplete` is not whole, whatever the reason.
    expected = "incomplete" if reason == "stop" and "incomplete" in EVENTS[event] else reason
    assert result_of([(delta("Half an ") + EVENTS[event] % reason + DONE).encode()]) == ends(expected)


def test_the_text_at_which_vllm_stopped_is_not_a_reason() -> None:
    end = 'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","stop_reason":"###"}]}\n\n'
    assert result_of([(delta("Half an ") + end + DONE).encode()]) == ends("stop")


@pytest.mark.parametrize(
    ("ours", "native", "counts"),
    [
        ("stop", "MAX_TOKENS", "MAX_TOKENS"),
        ("stop", "SAFETY", "SAFETY"),
        ("stop", "end_turn", "stop"),
        ("stop", "gravity", "stop"),
        ("length", "completed", "length"),
    ],
)
def test_openrouter_hides_no_cut(ours: str, native: str, counts: str) -> None:
    end = delta("", finish_reason=ours, native_finish_reason=native)
    assert result_of([(delta("Half an ") + end + DONE).encode()]) == ends(counts)


def test_a_whole_response_that_is_incomplete_is_cut() -> None:
    body = {
        "object": "response",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Half an "}]}],
    }
    outcome = result_of([json.dumps(body).encode()], head_of(JSON))
    assert (outcome.text, outcome.finish, outcome.error) == ("Half an ", "max_output_tokens", None)
    assert "cut-short" in outcome.warnings


@pytest.mark.parametrize(("status", "error"), [("cancelled", "upstream"), ("completed", None), ("incomplete", None)])
def test_the_status_of_a_response_counts(status: str, error: str | None) -> None:
    event = {"type": "response.done", "response": {"status": status}}
    outcome = result_of([(delta("Half an ") + f"data: {json.dumps(event)}\n\n").encode()])
    assert outcome.error == error
    assert outcome.warnings == (("cut-short",) if status == "incomplete" else ())


@for_each(
    ("value", "reason"),
    [
        *((16, "16"), ({"type": 7}, "7"), (0, None), (True, None), (False, None), (1.5, None), ("", None)),
        *((["length", "stop"], "length"), ([], None), ([None], None)),
    ],
)
def test_a_number_is_a_reason_and_so_is_the_first_of_a_list(value: object, reason: str | None) -> None:
    assert finish_of({"finish_reason": value}) == reason
