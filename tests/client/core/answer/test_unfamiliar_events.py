"""Streams of releases that the client does not know: the text in every known place, and the warnings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import JSON, head_of, read, result_of
from tests.support.many_cases import for_each

from chatgptfree.core.answer.outcome import End
from chatgptfree.core.answer.unread_content import unknown_keys
from chatgptfree.errors import ChatError

KNOWN = (
    *("message", "error", "assistant_error", "warning", "done", "message_start", "openai_response_id", "thread_id"),
    *("google_interaction_id", "grounding_metadata", "citations", "status", "display_form_event", "ping"),
)
NAMES = st.from_regex(r"x[a-z]{2,8}_[a-z]{2,8}", fullmatch=True).filter(lambda name: not name.endswith("error"))


def event(name: str, data: Any) -> str:
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(data)}\n\n"


START = event("message_start", {"message_id": "m"})
DONE = event("openai_response_id", {"id": "r"}) + event("done", {"finished": True})
TEXT = [event("", {"delta": "Hel"}), event("", {"delta": "lo"})]


def end_of(body: str) -> tuple[str, dict[str, str]]:
    """Return the text of *body*, and its warnings' details by code; it has to end without an error."""
    text, end = read([body.encode()])
    assert isinstance(end, End), end
    return text, {each.code: each.detail for each in end.warnings}


@given(names=st.lists(NAMES, min_size=1, max_size=3, unique=True), place=st.integers(0, 4), data=st.data())
def test_a_new_event_costs_no_text_and_is_named(names: list[str], place: int, data: st.DataObject) -> None:
    parts = [START, *TEXT, DONE]
    values = st.dictionaries(st.sampled_from(["model", "items", "at"]), st.integers(0, 9) | st.just(["a"]), max_size=2)
    parts[place:place] = [event(name, data.draw(values)) for name in names]
    text, warnings = end_of("".join(parts))
    assert text == "Hello"
    assert list(warnings) == ["unfamiliar-event"]
    assert all(repr(name) in warnings["unfamiliar-event"] for name in names)


@for_each("name", KNOWN)
def test_events_of_known_releases_are_not_named(name: str) -> None:
    assert "unfamiliar-event" not in result_of([(START + "".join(TEXT) + event(name, {}) + DONE).encode()]).warnings


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(START + TEXT[0] + event("chunk", {"t": "lo"}) + DONE, id="some text under another name"),
        pytest.param(START + TEXT[0] + event("end", {}), id="another end mark, which may be anything"),
        pytest.param(START + TEXT[0] + event("oops", {"why": "broke"}) + DONE, id="an error without the word"),
        pytest.param(START + TEXT[0] + event("title", {"delta": "A title"}) + DONE, id="what may not be the answer"),
    ],
)
def test_what_may_be_wrong_with_the_text_is_never_silent(body: str) -> None:
    assert "unfamiliar-event" in end_of(body)[1]


@pytest.mark.parametrize("name", ["fault", "problem"])
def test_an_error_under_another_name_is_one(name: str) -> None:
    assert result_of([(START + TEXT[0] + event(name, {"why": "broke"}) + DONE).encode()]).error == "upstream"


@pytest.mark.parametrize(("reason", "warned"), [("length", True), ("stop", False), ("so be it", False)])
def test_the_end_mark_may_have_a_reason(reason: str, warned: bool) -> None:
    _, warnings = end_of(START + TEXT[0] + event("done", {"finished": True, "reason": reason}))
    assert ("cut-short" in warnings) is warned


def test_many_new_names_make_one_short_warning() -> None:
    body = START + "".join(event(f"new_{number}" * 20, {}) for number in range(100)) + "".join(TEXT) + DONE
    _, warnings = end_of(body)
    assert len(warnings["unfamiliar-event"]) < 700


def error_of(body: str, content_type: str | None = None) -> ChatError:
    """Return the error that *body* ends with."""
    _, error = read([body.encode()], head_of(content_type) if content_type else None)
    assert isinstance(error, ChatError), error
    return error


NO_TEXT = "no text was found in the answer"


@given(name=st.just("") | NAMES, key=st.from_regex(r"x[a-z]{1,8}q", fullmatch=True), count=st.integers(1, 9))
def test_an_answer_of_which_nothing_was_read_names_what_came(name: str, key: str, count: int) -> None:
    error = error_of(START + event(name, {key: "Hello"}) * count + DONE)
    assert error.kind == "protocol"
    came = f"{count} {name or 'message'!r} with the key {key!r}"
    assert str(error) == f"{NO_TEXT}; events of a form that no known release sends came: {came}"
    assert [each.code for each in error.warnings] == (["unfamiliar-event"] if name else ["odd-event"])


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"choices": [{"index": 0, "d": {"content": "Hello"}}]}, "choices[0].d"),
        ({"choices": [{"index": 0, "delta": {"txt": "Hello"}}]}, "choices[0].delta.txt"),
        ({"id": "m", "words": "Hello"}, "words"),
        ({"delta": {"txt": {"words": "Hello"}}}, "delta"),
    ],
)
def test_the_place_of_unread_text_is_named(data: dict[str, Any], key: str) -> None:
    assert str(error_of(START + event("", data) + DONE)).endswith(f": 1 'message' with the key {key!r}")


@pytest.mark.parametrize(
    "data",
    [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "reasoning": "Well"}}], "id": "c", "model": "gpt"},
        {"type": "reasoning.delta", "delta": "Well"},
        {"object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 3}, "provider": "OpenAI"},
    ],
)
def test_known_events_without_text_are_not_named(data: dict[str, Any]) -> None:
    assert str(error_of(START + event("", data) + DONE)) == "the answer is empty"


def test_an_end_mark_of_another_name_is_named_too() -> None:
    error = error_of(START + event("piece", {"t": "Hello"}) + event("fin", {}))
    assert error.kind == "interrupted"
    assert str(error).endswith("events of a form that no known release sends came: 1 'piece' with the key 't', 1 'fin'")


def test_unread_keys_of_an_answer_in_one_piece_are_named() -> None:
    body = json.dumps({"success": True, "data": {"words": "Hello", "message_id": "m"}})
    assert str(error_of(body, JSON)) == f"{NO_TEXT}; there is text under keys that no known release sends: 'words'"


@pytest.mark.parametrize(
    ("value", "named"), [([1, " "], False), ([1, "Hello"], True), ({"a": 1, "b": ""}, False), ({"a": "Hello"}, True)]
)
def test_a_key_is_named_if_text_that_is_not_blank_is_in_its_list_or_object(value: Any, named: bool) -> None:
    assert unknown_keys({"logs": value}) == ["logs"] * named


def test_many_unread_events_make_a_short_message() -> None:
    keys = {f"key{number}" * 30: "Hello" for number in range(50)}
    error = error_of(START + "".join(event(f"x{number}" * 40, keys) for number in range(50)) + DONE)
    assert len(str(error)) < 1500
