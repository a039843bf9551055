"""Words that the plugin may have sent as an error are held back; what is given back no longer counts as held."""

from __future__ import annotations

import json

import pytest
from tests.support.answers import AnswerResult, result_of

from chatgptfree.messages import Limits

WORD = 'event: message\ndata: {"choices":[{"delta":{"content":"word "}}]}\n\n'


def ordinary(text: str) -> str:
    return f"data: {json.dumps({'choices': [{'delta': {'content': text}}]})}\n\n"


DONE = "data: [DONE]\n\n"


@pytest.mark.parametrize("times", [1, 2, 50])
def test_only_what_is_held_at_once_counts_against_the_limit(times: int) -> None:
    numbers = [f"{number} " for number in range(times)]
    text = "".join(f"word {number}" for number in numbers)
    stream = "".join(WORD + ordinary(number) for number in numbers) + DONE
    assert result_of([stream.encode()], limits=Limits(reply=len(WORD) + len(text))) == AnswerResult(
        text=text, warnings=("suspect-error",)
    )


def test_more_than_the_limit_is_never_held() -> None:
    held = 20 * WORD
    assert result_of([held.encode()], limits=Limits(reply=len(held) - 2 * 20 - 1)) == AnswerResult(error="too_large")
    assert result_of([held.encode()], limits=Limits(reply=len(held) - 2 * 20)) == AnswerResult(error="upstream")


def test_an_event_of_the_same_look_that_is_an_ordinary_object_is_not_held() -> None:
    plain = 'event: message\ndata: {"choices":[{"delta":{"content":"word"},"finish_reason":null}]}\n\n'
    assert result_of([(plain + DONE).encode()]) == AnswerResult(text="word")
    assert result_of([(plain + WORD + DONE).encode()]) == result_of([(ordinary("word") + WORD + DONE).encode()])
