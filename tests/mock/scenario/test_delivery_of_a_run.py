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

Kind = Literal["page", "ask", "answer", "other"]
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
AJAX = "/wp-admin/admin-ajax.php"
VISITS: dict[Kind, tuple[str, str, str]] = {
    "page": ("GET", "/", ""),
    "ask": ("POST", AJAX, "action=aipkit_cache_sse_message&message=Hello"),
    "answer": ("POST", AJAX, "action=aipkit_frontend_chat_message&message=Hello"),
    "other": ("GET", "/robots.txt", ""),
}
STATIC: dict[str | None, set[Kind]] = {
    None: set(),
    "page": {"page"},
    "ajax": {"ask", "answer"},
    "aipkit_cache_sse_message": {"ask"},
}
"""The requests that each `to` of a static response applies to."""
CUT = Delivery.parse(chunks="bytes")


def run_of(to: str | None, on: str | None, first: int | None) -> Run:
    delivery: dict[str, Any] = {"chunks": "bytes", "on": on, "first": first}
    site = {"plugin": "2.4.71"}
    responses = [] if to is None else [{"to": to, "body": "static"}]
    story = {
        "title": "t",
        "site": site_from(site),
        "delivery": delivery,
        "responses": responses,
        "expect": {"text": "x"},
    }
    scenario = msgspec.convert(story, Scenario, from_attributes=True)
    return Run("text/x", scenario, AipowerSite(site_from(site), now=lambda: 1.7e9, random=Random(7)))


def site_request(kind: Kind) -> SiteRequest:
    method, path, body = VISITS[kind]
    return SiteRequest(method=method, path=path, headers=FORM if body else (), body=body.encode())


def concerns(kind: Kind, on: str | None, *, static: bool) -> bool:
    """Return whether the response to *kind* gets the delivery, as the documentation puts it."""
    if on == "everything":
        return True
    return kind == on if on is not None else kind == "answer" or static


@given(
    to=st.sampled_from(list(STATIC)),
    on=st.sampled_from([None, "answer", "page", "everything"]),
    first=st.none() | st.integers(0, 3),
    kinds=st.lists(st.sampled_from(list(VISITS)), max_size=8),
)
def test_on_and_first_decide_which_responses_are_delivered(
    to: str | None, on: str | None, first: int | None, kinds: list[Kind]
) -> None:
    run = run_of(to, on, first)
    delivered = 0
    for kind in kinds:
        static = kind in STATIC[to]
        reply = run.answer(site_request(kind))
        assert (reply.response.body == b"static") is static
        due = concerns(kind, on, static=static) and (first is None or delivered < first)
        delivered += due
        assert reply.delivery == (CUT if due else Delivery()), (kind, static)


@pytest.mark.parametrize("times", [1, 2])
def test_a_response_of_its_own_is_given_so_often_and_then_the_site_answers(times: int) -> None:
    scenario = msgspec.convert(
        {"title": "t", "responses": [{"to": "page", "body": "own", "times": times}], "expect": {"text": "x"}}, Scenario
    )
    run = Run("text/x", scenario, AipowerSite(site_from({}), now=lambda: 1.7e9, random=Random(7)))
    own = [run.answer(site_request("page")).response.body == b"own" for _ in range(times + 2)]
    assert own == [True] * times + [False] * 2
