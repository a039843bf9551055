"""What redaction has hidden in a recorded request is not compared; what a response gives out is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.matching import Mismatch, collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction.redactor import redact

LOGIN = "https://api.example.com/login"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def post(body: str, uri: str = LOGIN, headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return Request(method="POST", uri=uri, headers=headers, body=body.encode())


def played(sent: Request, *recorded: Request, given: Mapping[int, str] | None = None) -> int | Mismatch:
    """Return which of the *recorded* requests answers; *given*: the bodies of responses by index."""
    bodies = given or {}
    exchanges = [
        Interaction(request=request, response=Response(body=bodies.get(index, "").encode()))
        for index, request in enumerate(recorded)
    ]
    return find(sent, collect([Cassette(interactions=tuple(exchanges))]))


@for_each(
    ("recorded", "sent"),
    [
        pytest.param(
            post('{"user": "ada", "password": "0000000001"}'),
            post('{"user": "ada", "password": "pw12345678"}'),
            id="a password in JSON",
        ),
        pytest.param(
            post("user=a&password=00000001", headers=FORM),
            post("user=a&password=secret", headers=FORM),
            id="a form",
        ),
        pytest.param(
            post("mail=visitor-1%40redacted.invalid", headers=FORM),
            post("mail=a%40x.example", headers=FORM),
            id="mail",
        ),
        pytest.param(
            post("{}", f"{LOGIN}?api_key=sk-00000000000000000001"), post("{}", f"{LOGIN}?api_key=sk-a"), id="a query"
        ),
        pytest.param(post('{"pin": 1000000001}'), post('{"pin": 4711471147}'), id="a number"),
        pytest.param(
            post('{"list": [{"ip": "198.18.0.1"}]}'), post('{"list": [{"ip": "10.0.0.1"}]}'), id="an address in a list"
        ),
        pytest.param(
            post('{"id": "00000000-0000-4000-8000-000000000001"}'),
            post('{"id": "9f1c2d3e-0000-4000-8000-1234567890ab"}'),
            id="a UUID",
        ),
        pytest.param(post("{}", f"{LOGIN}/visitor-1@redacted.invalid/x"), post("{}", f"{LOGIN}/a@b.c/x"), id="a path"),
        pytest.param(post('{"key": "<REDACTED>"}'), post('{"key": "abc"}'), id="hidden by hand"),
        pytest.param(
            post("data=%7B%22pass%22%3A%20%220000000001%22%7D", headers=FORM),
            post("data=%7B%22pass%22%3A%20%22secret%22%7D", headers=FORM),
            id="JSON in a field",
        ),
    ],
)
def test_a_hidden_value_is_not_compared(recorded: Request, sent: Request) -> None:
    assert played(sent, recorded) == 0


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        pytest.param(post('{"q": "0000"}'), post('{"q": "1234"}'), id="a short number"),
        pytest.param(post('{"q": "..."}'), post('{"q": "Who are you?"}'), id="dots"),
        pytest.param(post('{"q": "What is REDACTED here?"}'), post('{"q": "Who are you?"}'), id="a sentence"),
        pytest.param(
            post('{"user": "ada", "password": "0000000001"}'),
            post('{"user": "bob", "password": "0000000001"}'),
            id="a value beside it",
        ),
    ],
)
def test_everything_else_is(recorded: Request, sent: Request) -> None:
    assert isinstance(played(sent, recorded), Mismatch)


def test_a_hidden_value_that_an_earlier_response_gives_out_is_compared() -> None:
    page = Request(method="GET", uri="https://api.example.com/")
    first, second = (post(f'{{"chat": "000000000{number}"}}') for number in (1, 2))
    given = {0: '{"chats": ["0000000001", "0000000002"]}'}
    assert played(second, page, first, second, given=given) == 2
    assert isinstance(played(post('{"chat": "0000000003"}'), page, first, second, given=given), Mismatch)


def test_of_several_hidden_values_the_recorded_one_is_preferred() -> None:
    first, second = (post(f'{{"password": "000000000{number}"}}') for number in (1, 2))
    assert played(second, first, second) == 1


def test_what_redaction_hides_is_answered_to_the_client_that_was_recorded() -> None:
    request = post('{"email": "ada@example.com", "password": "pw12345678", "question": "Hello"}')
    hidden = redact(Cassette(interactions=(Interaction(request=request, response=Response(body=b"{}")),)))
    assert b"pw12345678" not in (hidden.interactions[0].request.body or b"")
    assert find(request, collect([hidden])) == 0
    assert isinstance(find(post('{"email": "a@b.c", "password": "x", "question": "Bye"}'), collect([hidden])), Mismatch)
