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
