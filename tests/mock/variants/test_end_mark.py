"""Where the text of a stream ends, and which recordings are whole."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support import variant_answers as answers
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.variants.end_mark import end_mark, what_is_missing
from chatgptfree_mock.variants.event_blocks import join_blocks, split_blocks
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer

TEXT = b'data: {"t": "Hello"}\n\ndata: {"t": " you"}\n\n'


def left(body: bytes) -> Response:
    """Return a stream that the client closed."""
    return replace(answers.stream(body), end=End.CLIENT_CLOSED)


@for_each(
    ("body", "mark"),
    [
        pytest.param(TEXT + b"data: [DONE]\n\n", 2, id="the word of OpenAI"),
        pytest.param(TEXT + b"event: done\ndata: {}\n\n", 2, id="an event with a name"),
        pytest.param(TEXT + b'data: {"t": "", "finish_reason": "stop"}\n\n', 2, id="a finish reason"),
        pytest.param(TEXT + b'data: {"t": "!", "finish_reason": "stop"}\n\n', 2, id="a finish reason beside text"),
        pytest.param(TEXT + b'data: {"type": "response.completed"}\n\n', 2, id="a type"),
        pytest.param(TEXT + b'data: {"done": true}\n\n', 2, id="a member that is true"),
        pytest.param(TEXT + b'data: {"usage": {"tokens": 5}}\n\n', 2, id="another kind of event"),
        pytest.param(TEXT + b"data: [DONE]\n\n: bye\n\n\n", 2, id="what follows it is tail"),
        pytest.param(TEXT + b'data: {"x": {"finishReason": "STOP"}}\n\ndata: {"usage": 5}\n\n', 3, id="the last"),
        pytest.param(TEXT, None, id="all events have text"),
        pytest.param(b'event: start\ndata: {"id": "1"}\n\n' + TEXT, None, id="another kind before the text"),
        pytest.param(b'data: {"role": "assistant", "t": "Hi"}\n\ndata: {"t": " you"}\n\n', None, id="a role at first"),
        pytest.param(b'data: {"t": "Hello"}\n\n', None, id="one event"),
        pytest.param(b"data: [DONE]\n\n", 0, id="only the mark"),
        pytest.param(b"data: Hello\n\ndata: you\n\ndata: [DONE]\n\n", 2, id="text without JSON"),
        pytest.param(b"", None, id="nothing"),
        pytest.param(b": comment\n\n", None, id="no event"),
        pytest.param(TEXT + b"data: [DONE]", None, id="a mark that is not dispatched"),
    ],
)
def test_the_end_mark(body: bytes, mark: int | None) -> None:
    assert end_mark(split_blocks(body)) == mark


def test_the_mark_of_every_dialect_by_hand() -> None:
    for response in (answers.of_openai("Hel", "lo"), answers.of_anthropic("Hel", "lo")):
        blocks = split_blocks(response.body)
        assert end_mark(blocks) == len(blocks) - 1


def test_a_mark_that_is_named() -> None:
    blocks = split_blocks(TEXT)
    assert end_mark(blocks, "Hello") == 0
    with pytest.raises(SettingsError, match="no event of the recorded answer holds the end mark `bye`"):
        end_mark(blocks, "bye")


@for_each(
    ("response", "problem"),
    [
        pytest.param(answers.of_openai("Hello"), None, id="whole stream"),
        pytest.param(answers.shipped("1.8.93", "msg_ok_b"), None, id="whole JSON"),
        pytest.param(answers.shipped("1.8.93", "up_half_s"), "lacks the blank line", id="recorded half"),
        pytest.param(answers.stream(TEXT), "the stream has no end mark", id="no mark"),
        pytest.param(answers.stream(TEXT + b"data: [DONE]"), "lacks the blank line", id="no blank line"),
        pytest.param(answers.stream(b'data: {"error": {"message": "x"}}\n\n'), "error event", id="error in data"),
        pytest.param(answers.stream(b"event: error\ndata: x\n\n"), "error event", id="event of errors"),
        pytest.param(answers.json_body(b'{"error": "x"}'), "error object", id="error object"),
        pytest.param(answers.json_body(b'{"success": false, "data": 1}'), "error object", id="an error of WordPress"),
        pytest.param(answers.json_body(b'{"text": "x'), "not JSON", id="half of JSON"),
        pytest.param(answers.stream(b""), None, id="empty stream"),
        pytest.param(Response(status=500, body=b"no"), "its status is 500", id="status"),
        pytest.param(replace(answers.of_openai("a"), end=End.RESET), r"broken off \(end: reset\)", id="reset"),
        pytest.param(left(TEXT + b"data: [DONE]\n\n"), None, id="the client left at the mark"),
        pytest.param(left(TEXT), r"broken off \(end: client-closed\)", id="the client left before the mark"),
        pytest.param(left(TEXT + b'data: {"usage": 5}\n\n'), "broken off", id="the client left at what may be no mark"),
        pytest.param(left(TEXT + b"data: [DONE]\n"), "broken off", id="the client left in the mark"),
        pytest.param(left(b'data: {"error": "x"}\n\ndata: [DONE]\n\n'), "error event", id="the client left an error"),
        pytest.param(replace(answers.json_body(b'{"text": "x"}'), end=End.CLIENT_CLOSED), None, id="left a JSON value"),
        pytest.param(replace(answers.json_body(b'{"text": "x'), end=End.CLIENT_CLOSED), "broken off", id="left half"),
    ],
)
def test_which_recordings_are_whole(response: Response, problem: str | None) -> None:
    found: Any = what_is_missing(response)
    if problem is None:
        assert found is None
    else:
        with pytest.raises(AssertionError, match=problem):
            raise AssertionError(found)


def test_a_named_mark_makes_a_recording_whole() -> None:
    assert what_is_missing(answers.stream(TEXT), "you") is None
    assert what_is_missing(left(TEXT), "you") is None


@pytest.mark.parametrize("body", [b"a\n\nb", b"\r\n\r\ndata: x\r\rdata", b"\n", b"data: x\r\n\r\n", b""])
def test_blocks_joined_are_the_stream(body: bytes) -> None:
    assert join_blocks(split_blocks(body)) == body


def test_the_mark_that_is_named_is_that_of_a_body_written_otherwise() -> None:
    answer = RecordedAnswer(answers.stream(TEXT + b'data: {"t": "bye"}\n\n' + TEXT), "bye")
    lines = answer.spelled("events/crlf", lambda one: one.body.replace(b"\n", b"\r\n"))
    assert lines is not None
    assert (answer.mark, lines.mark) == (2, 2)
    without = answer.spelled("events/none", lambda one: one.body.replace(b"bye", b"see you"))
    assert without is not None
    assert without.mark is None
