"""Delivery of static and recorded responses, and what of it had no effect."""

from __future__ import annotations

from typing import Any

import pytest

from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.scenario.model import scenario_from
from chatgptfree_mock.scenario.runs import Run
from chatgptfree_mock.server.app import builder
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.content_coding import decode_body

PAGE = SiteRequest(method="GET", path="/")
BASE: dict[str, Any] = {"title": "t", "expect": {"text": "x"}, "delivery": {"chunks": "bytes"}}


def run(**more: Any) -> Run:
    scenario = scenario_from({**BASE, **more})
    return Run("a/b", scenario, builder(ServerConfig())(scenario.spec, ManualClock(), None))


def cut(reply: Any) -> str:
    return str(reply.delivery.chunks)


def test_a_page_given_by_hand_is_delivered_as_asked_and_an_imitated_one_is_not() -> None:
    assert cut(run().answer(PAGE)) == "as-recorded"
    assert cut(run(responses=[{"to": "page", "body": "x"}]).answer(PAGE)) == "bytes"


@pytest.mark.parametrize("to", ["page", "ajax"])
def test_on_the_answer_alone_leaves_a_page_as_it_is(to: str) -> None:
    by_hand = [{"to": to, "body": "x"}]
    played = run(responses=by_hand, delivery={"chunks": "bytes", "on": "answer"})
    assert cut(played.answer(PAGE)) == "as-recorded"


def test_a_response_that_was_never_used_is_a_warning() -> None:
    played = run(responses=[{"to": "page", "body": "x"}, {"to": "ajax", "body": "y"}, {"to": "ajax", "times": 0}])
    played.answer(PAGE)
    assert played.warnings() == ("responses[1] of the scenario a/b was never used",)


def test_every_setting_of_a_shipped_scenario_has_an_effect() -> None:
    build, clock = builder(ServerConfig()), ManualClock()
    sites = {entry.name: build(entry.scenario.spec, clock, None) for entry in shipped()}
    assert {name: site.warnings() for name, site in sites.items() if site.warnings()} == {}
    assert "stream/merged-deltas" in sites


def test_a_recorded_scenario_happens_on_its_own_release_alone() -> None:
    site = {"plugin": "1.8.93", "model": {"cassette": "1.8.93/msg_ok_s"}}
    scenario = scenario_from({**BASE, "site": site})
    assert [scenario.happens_on(plugin) for plugin in ("1.8.92", "1.8.93", "2.3")] == [False, True, False]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_text_by_hand_is_sent_in_the_coding_of_its_headers(coding: str) -> None:
    by_hand = {"to": "page", "body": "Hé" * 50, "headers": {"Content-Encoding": coding, "Content-Length": "5"}}
    response = run(responses=[by_hand]).answer(PAGE).response
    for chunks in ("as-recorded", "bytes"):
        schedule = build_schedule(response, Delivery.parse(chunks=chunks))
        assert decode_body(schedule.body, coding).body.decode() == "Hé" * 50
        assert schedule.length == len(schedule.body)
        assert dict(schedule.headers)["Content-Encoding"] == coding


@pytest.mark.parametrize("coding", ["zz-unknown", "gzip"])
def test_bytes_by_hand_are_sent_to_the_letter(coding: str) -> None:
    by_hand = {"to": "page", "base64": "SGk=", "headers": {"Content-Encoding": coding}}
    schedule = build_schedule(run(responses=[by_hand]).answer(PAGE).response, Delivery())
    assert (schedule.body, schedule.headers) == (b"Hi", (("Content-Encoding", coding),))


def test_stored_headers_leave_a_text_by_hand_as_it_is() -> None:
    by_hand = {"to": "page", "body": "Hi", "headers": {"Content-Encoding": "gzip"}}
    played = run(responses=[by_hand], delivery={"fault": "stored-headers"}).answer(PAGE)
    assert played.delivery is not None
    schedule = build_schedule(played.response, played.delivery)
    assert (schedule.body, schedule.headers) == (b"Hi", (("Content-Encoding", "gzip"),))


def test_a_text_in_an_unknown_coding_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"Content-Encoding: lzma` is none of gzip, .*base64.*responses\[0\]"):
        run(responses=[{"body": "Hi", "headers": {"Content-Encoding": "lzma"}}])
