"""Signs that an answer is not whole, wherever they are: never a whole answer in silence, and never a false alarm."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.answer import completeness
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Limits

Place = Callable[[dict[str, Any]], bytes]
TEXT = "Hello, you"
CUT = [
    *({word: True} for _, words in completeness.CUT for word in words.split()),
    *({"isTruncated": 1}, {"wasTruncated": "true"}, {"responseTruncated": True}, {"is_incomplete": True}),
    *({"status": word} for word in ("incomplete", "Truncated", "interrupted")),
    *({key: "length"} for key in ("finish_reason", "done_reason", "completion_reason", "termination_reason")),
    *({key: "max_tokens"} for key in ("stop_reason", "stopReason", "end_reason", "finished_reason", "finish_status")),
    *({"stop_reason": word} for word in ("refusal", "pause_turn", "model_context_window_exceeded")),
    *({"finish_details": {"type": "max_tokens"}}, {"incompleteDetails": {"reason": "max_output_tokens"}}),
    *({"promptFeedback": {"blockReason": "SAFETY"}}, {"prompt_feedback": {"block_reason": "OTHER"}}),
]
UNFINISHED = [{"partial": True}, {"isPartial": True}, {"status": "partial"}, {"done": False}, {"is_complete": False}]
WHOLE = [
    *({"truncated": no} for no in (False, None, 0, "", "false", "no", "auto")),
    *({"partial": False}, {"complete": True}, {"done": True}, {"is_finished": True}, {"truncation": "auto"}),
    *({"status": word} for word in ("completed", "success", "in_progress")),
    *({"stop_reason": word} for word in ("end_turn", "stop_sequence")),
    *(
        {"finish_details": {"type": "stop", "stop": "<|im_end|>"}},
        {"incomplete_details": None},
        {"input_truncated": True},
    ),
    *({"usage": {"truncated": True}}, {"citations": [{"truncated": True}]}, {"context_truncated": True}),
]
DONE = b"data: [DONE]\n\n"


def events(*values: object) -> bytes:
    return b"".join(b"data: " + json.dumps(value).encode() + b"\n\n" for value in values)


def chunk(text: str, **of_choice: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, **of_choice}]}


def choices(text: str, **of_choice: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": {"content": text}, **of_choice}]}


def aipkit(delta: dict[str, Any], done: dict[str, Any]) -> bytes:
    start = b'event: message_start\ndata: {"message_id":"m"}\n\nevent: message\n'
    return start + events({"delta": TEXT, **delta}) + b"event: done\n" + events({"finished": True, **done})


STREAMS: dict[str, Place] = {
    "beside the choices": lambda signs: events(chunk("Hello"), {**chunk(", you"), **signs}) + DONE,
    "in the choice": lambda signs: events(chunk("Hello"), chunk(", you", **signs)) + DONE,
    "in the first of many": lambda signs: events(chunk("Hello", **signs), chunk(","), chunk(" you")) + DONE,
    "in the data of an event": lambda signs: events(chunk(TEXT), {"choices": [], "data": signs}) + DONE,
    "in done": lambda signs: aipkit({}, signs),
}
MESSAGES: dict[str, Place] = {
    "beside the delta": lambda signs: aipkit(signs, {}),
    "with the finish": lambda signs: events(chunk(TEXT), {**chunk("", finish_reason="stop"), **signs}) + DONE,
}
BODIES: dict[str, Place] = {
    "in a whole choice": lambda signs: json.dumps(choices(TEXT, **signs)).encode(),
    "beside whole choices": lambda signs: json.dumps({**choices(TEXT, finish_reason="stop"), **signs}).encode(),
    "in the data": lambda signs: json.dumps({"success": True, "data": {"reply": TEXT, **signs}}).encode(),
    "beside the data": lambda signs: json.dumps({"success": True, "data": {"reply": TEXT}, **signs}).encode(),
    "of 1.x": lambda signs: json.dumps({"data": TEXT, "status": "success", **signs}).encode(),
}
PLACES = {**STREAMS, **MESSAGES, **BODIES}


def read(body: bytes, *cuts: int) -> list[Outcome]:
    head = ResponseHead(status=200, url="https://chat.test/", headers=())
    reader = AnswerReader(head, Limits())
    borders = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in pairwise(borders)]
    return [*(outcome for piece in pieces for outcome in reader.feed(piece)), *reader.finish()]


def text_of(outcomes: list[Outcome]) -> str:
    return "".join(each.text for each in outcomes if isinstance(each, Delta))


def warnings(outcomes: list[Outcome]) -> list[str]:
    end = outcomes[-1]
    assert isinstance(end, End), end
    return [warning.code for warning in end.warnings]


@given(
    place=st.sampled_from(list(PLACES.values())),
    signs=st.sampled_from(CUT),
    cuts=st.lists(st.integers(0, 999), max_size=3),
)
def test_an_answer_that_is_not_whole_is_an_error_or_a_warning(place: Place, signs: Any, cuts: list[int]) -> None:
    outcomes = read(place(signs), *cuts)
    end = outcomes[-1]
    if isinstance(end, ChatError):
        assert end.kind in ("upstream", "refused", "protocol")
        assert end.kind == "refused" or end.partial == text_of(outcomes)
    else:
        assert text_of(outcomes) == TEXT
        assert "cut-short" in warnings(outcomes)


@given(place=st.sampled_from([*STREAMS.values(), *BODIES.values()]), signs=st.sampled_from(UNFINISHED))
def test_an_end_after_a_sign_of_more_to_come_is_a_warning(place: Place, signs: Any) -> None:
    assert "cut-short" in warnings(read(place(signs)))


@given(place=st.sampled_from(list(PLACES.values())), signs=st.sampled_from(WHOLE), cuts=st.lists(st.integers(0, 999)))
def test_no_false_alarm(place: Place, signs: Any, cuts: list[int]) -> None:
    outcomes = read(place(signs), *cuts)
    assert text_of(outcomes) == TEXT
    assert set(warnings(outcomes)) <= {"odd-shape"}


@pytest.mark.parametrize("signs", UNFINISHED)
def test_chunks_that_announce_more_are_whole_once_the_answer_ends(signs: dict[str, Any]) -> None:
    first, last = chunk("Hello") | signs, chunk(", you") | signs
    for end in (
        chunk("", finish_reason="stop"),
        {"finished": True},
        {"usage": {}, "done": True},
        {"choices": [], "is_end": True},
    ):
        assert warnings(read(events(first, last, end) + DONE)) == []
    assert warnings(read(events(first, last) + DONE)) == ["cut-short"]


def test_a_prompt_that_is_blocked_is_a_refusal() -> None:
    end = read(b'{"promptFeedback":{"blockReason":"SAFETY"}}')[-1]
    assert isinstance(end, ChatError)
    assert end.kind == "refused"


def test_the_text_at_which_vllm_stopped_is_not_a_finish_reason() -> None:
    assert warnings(read(events(chunk(TEXT, finish_reason="stop", stop_reason="Error:")) + DONE)) == []


def test_an_end_that_repeats_the_whole_answer_is_a_copy() -> None:
    outcomes = read(aipkit({}, {"text": TEXT}))
    assert (text_of(outcomes), "copy" in warnings(outcomes)) == (TEXT, True)
    assert text_of(read(aipkit({}, {"text": "!"}))) == f"{TEXT}!"
