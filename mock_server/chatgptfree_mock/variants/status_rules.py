"""The family `status/`: an error in the answer's place (RFC 9110 section 15)."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.tape.model import Headers, Response
from chatgptfree_mock.variants.recorded_answer import AT_ONCE, RecordedAnswer, with_framing
from chatgptfree_mock.variants.rule import Rule, breakage
from chatgptfree_mock.variants.wire_bytes import Answer

WORDS: Final = "The service could not answer"
"""The message in all error bodies."""
JSON_ERROR: Final = '{"error":{"message":"%s (%d).","type":"server_error","code":%d}}'
_HTML: Final = "<!DOCTYPE html><html><head><title>%d</title></head><body><h1>%s (%d).</h1></body></html>"
_REASONS: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    529: "Site is Overloaded",
}
_RETRIED: Final = (429, 500, 503)


def _response(status: int, body: str, kind: str, more: Headers = ()) -> Response:
    headers = (("Content-Type", kind), *more)
    response = Response(status=status, reason=_REASONS.get(status, "OK"), headers=headers, body=body.encode())
    return with_framing(response, Framing.LENGTH)


def _json(_: RecordedAnswer, status: int) -> Answer:
    more: Headers = (("Retry-After", "1"),) if status in (429, 503) else ()
    return Answer(response=_response(status, JSON_ERROR % (WORDS, status, status), "application/json", more))


def _html(_: RecordedAnswer, status: int) -> Answer:
    return Answer(response=_response(status, _HTML % (status, WORDS, status), "text/html; charset=utf-8"))


def _plain_text(_: RecordedAnswer, status: int) -> Answer:
    return Answer(response=_response(status, f"{WORDS} ({status}).\n", "text/plain; charset=utf-8"))


def _empty(answer: RecordedAnswer, status: int) -> Answer:
    """Send the recorded head with another status, and no body."""
    response = replace(answer.response, status=status, reason=_REASONS.get(status, "OK"), body=b"", chunks=())
    return Answer(response=with_framing(response, Framing.LENGTH), delivery=AT_ONCE)


def _as_the_answer(answer: RecordedAnswer, status: int) -> Answer:
    """Send the whole recorded answer with an error status, so that its text is not an answer."""
    response = replace(answer.response, status=status, reason=_REASONS[status])
    return Answer(response=response, delivery=AT_ONCE)


def _no_content(answer: RecordedAnswer) -> Answer:
    response = replace(answer.response, status=204, reason="No Content", body=b"", chunks=())
    return Answer(response=response, delivery=AT_ONCE)


def _is_any_text(answer: RecordedAnswer) -> bool:
    return answer.kind == "text" and answer.mark is None


def _hidden_if_nothing_shows(answer: RecordedAnswer) -> bool:
    return not answer.shows_a_cut_at(0)


_CLAUSE: Final = "RFC 9110 section 15"
_SHORT: Final = (429, 500)

STATUS_RULES: Final[tuple[Rule, ...]] = (
    *(
        breakage(f"status/{status}", partial(_json, status=status), _CLAUSE, short=status in _SHORT, error=WORDS)
        for status in _REASONS
    ),
    *(
        breakage(f"status/{status}-html", partial(_html, status=status), _CLAUSE, short=status == 502, error=WORDS)
        for status in (403, 404, 500, 502, 503, 504)
    ),
    *(
        breakage(f"status/{status}-plain", partial(_plain_text, status=status), _CLAUSE, error=WORDS)
        for status in (429, 500, 502, 503)
    ),
    *(
        breakage(f"status/{status}-empty", partial(_empty, status=status), _CLAUSE, short=status == 503)
        for status in (401, 429, 500, 503)
    ),
    *(
        breakage(f"status/{status}-as-the-answer", partial(_as_the_answer, status=status), _CLAUSE, grade=3)
        for status in (500, 503)
    ),
    *(
        breakage(
            f"status/{status}/once", partial(_json, status=status), _CLAUSE, short=status == 429, error=WORDS, once=True
        )
        for status in _RETRIED
    ),
    *(
        breakage(f"status/200-{name}", rewrite, source, grade=2, short=True, hidden=_is_any_text, error=WORDS)
        for name, rewrite, source in (
            ("html", partial(_html, status=200), "block pages and maintenance pages come so"),
            ("error-object", partial(_json, status=200), "gateways send the error of their source with a 200"),
        )
    ),
    breakage(
        "status/200-empty",
        partial(_empty, status=200),
        "PHP that dies before its first output",
        grade=2,
        short=True,
        hidden=_hidden_if_nothing_shows,
    ),
    breakage(
        "status/204",
        _no_content,
        "RFC 9110 section 15.3.5; EventSource stops without an error",
        grade=3,
        hidden=_hidden_if_nothing_shows,
    ),
)
"""Breakages: an error in the answer's place."""
