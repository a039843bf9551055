"""Streams of releases that the client does not know: the text that every known place holds, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import read, told

from chatgptfree.core.answer.outcome import End

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


@pytest.mark.parametrize("name", KNOWN)
def test_events_of_known_releases_are_not_named(name: str) -> None:
    assert "unfamiliar-event" not in told([(START + "".join(TEXT) + event(name, {}) + DONE).encode()]).warnings


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(START + TEXT[0] + event("chunk", {"t": "lo"}) + DONE, id="some text under another name"),
        pytest.param(START + TEXT[0] + event("end", {}), id="another end mark, which may be anything"),
        pytest.param(START + TEXT[0] + event("oops", {"why": "broke"}) + DONE, id="an error that does not say so"),
        pytest.param(START + TEXT[0] + event("title", {"delta": "A title"}) + DONE, id="what may not be the answer"),
    ],
)
def test_what_may_be_wrong_with_the_text_is_never_silent(body: str) -> None:
    assert "unfamiliar-event" in end_of(body)[1]


@pytest.mark.parametrize("name", ["fault", "problem"])
def test_an_error_under_another_name_is_one(name: str) -> None:
    assert told([(START + TEXT[0] + event(name, {"why": "broke"}) + DONE).encode()]).error == "upstream"


@pytest.mark.parametrize(("reason", "warned"), [("length", True), ("stop", False), ("so be it", False)])
def test_the_end_mark_may_have_a_reason(reason: str, warned: bool) -> None:
    _, warnings = end_of(START + TEXT[0] + event("done", {"finished": True, "reason": reason}))
    assert ("cut-short" in warnings) is warned


def test_many_new_names_make_one_short_warning() -> None:
    body = START + "".join(event(f"new_{number}" * 20, {}) for number in range(100)) + "".join(TEXT) + DONE
    _, warnings = end_of(body)
    assert len(warnings["unfamiliar-event"]) < 700
