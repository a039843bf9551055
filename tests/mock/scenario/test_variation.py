"""A scenario on another release, with other cuts and another pace; and the text that a client has to deliver."""

from __future__ import annotations

import pytest

from chatgptfree_mock.scenario.expectation import Expect
from chatgptfree_mock.scenario.model import Scenario, scenario_from

STORY = {"title": "A question", "site": {"plugin": "1.8.93", "model": {"reply": "Hi"}}, "expect": {"text": "Hi"}}


def released(scenario: Scenario) -> tuple[str, str]:
    """Return the release that the site imitates, and the text that its model answers."""
    return scenario.spec.release, scenario.site.model.reply


def test_it_plays_on_the_release_that_is_asked_for() -> None:
    scenario = scenario_from(STORY)
    assert released(scenario.varied("story", plugin="2.4.71")) == ("2.4.71", "Hi")
    assert released(scenario.varied("story")) == ("1.8.93", "Hi")


def test_chunks_and_pace_are_those_that_are_asked_for() -> None:
    varied = scenario_from(STORY).varied("story", chunks="bytes", pace="every:5ms")
    assert str(varied.parsed_delivery()) == "chunks=bytes pace=every:5ms"
    kept = scenario_from({**STORY, "delivery": {"chunks": "utf8", "pace": "instant"}})
    assert str(kept.varied("story", pace="every:5ms").parsed_delivery()) == "chunks=utf8 pace=instant"


@pytest.mark.parametrize(
    ("expect", "delivered"),
    [
        (Expect(text="whole"), "whole"),
        (Expect(text=""), ""),
        (Expect(error="interrupted", partial="half"), "half"),
        (Expect(error="interrupted"), ""),
    ],
)
def test_a_client_has_to_deliver_the_text_or_the_part_before_the_error(expect: Expect, delivered: str) -> None:
    assert expect.delivered == delivered


@pytest.mark.parametrize(
    ("delivery", "chunks"),
    [({}, "bytes"), ({"chunks": "utf8"}, None), ({"recut": False}, None), ({"pace": "instant"}, "bytes")],
)
def test_a_users_default_chunks_act_where_the_scenario_leaves_them_open(
    delivery: dict[str, object], chunks: str | None
) -> None:
    scenario = scenario_from({**STORY, "delivery": delivery})
    assert scenario.default_chunks("bytes") == chunks
    assert scenario.default_chunks(None) is None
