"""Errors in whatever shape an API, a relay or a server in front of it writes them; and answers that only look so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import HTML, JSON, AnswerResult, head_of, read, result_of
from tests.support.many_cases import for_each

from chatgptfree.core.answer import error_object
from chatgptfree.errors import ChatError

DONE = "data: [DONE]\n\n"
HALF = 'data: {"choices":[{"index":0,"delta":{"content":"Half "}}]}\n\n'

ERRORS: dict[str, dict[str, Any]] = {
    "object error": {"object": "error", "message": "boom", "type": "BadRequestError", "param": None, "code": 400},
    "MiniMax": {"id": "x", "choices": None, "base_resp": {"status_code": 1002, "status_msg": "boom"}},
    "MiniMax in a chunk": {"choices": [{"delta": {}}], "base_resp": {"status_code": 1008, "status_msg": "boom"}},
    "FastChat": {"text": "**NETWORK ERROR** boom", "error_code": 50001},
    "Baidu": {"error_code": 17, "error_msg": "boom"},
    "WeChat": {"errcode": 40001, "errmsg": "boom"},
    "a code as a word": {"errno": "E_BOOM", "errMsg": "boom"},
    "words of an error alone": {"error_message": "boom"},
    "Lambda": {"errorMessage": "boom", "errorType": "Runtime"},
    "Groq": {"choices": [{"index": 0, "delta": {}}], "x_groq": {"id": "r", "error": "boom"}},
    "RFC 9457": {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "boom"},
    "RFC 9457 with a URI": {
        "type": "https://a.test/e",
        "title": "No",
        "status": 503,
        "detail": "boom",
        "instance": "/",
    },
    "RFC 9457 without a status": {"type": "urn:e", "title": "No credit", "detail": "boom"},
    "iFlytek": {"code": 11200, "message": "boom", "sid": "s"},
    "iFlytek's header": {"header": {"code": 10013, "message": "boom", "sid": "s", "status": 2}},
    "a code in words": {"code": "invalid_api_key", "message": "boom"},
    "an HTTP status as the code": {"code": 500, "msg": "boom", "data": None},
    "a status in digits": {"status": "429", "message": "boom"},
    "Nest": {"statusCode": 500, "message": "Internal", "error": "boom"},
    "a code beside no choices": {"choices": [], "code": 1301, "message": "boom"},
    "FastAPI": {"detail": "boom"},
    "FastAPI's validation": {"detail": [{"loc": ["body"], "msg": "boom", "type": "missing"}]},
    "a bare message": {"message": "boom"},
    "AWS": {"Message": "boom"},
    "AWS with a type": {"__type": "ThrottlingException", "message": "boom"},
    "Dify": {"event": "error", "task_id": "t", "status": 400, "code": "invalid_param", "message": "boom"},
    "a type of error": {"type": "server_error", "message": "boom"},
    "an exception": {"exception": "boom"},
    "errors": {"errors": [{"message": "boom"}], "data": None},
    "errors in words": {"errors": ["boom"]},
    "Cloudflare": {"success": False, "errors": [{"code": 7003, "message": "boom"}], "messages": [], "result": None},
    "Apigee": {"fault": {"faultstring": "boom", "detail": {"errorcode": "x"}}},
    "Responses": {
        "type": "response.failed",
        "response": {"status": "failed", "error": {"code": "x", "message": "boom"}},
    },
    "Responses' own": {"type": "error", "code": "server_error", "message": "boom", "param": None},
    "within the response": {"response": {"error": {"message": "boom"}}},
    "within the result": {"result": {"error": "boom"}},
    "within the data": {"data": {"error": {"message": "boom"}}},
    "within the detail": {"detail": {"error": {"message": "boom"}}},
    "a code within the data": {"data": {"code": 11200, "message": "boom"}},
    "Tencent": {"Response": {"Error": {"Code": "Limit", "Message": "boom"}, "RequestId": "r"}},
    "Volcengine": {"ResponseMetadata": {"Error": {"Code": "x", "Message": "boom"}}},
    "within a choice": {"choices": [{"index": 0, "error": {"code": 502, "message": "boom"}}]},
    "within a delta": {"choices": [{"index": 0, "delta": {"error": {"message": "boom"}}}]},
    "within a message": {"choices": [{"index": 0, "message": {"content": "", "error": "boom"}}]},
    "not ok": {"ok": False, "description": "boom", "error_code": 400},
    "a flag": {"is_error": True, "message": "boom"},
    "a state": {"state": "FAILED", "message": "boom"},
    "a lower case Error": {"Error": "boom"},
    "Bedrock": {"modelStreamErrorException": {"message": "boom", "originalStatusCode": 500}},
    "a status in words": {"status": "unauthorized", "message": "boom"},
    "error by a number": {"error": 1, "message": "boom"},
    "an upper-case Exception": {"Exception": "boom"},
    "err": {"err": "boom"},
    "OAuth": {"error_description": "boom"},
    "a type of error alone": {"error_type": "boom"},
    "failed": {"failed": True, "message": "boom"},
    "a report under meta": {"meta": {"code": 500, "message": "boom"}},
    "Google's status": {"status": {"code": 5, "status": "NOT_FOUND", "message": "boom"}},
    "in place of the reply": {"success": True, "data": {"reply": {"object": "error", "message": "boom"}}},
    "in place of the answer": {"answer": {"error": {"message": "boom"}}},
}

NAMES = ["exception", "error", "Error", "failed", "stream_error", "modelStreamErrorException", "response.error"]
NAMES += ["abort", "cancelled", "timeout", "fatal"]

FINE_BESIDE: dict[str, list[Any]] = {
    "error": [
        None,
        "",
        False,
        0,
        {},
        [],
        {"code": 0, "message": "success"},
        {"code": None, "message": None},
        "success",
    ],
    "errors": [None, [], {}],
    "err": [None, "", 0],
    "meta": [None, {}, {"code": 200}, {"code": "en"}, {"page": 1}],
    "failed": [False, None],
    "code": [None, 0, 200, "0", "200", "success", "OK", ""],
    "error_code": [None, 0, "0", "success"],
    "error_msg": [None, "", "success", "ok"],
    "errno": [0, None],
    "status_code": [0, 200, 201],
    "statusCode": [200, "200"],
    "base_resp": [None, {}, {"status_code": 0, "status_msg": "success"}, {"status_code": 0, "status_msg": ""}],
    "header": [{"code": 0, "message": "Success", "sid": "s", "status": 2}],
    "x_groq": [{"id": "r"}, {"id": "r", "usage": {"total_tokens": 3}}, {"id": "r", "error": None}],
    "message": [None, "", "success", "ok"],
    "msg": [None, "", "ok", "success"],
    "detail": [None, "", []],
    "exception": [None, ""],
    "is_error": [False, None],
    "ok": [True],
    "usage": [{"total_tokens": 3}, None],
    "title": ["A title", None],
    "object": ["chat.completion.chunk", "chat.completion", None],
    "sid": ["s"],
    "warning": ["this model is old"],
    "last_error": [None],
    "trace_id": ["t"],
}

STREAMED: list[dict[str, Any]] = [
    {"choices": [{"index": 0, "delta": {"content": "Hello"}}]},
    {"choices": [{"index": 0, "text": "Hello"}]},
    {"delta": "Hello"},
    {"candidates": [{"content": {"parts": [{"text": "Hello"}]}}]},
]
WHOLE: list[dict[str, Any]] = [
    {"status": "success", "data": "Hello"},
    {"success": True, "data": {"reply": "Hello"}},
    {"success": True, "data": {"message": "Hello"}},
    {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]},
    {"reply": "Hello"},
    {"data": {"text": "Hello"}},
    {"message": {"role": "assistant", "content": "Hello"}, "done_reason": "stop"},
]
BESIDE = st.dictionaries(st.sampled_from(sorted(FINE_BESIDE)), st.integers(0, 20), max_size=4).map(
    lambda chosen: {key: FINE_BESIDE[key][n % len(FINE_BESIDE[key])] for key, n in chosen.items()}
)


def stream(*events: str | dict[str, Any]) -> bytes:
    return "".join(e if isinstance(e, str) else f"data: {json.dumps(e)}\n\n" for e in events).encode()


@for_each("error", [pytest.param(error, id=name) for name, error in ERRORS.items()])
def test_an_error_in_a_stream_ends_the_answer_with_what_came(error: dict[str, Any]) -> None:
    text, last = read([stream(HALF, error, DONE)])
    assert isinstance(last, ChatError)
    assert (text, last.partial) == ("Half ", "Half ")
    assert last.kind in ("upstream", "rate_limited", "refused")
    assert "boom" in str(last)


@for_each("error", [pytest.param(error, id=name) for name, error in ERRORS.items()])
@for_each("content_type", [JSON, HTML, "application/problem+json"])
def test_an_error_in_place_of_an_answer_is_never_text(error: dict[str, Any], content_type: str) -> None:
    text, last = read([json.dumps(error).encode()], head_of(content_type))
    assert isinstance(last, ChatError)
    assert text == ""
    assert last.kind in ("upstream", "rate_limited", "refused", "protocol")
    assert "boom" in str(last) + last.excerpt
    assert result_of([stream(error, DONE)]).error


@for_each("name", NAMES)
@for_each("data", ['{"message":"boom"}', '{"text":"boom"}', "boom", '"boom"'])
def test_an_event_that_is_named_an_error_is_one(name: str, data: str) -> None:
    assert result_of([stream(HALF, f"event: {name}\ndata: {data}\n\n", DONE)]) == AnswerResult(
        text="Half ", error="upstream"
    )


def test_the_words_of_a_named_error_are_its_message() -> None:
    _, last = read([stream('event: exception\ndata: {"type":"Unknown","message":"boom"}\n\n')])
    assert str(last).endswith(": boom")


@pytest.mark.parametrize("name", ["ping", "status_update", "response.mcp_call.failed", "errors_fixed", "terror"])
def test_an_event_of_another_name_is_not_one(name: str) -> None:
    body = stream(HALF, f'event: {name}\ndata: {{"message":"Searching the web"}}\n\n', DONE)
    assert result_of([body]).error is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"status": 429, "title": "Too Many Requests"}, "rate_limited"),
        ({"code": 429, "message": "boom"}, "rate_limited"),
        ({"base_resp": {"status_code": 429, "status_msg": "boom"}}, "rate_limited"),
        ({"status": 403, "title": "Forbidden", "detail": "boom"}, "refused"),
        ({"status": 500, "title": "Oops"}, "upstream"),
        ({"code": 11200, "message": "boom"}, "upstream"),
    ],
)
def test_a_status_of_http_decides_the_kind(error: dict[str, Any], kind: str) -> None:
    assert result_of([json.dumps(error).encode()], head_of(JSON)).error == kind
    assert result_of([stream(HALF, error, DONE)]).error == kind


@pytest.mark.parametrize("key", ["code", "status", "status_code", "statusCode"])
def test_a_status_of_http_is_an_error_beside_text_too(key: str) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "x"}}], key: 500}
    assert result_of([stream(HALF, chunk, DONE)]) == AnswerResult(text="Half x", error="upstream")


@given(error=st.sampled_from(list(ERRORS.values())), beside=BESIDE)
def test_an_error_stays_one_whatever_else_is_in_it(error: dict[str, Any], beside: dict[str, Any]) -> None:
    well = {
        "code",
        "error_code",
        "errno",
        "status_code",
        "statusCode",
        "ok",
        "object",
    }  # with these values it is no error
    lone = len(error) == 1 and not error.keys() & error_object.KEYS
    body = {**{key: value for key, value in beside.items() if key not in well and not lone}, **error}
    assert result_of([stream(HALF, body, DONE)]).error
    outcome = result_of([json.dumps(body).encode()], head_of(JSON))
    assert outcome.error
    assert outcome.text == ""


@given(answer=st.sampled_from(STREAMED), beside=BESIDE)
def test_a_piece_of_an_answer_stays_one_whatever_else_is_in_it(answer: dict[str, Any], beside: dict[str, Any]) -> None:
    assert result_of([stream({**beside, **answer}, DONE)]) == AnswerResult(text="Hello")
    assert result_of([stream(HALF, {**answer, **beside}, DONE)]) == AnswerResult(text="Half Hello")


@given(answer=st.sampled_from(WHOLE), beside=BESIDE)
def test_a_whole_answer_stays_one_whatever_else_is_in_it(answer: dict[str, Any], beside: dict[str, Any]) -> None:
    outcome = result_of([json.dumps({**beside, **answer}).encode()], head_of(JSON))
    assert (outcome.text, outcome.error) == ("Hello", None)
    assert set(outcome.warnings) <= {"odd-shape"}


@given(beside=BESIDE)
def test_an_event_without_text_that_reports_success_is_ignored(beside: dict[str, Any]) -> None:
    empty = {"id": "c", "choices": [], **{key: value for key, value in beside.items() if key != "error"}}
    assert result_of([stream(HALF, empty, DONE)]) == AnswerResult(text="Half ")


@for_each(
    ("words", "kind", "retryable"),
    [
        ("Too many requests. Please wait a minute and try again.", "rate_limited", True),
        ("Too many requests. Come back in 30 seconds!", "rate_limited", True),
        ("TOO MANY REQUESTS", "rate_limited", True),
        ("Too many requests, please slow down.", "rate_limited", True),
        ("Too many requests: 60 a minute are allowed", "rate_limited", True),
        ("Too many requests of that kind have no answer.", "refused", False),
        ("Unable to verify this request. Please try again.", "upstream", True),
        ("Unable to verify this request.  Reload the page", "upstream", True),
        (
            "The AI request could not be completed. Please contact the site administrator. Reference: a1b2-c3",
            "upstream",
            True,
        ),
        ("SSE service components not fully initialized.", "upstream", True),
        ("Access from your IP address has been blocked.", "refused", False),
        ("File upload is unavailable.", "refused", False),
    ],
)
def test_the_words_of_the_newest_releases(words: str, kind: str, retryable: bool) -> None:
    """2.4.84 and later, before the message is begun (AIPKit's checks) and in JSON."""
    event = (
        f'event: error\nid: err-1\ndata: {json.dumps({"error": words})}\n\nevent: done\ndata: {{"finished":true}}\n\n'
    )
    _, last = read([event.encode()])
    assert isinstance(last, ChatError)
    assert (last.kind, last.retryable) == (kind, retryable)


@pytest.mark.parametrize("status", [200, 403, 429, 503])
@pytest.mark.parametrize(
    ("words", "kind"),
    [("Too many requests. Slow down.", "rate_limited"), ("Unable to verify this request. Later.", "upstream")],
)
def test_the_opening_of_a_message_decides_with_any_status(words: str, kind: str, status: int) -> None:
    body = json.dumps({"success": False, "data": {"message": words}})
    assert result_of([body.encode()], head_of(JSON, status)).error == kind


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "public_request_rate_limit", "rate_limited"),
        (503, "public_request_unavailable", "upstream"),
        (403, "ip_banned", "refused"),
        (429, "quota_exceeded", "refused"),
    ],
)
def test_the_codes_of_the_newest_releases(status: int, code: str, kind: str) -> None:
    body = json.dumps({"success": False, "data": {"message": "x", "code": code}})
    assert result_of([body.encode()], head_of(JSON, status)).error == kind


def test_the_reason_is_in_the_message_where_nothing_else_is() -> None:
    _, last = read([stream(HALF, {"status": "error", "reason": "overloaded"})])
    assert isinstance(last, ChatError)
    assert last.excerpt == "overloaded"


def test_keys_beside_the_words_of_an_error_do_not_matter() -> None:
    """AI Puffer Cloud adds some."""
    beside = {"status": 503, "stop_batch": True, "provider_error_code": "x", "cloud_request_state": "settled"}
    start = 'event: message_start\ndata: {"message_id":"m"}\n\n'
    for more in (beside, beside | {"status": 429}, beside | {"status": 403}):
        event = f"event: error\ndata: {json.dumps({'error': 'The AI model is busy.', **more})}\n\n"
        assert result_of([(start + HALF + event).encode()]) == AnswerResult(text="Half ", error="upstream")


def test_a_code_with_words_beside_the_opening_of_a_block_is_an_error() -> None:
    """The block may have text, but no key is there that only an answer has."""
    opening = {"type": "content_block_start", "content_block": {"type": "text", "text": "Hi"}}
    assert error_object.is_error({**opening, "code": 1001, "message": "boom"})
    assert not error_object.is_error({"choices": [{"message": {"content": "Hi"}}], "code": 1001, "message": "boom"})
