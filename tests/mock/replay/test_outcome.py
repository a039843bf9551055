"""Which faults had an effect on an answer, and the reasons why others had none."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.many_cases import for_each

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.fault_words import WORDS
from chatgptfree_mock.replay.outcome import displaced, unfired
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.model import End, Response

CHUNKED = Response(headers=(("Transfer-Encoding", "chunked"),), body=b"0123456789")
SIZED = Response(headers=(("Content-Length", "10"),), body=b"0123456789")
CODED = Response(headers=(("Content-Encoding", "gzip"), ("Content-Length", "10")), body=b"0123456789")
"""Its body is not stored in the coding that it claims."""
EMPTY = Response(status=204)


SAMPLES = {"none": "", "duration": "=3ms", "hold": "=3ms", "difference": "=3", "count": "=3"}


def written(word: str) -> str:
    """Return the fault *word* with a value if it takes one, half-way if it has a place."""
    place = "" if WORDS[word].place is None else "@50%"
    return f"{word}{place}{SAMPLES[WORDS[word].value]}"


def missed(response: Response, fault: str, *, left_after: int | None = None) -> dict[str, str]:
    """Return the faults that were not applied, each with the reason."""
    schedule = build_schedule(response, Delivery.parse(fault=fault))
    sent = len(schedule.body) if left_after is None else left_after
    end = schedule.end if left_after is None else End.CLIENT_CLOSED
    found = unfired(schedule, framing=schedule.framing, sent=sent, head=True, end=end)
    return {str(fault): reason for fault, reason in found}


@pytest.mark.parametrize("fault", ["stall@50%", "stall@head=1ms", "wrong-length=-3", "drip@50%=1ms"])
def test_other_forms_of_a_fault_are_applied_too(fault: str) -> None:
    assert missed(SIZED, fault) == {}


@for_each("word", WORDS)
def test_every_word_is_reported_as_applied_where_it_fits(word: str) -> None:
    assert missed(SIZED if WORDS[word].framing == "length" else CHUNKED, written(word)) == {}


@for_each("word", [word for word in WORDS if WORDS[word].needs_body])
def test_a_word_that_needs_a_body_is_not_applied_without_one(word: str) -> None:
    assert list(missed(EMPTY, written(word)).values()) == ["the response has no body"]


@for_each("word", WORDS)
def test_every_word_changes_what_is_sent(word: str) -> None:
    fault = Delivery.parse(fault=written(word))
    unchanged = [
        response
        for response in (CHUNKED, SIZED, CODED)
        if replace(build_schedule(response, fault), faults=(), ended_by=None) == build_schedule(response)
    ]
    assert len(unchanged) < 3


@for_each(
    ("response", "fault", "reason"),
    [
        (CHUNKED, "wrong-length", None),
        (SIZED, "wrong-length", None),
        (EMPTY, "drip=1ms", "no body"),
        (EMPTY, "garble-chunk", "no body"),
        (EMPTY, "truncate@50%", "no body"),
        (EMPTY, "reset@50%", None),
        (EMPTY, "delay-headers=1ms", None),
        (CHUNKED, "reset@20%,truncate@80%", "`reset@20%` ends the response before"),
        (CHUNKED, "reset@20%,trailers", "`reset@20%` ends the response before"),
        (CHUNKED, "truncate@2,drip@5=1ms", "only 2 bytes of the body were sent"),
        (CHUNKED, "truncate@2,stall@5=1ms", "only 2 bytes of the body were sent"),
    ],
)
def test_a_fault_without_effect_gives_the_reason(response: Response, fault: str, reason: str | None) -> None:
    found = missed(response, fault)
    assert [reason in why for why in found.values()] == [True] if reason else found == {}


@pytest.mark.parametrize("fault", ["reset@50%", "stall@50%", "garble-chunk@50%", "drip@50%=1ms", "trailers"])
def test_a_client_that_leaves_before_is_the_reason(fault: str) -> None:
    (reason,) = missed(CHUNKED, fault, left_after=3).values()
    assert "3 bytes" in reason


def test_framing_towards_an_old_client_counts() -> None:
    schedule = build_schedule(CHUNKED, Delivery.parse(fault="chunk-extensions"))
    framing = schedule.framing_for(http11=False)
    assert framing is Framing.CLOSE
    assert list(unfired(schedule, framing=framing, sent=10, head=True, end=End.COMPLETE))


THREE = Response(
    headers=(("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")),
    body=b"data: 1\n\ndata: 2\n\ndata: 3\n\n",
    chunks=((0, 9), (1, 9), (2, 9)),
)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("truncate@chunk:4", "the response has only 3 chunks"),
        ("stall@event:900=1ms", "the response has only 3 events"),
        ("garble-chunk@28", "the response has only 27 bytes"),
        ("truncate@chunk:3", None),
        ("reset@event:3", None),
        ("reset@27", None),
        ("reset@100%", None),
        ("reset@5000ms", None),  # it waits until then
        ("reset@head", None),
    ],
)
def test_a_place_behind_the_end_is_named(fault: str, reason: str | None) -> None:
    schedule = build_schedule(THREE, Delivery.parse(fault=fault))
    assert [why for _, why in displaced(schedule)] == ([] if reason is None else [reason])


def test_one_unit_is_counted_in_the_singular() -> None:
    schedule = build_schedule(CHUNKED, Delivery.parse(chunks="whole", fault="truncate@chunk:2"))
    assert [why for _, why in displaced(schedule)] == ["the response has only 1 chunk"]
