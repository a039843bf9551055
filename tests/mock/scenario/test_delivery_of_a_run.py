"""The law of a scenario's delivery: `on` and `first` decide which responses get it, whoever makes the response."""

from __future__ import annotations

from random import Random
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.scenario.runs import Run
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite

Part = Literal["page", "ask", "answer", "other"]
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
AJAX = "/wp-admin/admin-ajax.php"
VISITS: dict[Part, tuple[str, str, str]] = {
    "page": ("GET", "/", ""),
    "ask": ("POST", AJAX, "action=aipkit_cache_sse_message&message=Hello"),
    "answer": ("POST", AJAX, "action=aipkit_frontend_chat_message&message=Hello"),
    "other": ("GET", "/robots.txt", ""),
}
BY_HAND: dict[str | None, set[Part]] = {
    None: set(),
    "page": {"page"},
    "ajax": {"ask", "answer"},
    "aipkit_cache_sse_message": {"ask"},
}
"""What `to` of a response of the scenario's own stands for."""
CUT = Delivery.parse(chunks="bytes")


def run_of(to: str | None, on: str | None, first: int | None) -> Run:
    delivery: dict[str, Any] = {"chunks": "bytes", "on": on, "first": first}
    site = {"plugin": "2.4.71"}
    own = [] if to is None else [{"to": to, "body": "given by hand"}]
    story = {"title": "t", "site": site_from(site), "delivery": delivery, "responses": own, "expect": {"text": "x"}}
    scenario = msgspec.convert(story, Scenario, from_attributes=True)
    return Run("text/x", scenario, AipowerSite(site_from(site), now=lambda: 1.7e9, random=Random(7)))


def visit(part: Part) -> SiteRequest:
    method, path, body = VISITS[part]
    return SiteRequest(method=method, path=path, headers=FORM if body else (), body=body.encode())


def concerns(part: Part, on: str | None, *, by_hand: bool) -> bool:
    """Say it in the words of the documentation."""
    if on == "everything":
        return True
    return part == on if on is not None else part == "answer" or by_hand


@given(
    to=st.sampled_from(list(BY_HAND)),
    on=st.sampled_from([None, "answer", "page", "everything"]),
    first=st.none() | st.integers(0, 3),
    parts=st.lists(st.sampled_from(list(VISITS)), max_size=8),
)
def test_on_and_first_decide_which_responses_are_delivered(
    to: str | None, on: str | None, first: int | None, parts: list[Part]
) -> None:
    run = run_of(to, on, first)
    delivered = 0
    for part in parts:
        by_hand = part in BY_HAND[to]
        reply = run.answer(visit(part))
        assert (reply.response.body == b"given by hand") is by_hand
        due = concerns(part, on, by_hand=by_hand) and (first is None or delivered < first)
        delivered += due
        assert reply.delivery == (CUT if due else Delivery()), (part, by_hand)


@pytest.mark.parametrize("times", [1, 2])
def test_a_response_of_its_own_is_given_so_often_and_then_the_site_answers(times: int) -> None:
    scenario = msgspec.convert(
        {"title": "t", "responses": [{"to": "page", "body": "own", "times": times}], "expect": {"text": "x"}}, Scenario
    )
    run = Run("text/x", scenario, AipowerSite(site_from({}), now=lambda: 1.7e9, random=Random(7)))
    own = [run.answer(visit("page")).response.body == b"own" for _ in range(times + 2)]
    assert own == [True] * times + [False] * 2
