"""The message is found in the recorded requests, by the rules of the contract."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.crashtest.recording.message import MessageSearch, find_message
from chatgptfree_mock.tape.model import Interaction, Request, Response

FORM = "application/x-www-form-urlencoded"


def sends(
    body: object = None, *, uri: str = "https://a.example/ask", kind: str = "", answer: bytes = b""
) -> Interaction:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = kind or (FORM if isinstance(body, str) else "application/json")
    request = Request(
        method="GET" if body is None else "POST",
        uri=uri,
        headers=(("Content-Type", kind),) if body is not None else (),
        body=None if body is None else text.encode(),
    )
    return Interaction(request=request, response=Response(body=answer))


def message(*interactions: Interaction) -> str | None:
    found = find_message(interactions).found
    return found[0].value if found else None


CHAT = [
    {"role": "system", "content": "Be nice."},
    {"role": "user", "content": "First?"},
    {"role": "assistant", "content": "An answer."},
    {"role": "user", "content": "Second?"},
]


@for_each("name", ["message", "prompt", "query", "question", "input", "text", "content", "msg", "q", "Q"])
def test_a_leaf_with_a_fitting_name_is_the_message(name: str) -> None:
    assert message(sends({name: "Who?", "model": "m"})) == "Who?"
    assert message(sends(f"{name}=Who%3F&model=m")) == "Who?"
    assert message(sends(uri=f"https://a.example/ask?{name}=Who%3F")) == "Who?"


@for_each(
    ("body", "expected"),
    [
        pytest.param({"messages": CHAT}, "Second?", id="the last of several with role user"),
        pytest.param({"messages": CHAT[:3]}, "First?", id="an assistant's turn is none"),
        pytest.param(
            {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Who?"}]}]},
            "Who?",
            id="nested parts",
        ),
        pytest.param({"contents": [{"role": "user", "parts": [{"text": "Who?"}]}]}, "Who?", id="Gemini's parts"),
        pytest.param({"prompt": ["Who?"]}, "Who?", id="a list of texts"),
        pytest.param({"text": "", "message": "Who?", "query": " "}, "Who?", id="what is empty is none"),
        pytest.param({"message": "one", "text": "two"}, "two", id="the last text"),
        pytest.param({"user_message": "Who?"}, "Who?", id="a compound name"),
        pytest.param({"chatInput": "Who?", "sessionId": "x"}, "Who?", id="a compound name in camel case"),
        pytest.param({"message": "Who?", "chatInput": "no"}, "Who?", id="a plain name before a compound one"),
        pytest.param(
            {"query": "mutation M($m: String!) { ask(m: $m) }", "variables": {"message": "Who?"}}, "Who?", id="GraphQL"
        ),
        pytest.param({"variables": {"message": "Who?"}, "query": "query Q { x }"}, "Who?", id="GraphQL, document last"),
        pytest.param('data={"message":"Who?"}', "Who?", id="JSON in a field of a form"),
        pytest.param("messages[0][content]=Who%3F", "Who?", id="PHP's arrays"),
        pytest.param("action=send&text=send&message=Who%3F&query=send", "Who?", id="what names an action is none"),
        pytest.param(
            "message=Who%3F&content=https%3A%2F%2Fa.example%2Fchat", "Who?", id="what repeats the address is none"
        ),
        pytest.param("message=Who%3F&text=/ask", "Who?", id="nor what repeats the path"),
        pytest.param(
            "message=https%3A%2F%2Fb.example%2Fpage", "https://b.example/page", id="another address may be a message"
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": "Who?"}], "system": [{"type": "text", "text": "Be nice."}]},
            "Who?",
            id="a system prompt behind the messages",
        ),
        pytest.param(
            {
                "contents": [{"role": "user", "parts": [{"text": "Who?"}]}],
                "systemInstruction": {"parts": [{"text": "x"}]},
            },
            "Who?",
            id="Gemini's system instruction",
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": "Who?"}], "prompt": "You are an assistant."},
            "Who?",
            id="the user's last turn before a prompt",
        ),
        pytest.param(
            {"message": "Now?", "history": [{"role": "user", "text": "Before"}]}, "Now?", id="a history is none"
        ),
        pytest.param(
            {"message": "Now?", "turns": [{"role": "user", "text": "Before"}, {"role": "bot", "text": "Yes."}]},
            "Now?",
            id="nor are turns that end with another's",
        ),
        pytest.param({"history": [{"role": "user", "text": "Who?"}]}, "Who?", id="a history alone"),
        pytest.param({"input": "Why?", "prompt": {"variables": {"text": "v"}}}, "Why?", id="variables of a prompt"),
        pytest.param("systemMessage=Be+nice&user_message=Who%3F", "Who?", id="a compound name that is the user's"),
        pytest.param({"system_prompt": "Be nice."}, "Be nice.", id="a system prompt alone"),
        pytest.param({"model": "m"}, None, id="none"),
    ],
)
def test_which_leaf_it_is(body: Any, expected: str | None) -> None:
    assert message(sends(body)) == expected


@pytest.mark.parametrize(
    "page",
    [
        b'<input value="a1b2c3">',
        b"<b>a1b2c3</b>",
        b'{"nonce": "a1b2c3"}',
        b"<div data-x='{&quot;n&quot;:&quot;a1b2c3&quot;}'>",
        b'data: {"text": "a1b2c3"}\n\n',
    ],
)
def test_what_came_from_an_earlier_response_is_never_the_message(page: bytes) -> None:
    recorded = [
        sends(uri="https://a.example/", answer=page),
        sends({"message": "Who?", "text": "a1b2c3"}),
    ]
    assert message(*recorded) == "Who?"
    found = find_message([recorded[0], sends({"text": "a1b2c3"})])
    assert not found.found
    assert [candidate.value for candidate in found.from_responses] == ["a1b2c3"]


def test_a_later_response_and_a_part_of_a_value_do_not_count() -> None:
    assert message(sends({"text": "Hi"}, answer=b'{"a": "Hi"}')) == "Hi"
    assert message(sends(uri="https://a.example/", answer=b'{"a": "Hi there"}'), sends({"text": "Hi"})) == "Hi"


def test_the_message_may_be_in_an_earlier_request_than_the_answer() -> None:
    found = find_message(
        [sends({"message": "Who?"}, answer=b'{"key": "k"}'), sends(uri="https://a.example/stream?key=k")]
    )
    assert found.found[0].place == "POST /ask, message"
    assert found == MessageSearch(found=found.found)


def test_what_a_request_reports_is_not_the_message() -> None:
    log = sends({"text": "clicked send"}, uri="https://a.example/api/log")
    assert message(sends({"message": "Who?"}), log, sends(uri="https://a.example/stream?key=k")) == "Who?"
    assert message(log) == "clicked send"


def test_all_that_stood_to_choose_is_listed_the_best_first() -> None:
    found = find_message([sends({"message": "one", "text": "two"}), sends({"q": "three"})])
    assert [candidate.value for candidate in found.found] == ["three", "two", "one"]
