"""Compare two answers: status, meaningful headers, kind of body, contents, and end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.diff.events import EventStream, compare_streams, stream_of
from chatgptfree_mock.diff.findings import Finding, added_and_removed, changed
from chatgptfree_mock.diff.masking import masked, quoted
from chatgptfree_mock.diff.page_comparison import compare_pages
from chatgptfree_mock.diff.pages import ComparedPage, page_of
from chatgptfree_mock.diff.shapes import Shape, compare_shapes, shape_of
from chatgptfree_mock.tape.forms import content_type, form_of
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Request, Response
from chatgptfree_mock.variants.json_text import is_json_lines

_OF_THE_MOMENT: Final = frozenset(
    (
        *(
            "date",
            "server",
            "connection",
            "keep-alive",
            "transfer-encoding",
            "content-length",
            "content-type",
            "set-cookie",
        ),
        *("age", "etag", "last-modified", "via", "x-powered-by", "cf-ray", "cf-cache-status", "alt-svc", "nel"),
        *("report-to", "server-timing", "x-request-id", "x-cache", "x-served-by"),
    )
)
"""Headers that do not belong to the site's protocol, or are compared separately."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer holds; *what* names it for people."""

    what: str
    holds: EventStream | ComparedPage | Shape | str


def compare_requests(before: Request, after: Request) -> list[Finding]:
    """Return the differences between two requests; their values are ignored."""
    found = changed("request", "method", before.method.upper(), after.method.upper())
    found += changed("request", "form sent as", _encoding(before), _encoding(after))
    return found + added_and_removed("request", "fields", _names(before), _names(after))


def request_shape(request: Request) -> tuple[str, tuple[str, ...]]:
    """Return how the form is encoded and which fields there are, values apart."""
    return _encoding(request), tuple(sorted(_names(request)))


def _encoding(request: Request) -> str:
    return content_type(request).partition(";")[0].strip().lower() if request.body else "no body"


def _names(request: Request) -> list[str]:
    query = request.uri.partition("?")[2].partition("#")[0]
    return [*(part.partition("=")[0] for part in query.split("&") if part), *(name for name, _ in form_of(request))]


def compare_responses(before: Response, after: Response, marks: PageMarks = ANY_PAGE) -> list[Finding]:
    """Return all that differs between two responses but for their chunks; *marks* describe the pages of the site."""
    found = changed("status", "", str(before.status), str(after.status))
    found += changed("content type", "", before.header("Content-Type"), after.header("Content-Type"))
    found += _compare_headers(before, after)
    then, now = body_of(before, marks), body_of(after, marks)
    found += changed("body", "", then.what, now.what)
    match then.holds, now.holds:
        case EventStream() as old, EventStream() as new:
            found += compare_streams(old, new)
        case ComparedPage() as old, ComparedPage() as new:
            found += compare_pages(old, new)
        case Shape() as old, Shape() as new:
            found += compare_shapes("json", "", old, new)
        case str() as old, str() as new:
            found += changed("body", "text", quoted(masked(old)), quoted(masked(new)))
        case _, str() as new if new.strip():
            found.append(Finding(topic="body", change="contains", what="text", after=(quoted(masked(new)),)))
        case _:
            pass
    return found + changed("end", "how it ended:", before.end.value, after.end.value)


def compare_cuts(before: Response, after: Response) -> list[Finding]:
    """Return a note if the answers were cut into different numbers of chunks."""
    return changed("chunks", "", _cuts(before), _cuts(after), note=True)


def _compare_headers(before: Response, after: Response) -> list[Finding]:
    old, new = dict(_headers(before)), dict(_headers(after))
    found = added_and_removed("headers", "", old, new)
    for name, value in old.items():
        if name in new:
            found += changed("headers", f"{name}:", value, new[name])
    return found + added_and_removed("headers", "cookies", _cookies(before), _cookies(after))


def _headers(response: Response) -> Iterator[tuple[str, str]]:
    joined: dict[str, list[str]] = {}
    for name, value in response.headers:
        if name.lower() not in _OF_THE_MOMENT:
            joined.setdefault(name.title(), []).append(masked(value))
    for name, values in joined.items():
        yield name, ", ".join(values)


def _cookies(response: Response) -> list[str]:
    return [value.partition("=")[0].strip() for name, value in response.headers if name.lower() == "set-cookie"]


def body_of(response: Response, marks: PageMarks = ANY_PAGE) -> Body:
    """Return what kind of body it is, by its bytes and not by its media type; *marks* describe the site's pages."""
    text = response.body.decode(errors="replace")
    kind = response.header("Content-Type").partition(";")[0].strip().lower()
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        return Body(what="an empty event stream" if kind == "text/event-stream" else "empty", holds="")
    if kind == "text/event-stream" or text.startswith(("data:", "event:", ":")):
        return Body(what="an event stream", holds=stream_of(response.body))
    if start[0] in "{[" and (value := json_or_none(start)) is not None:
        return Body(what="JSON", holds=shape_of([value]))
    if is_json_lines(response.body):
        return Body(
            what="lines of JSON", holds=shape_of(json_or_none(line) for line in text.split("\n") if line.strip())
        )
    if kind == "text/html" and ("<html" in text or "<body" in text or "<div" in text):
        page = page_of(text, marks)
        return Body(what="a page with a chat" if page.chats else "a page without a chat", holds=page)
    return Body(what="text", holds=text)


def _cuts(response: Response) -> str:
    if len(response.chunks) < 2:
        return "1 chunk"
    return f"{len(response.chunks)} chunks"
