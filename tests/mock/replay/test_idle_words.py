"""A word about recorded times acts on a recording that has some: those of its chunks, or that of its end alone."""

import pytest

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.idle_words import word_outcomes
from chatgptfree_mock.tape.model import Response


@pytest.mark.parametrize(
    ("times", "outcome"),
    [
        ({}, "did not act: the answer has no recorded times"),
        ({"ended": 250}, None),
        ({"chunks": ((250, 3),)}, None),
    ],
)
def test_recorded_times(times: dict[str, int], outcome: str | None) -> None:
    outcomes = word_outcomes(Response(body=b"abc", **times), Delivery.parse(pace="recorded"))  # type: ignore[arg-type]
    assert list(outcomes.values()) == [outcome]
