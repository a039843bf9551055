"""A stream that breaks off inside its very first event is an interrupted one, and no answer of another kind."""

from __future__ import annotations

import pytest

from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import InterruptedStreamError
from chatgptfree.messages import Limits

HEAD = ResponseHead(status=200, url="http://h/", headers=(("Content-Type", "text/event-stream;charset=UTF-8"),))


@pytest.mark.parametrize("broken", [True, False], ids=["the connection broke", "the body ended cleanly"])
@pytest.mark.parametrize(
    "half",
    [
        '{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hel',
        '{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hello"}',
        '{"error":{"message":"Overloaded","code":529,"status":"OVERLOADED"}',
    ],
    ids=["within the text", "behind the text", "behind an error's words"],
)
def test_half_an_event_is_half_an_answer(half: str, broken: bool) -> None:
    reader = AnswerReader(HEAD, Limits())
    assert not reader.feed(f"data: {half}".encode())
    (outcome,) = reader.broken("the connection was reset") if broken else reader.finish()
    assert isinstance(outcome, InterruptedStreamError)


@pytest.mark.parametrize(
    "body",
    [
        "data:\n\ndata:\n\n",
        ": ping\n\nid: 1\n\nretry: 3\n\n",
        "PHP Notice: hello\nid: 3\n\nevent: x\ndata: {}\n\n",
    ],
    ids=["empty events", "fields without data", "a notice before the stream"],
)
def test_a_broken_connection_is_the_cause_wherever_it_broke(body: str) -> None:
    for end in range(1, len(body) + 1):
        reader = AnswerReader(HEAD, Limits())
        (outcome,) = [*reader.feed(body[:end].encode()), *reader.broken("the connection was reset")]
        assert isinstance(outcome, InterruptedStreamError), (body[:end], outcome)
        assert "the connection was reset" in str(outcome)
