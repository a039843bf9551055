"""Headers that select one of several responses: ranges, conditions, languages, operations, credentials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.tape.match_rules import ANY_SITE
from chatgptfree_mock.tape.matching import Candidate, Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response

Recorded = tuple[Headers, int, Headers]
"""The headers of a request, the status of its response, and the headers of that."""
VALUES = {
    "Accept": ("text/html", "application/json"),
    "Accept-Language": ("de", "en"),
    "Authorization": ("Bearer ada", "Bearer bob"),
    "X-Requested-With": ("XMLHttpRequest",),
    "X-Amz-Target": ("Table.Put", "Table.Get"),
    "SOAPAction": ('"put"', '"get"'),
    "HX-Request": ("true",),
    "X-Api-Key": ("ada", "bob"),
    "Notion-Version": ("2022-06-28", "2025-09-03"),
    "Last-Event-ID": ("1", "2"),
    "Upgrade": ("websocket",),
    "Access-Control-Request-Method": ("PUT", "DELETE"),
    "Next-Action": ("a1", "b2"),
}


def request(headers: Headers = (), uri: str = "https://x.example/a") -> Request:
    return Request(method="GET", uri=uri, headers=headers)


def tape(*recorded: Recorded) -> tuple[Candidate, ...]:
    return collect([_cassette(recorded)])


def _cassette(recorded: tuple[Recorded, ...]) -> Cassette:
    interactions = (
        Interaction(request=request(headers), response=Response(status=status, headers=answer, body=b"%d" % number))
        for number, (headers, status, answer) in enumerate(recorded)
    )
    return Cassette(interactions=tuple(interactions))


@st.composite
def _headers(draw: st.DrawFn) -> Headers:
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    return tuple((name, draw(st.sampled_from(VALUES[name]))) for name in names)


@given(st.lists(_headers(), min_size=1, max_size=5, unique_by=frozenset), st.lists(st.integers(0, 4), max_size=8))
def test_each_question_gets_its_own_answer_in_any_order(recorded: list[Headers], order: list[int]) -> None:
    vary = (("Vary", "Accept-Encoding, HX-Request"),)
    player = CassettePlayer([_cassette(tuple((headers, 200, vary) for headers in recorded))])
    for number in (number % len(recorded) for number in order):
        reply = player.play(request(recorded[number][::-1]), "http://127.0.0.1/")
        assert reply.response.body == b"%d" % number


FIRST: Headers = (("Range", "bytes=0-3"),)
SECOND: Headers = (("range", "Bytes=4-7"),)
TAG: Headers = (("If-None-Match", '"1"'),)


def test_a_part_answers_only_the_same_range() -> None:
    parts = tape((FIRST, 206, ()), (SECOND, 206, ()))
    assert find(request((("Range", "bytes = 4-7"),)), parts) == 1
    for asked, words in ((TAG, "got nothing"), ((("Range", "bytes=1-2"),), "got 'bytes=1-2'")):
        refused = find(request(asked), parts)
        assert isinstance(refused, Mismatch)
        assert "conditions differs range: recorded" in str(refused)
        assert words in str(refused)


def test_a_whole_body_answers_any_range() -> None:
    assert find(request(FIRST), tape((SECOND, 206, ()), ((), 200, ()))) == 1
    assert find(request(), tape((FIRST, 200, ()))) == 0


@pytest.mark.parametrize("status", [304, 412])
def test_only_a_request_with_a_condition_is_answered_as_one(status: int) -> None:
    recorded = tape(((), 200, ()), (TAG, status, ()))
    assert [find(request(), recorded, played=[played, 0]) for played in range(3)] == [0, 0, 0]
    assert find(request(TAG), recorded) == 1
    assert find(request((("If-None-Match", '"2"'),)), recorded[1:]) == 0
    assert isinstance(find(request(), recorded[1:]), Mismatch)


def test_another_tag_is_answered_with_the_body() -> None:
    recorded = tape(((), 200, ()), (TAG, 304, ()))
    assert find(request((("If-None-Match", '"2"'),)), recorded, played=[3, 0]) == 0


def test_cookies_that_both_send_select_and_others_do_not() -> None:
    recorded = tape(*(((("Cookie", f"lang={lang}; id={lang}1"),), 200, ()) for lang in ("de", "en")))
    for asked in ("a=1; lang=en", "id=new; lang=en", "id=en1"):
        assert find(request((("Cookie", asked),)), recorded) == 1
    for asked in ("a=1", "id=new"):
        assert [find(request((("Cookie", asked),)), recorded, played=[played, 0]) for played in (0, 1)] == [0, 1]


def test_without_a_condition_the_responses_to_conditional_requests_come_in_turn() -> None:
    polled = tape(((), 200, ()), (TAG, 304, ()), (TAG, 200, ()))
    assert [find(request(), polled, played=[1, 0, 0]), find(request(), polled, played=[1, 0, 1])] == [2, 0]


def test_what_the_recording_lacks_is_not_demanded() -> None:
    assert find(request(), tape(((), 304, ()))) == 0
    assert find(request(FIRST), tape(((), 206, ()))) == 0


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "x-goog-api-key"])
def test_hidden_credentials_select_by_their_presence(name: str) -> None:
    hidden = ((name, "00000000000000000000000000000001"),)
    recorded = tape(((), 401, ()), (hidden, 200, ()))
    assert find(request(((name, "my-own"),)), recorded) == 1
    assert find(request(), recorded, played=[3, 0]) == 0


@pytest.mark.parametrize("name", ["range", "if-none-match", "accept"])
def test_a_volatile_header_selects_nothing(name: str) -> None:
    rules = ANY_SITE.changed(volatile=[name])
    headers: Headers = ((name, "bytes=0-3"),)
    recorded = collect([_cassette(((headers, {"range": 206}.get(name, 304), ()), ((), 200, ())))], lambda _: rules)
    assert find(request(), recorded) == 0
    assert find(request(headers), recorded, played=[1, 0]) == 1


def test_a_user_may_leave_conditions_out_of_what_must_match() -> None:
    rules = ANY_SITE.changed(match_on=["method", "path"])
    assert find(request(SECOND), collect([_cassette(((FIRST, 206, ()),))], lambda _: rules)) == 0
