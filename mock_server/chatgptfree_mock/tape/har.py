"""
From a browser's HAR to interactions: Chromium's, Firefox's and mitmproxy's flavours.

A HAR holds decoded bodies and the headers of the encoded ones; the header lines that no longer fit are left out and
that is said.  What a HAR lacks is reported, never made up: an exchange without an answer is left out, one without a
body is kept only where there was none.  Times of chunks come from `_chunks`, as chrome-har writes them.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.mending import with_true_headers
from chatgptfree_mock.tape.model import Cassette, Chunk, End, Headers, Interaction, Request, Response

_STATIC: Final = re.compile(r"image/|font/|audio/|video/|text/css|[a-z]+/(?:x-)?javascript|application/(?:font|wasm)")
_CHARSET: Final = re.compile(r"charset=\"?([\w-]+)", re.IGNORECASE)
_ENDS: Final = (
    (re.compile(r"INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH|EMPTY_RESPONSE|CONNECTION_CLOSED"), End.TRUNCATED),
    (re.compile(r"CONNECTION_RESET|CONNECTION_ABORTED|HTTP2_PROTOCOL|QUIC_PROTOCOL"), End.RESET),
    (re.compile(r"TIMED_OUT"), End.STALLED),
    (re.compile(r"ERR_ABORTED|NS_BINDING_ABORTED|NS_ERROR_ABORT"), End.CLIENT_CLOSED),
)


class _Pair(msgspec.Struct):
    name: str = ""
    value: str | None = None


class _PostData(msgspec.Struct):
    text: str | None = None
    params: list[_Pair] | None = None
    encoding: str | None = None


class _Request(msgspec.Struct):
    method: str
    url: str
    headers: list[_Pair] = []
    post_data: _PostData | None = msgspec.field(default=None, name="postData")


class _Content(msgspec.Struct, rename="camel"):
    text: str | None = None
    encoding: str | None = None
    size: float | None = 0
    mime_type: str | None = ""
    comment: str | None = None


class _Response(msgspec.Struct, rename="camel"):
    status: int = 0
    status_text: str | None = ""
    headers: list[_Pair] = []
    content: _Content = msgspec.field(default_factory=_Content)
    error: str | None = msgspec.field(default=None, name="_error")


class _Chunk(msgspec.Struct):
    ts: float
    bytes: int


class _Entry(msgspec.Struct, rename="camel"):
    request: _Request
    response: _Response
    started_date_time: str = ""
    time: float | None = 0
    pageref: str | None = None
    chunks: list[_Chunk] = msgspec.field(default_factory=list, name="_chunks")
    error: str | None = msgspec.field(default=None, name="_error")


class _Page(msgspec.Struct, rename="camel"):
    id: str = ""
    started_date_time: str = ""


class _Creator(msgspec.Struct):
    name: str = "an unnamed tool"
    version: str | None = ""


class _Log(msgspec.Struct):
    entries: list[_Entry]
    creator: _Creator = msgspec.field(default_factory=_Creator)
    pages: list[_Page] | None = None


class _Har(msgspec.Struct):
    log: _Log


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came out of a HAR, and what did not."""

    cassette: Cassette
    notes: tuple[str, ...] = ()
    """One line for each thing that is missing or was changed."""
    missing: int = 0
    """Exchanges that were left out, or whose stream the browser did not keep."""
    static: int = 0
    """Images, styles and scripts that were left out."""


@dataclass(slots=True)
class _Notes:
    lines: list[str] = field(default_factory=list)
    missing: int = 0

    def add(self, number: int, request: _Request, problem: str, *, missing: bool = False) -> None:
        self.missing += missing
        parts = urlsplit(request.url)  # the query may hold what is redacted later
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.lines.append(f"entry {number}, {request.method} {address[:120]}: {problem}")


def from_har(data: bytes, *, file: str | None = None, static: bool = False) -> Imported:
    """
    Read a HAR; *static* keeps images, styles and scripts too.

    Raises:
        CassetteError: it is no HAR, or not a whole one.
    """
    log = _decode(data, file).log
    pages = {page.id: page for page in log.pages or ()}
    notes, left_out = _Notes(), 0
    interactions: list[Interaction] = []
    first: _Entry | None = None
    for number, entry in enumerate(log.entries):
        if not static and _STATIC.match(entry.response.content.mime_type or ""):
            left_out += 1
            continue
        interaction = _interaction(number, entry, pages, notes)
        if interaction is not None:
            first = first or entry
            interactions.append(interaction)
    recording: dict[str, Any] = {}
    if first is not None:
        parts = urlsplit(first.request.url)
        recording = {
            "upstream": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            "recorded_at": first.started_date_time,
            "tool": f"{log.creator.name} {log.creator.version or ''}".strip() + ", imported from a HAR",
        }
        if notes.lines:
            recording["changed"] = list(notes.lines)
    cassette = Cassette(interactions=tuple(interactions), recording=recording)
    return Imported(cassette=cassette, notes=tuple(notes.lines), missing=notes.missing, static=left_out)


def _decode(data: bytes, file: str | None) -> _Har:
    if not data.strip():
        raise CassetteError("the file is empty", file=file, repair="save the HAR again")
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Har)
    except msgspec.ValidationError as exc:
        raise CassetteError(f"not a HAR: {exc}", file=file) from exc
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_leniently(data, file)


def _decode_leniently(data: bytes, file: str | None) -> _Har:
    """Chromium writes halves of surrogate pairs, which JSON proper does not have."""
    try:
        return msgspec.convert(json.loads(data.decode("utf-8-sig", errors="replace")), type=_Har)
    except json.JSONDecodeError as exc:
        whole = "the file breaks off" if exc.pos >= len(exc.doc.rstrip()) - 1 or "Unterminated" in exc.msg else exc.msg
        problem = f"not JSON: {whole} in line {exc.lineno}, column {exc.colno}"
        raise CassetteError(problem, file=file, repair="save the HAR again") from exc
    except RecursionError as exc:
        raise CassetteError("not a HAR: nested without end", file=file) from exc
    except msgspec.ValidationError as exc:
        raise CassetteError(f"not a HAR: {exc}", file=file) from exc


def _interaction(number: int, entry: _Entry, pages: dict[str, _Page], notes: _Notes) -> Interaction | None:
    request, response = entry.request, entry.response
    error = response.error or entry.error or ""
    if not urlsplit(request.url).scheme.startswith("http"):
        return None  # data:, blob:, chrome-extension:
    if response.status < 100:
        notes.add(number, request, f"left out, no answer{f': {error}' if error else ''}", missing=True)
        return None
    body = _body(number, entry, notes)
    if body is None:
        return None
    if not body and response.status == 200 and "event-stream" in (response.content.mime_type or ""):
        hint = "browsers don't always keep them; `chatgptfree-mock record` does"
        notes.add(number, request, f"its event stream is empty: {hint}", missing=True)
    taped = Response(
        status=response.status,
        reason=response.status_text or "",
        headers=_headers(response.headers),
        body=body,
        chunks=_chunks(number, entry, pages, body, notes),
        end=next((end for pattern, end in _ENDS if pattern.search(error)), End.COMPLETE),
    )
    true = with_true_headers(taped, method=request.method)
    if true.headers != taped.headers:
        names = {name.lower() for name, _ in set(taped.headers) - set(true.headers)}
        notes.add(number, request, f"the body is stored decoded, so changed: {', '.join(sorted(names))}")
    asked = Request(method=request.method, uri=request.url, headers=_headers(request.headers), body=_posted(request))
    return Interaction(request=asked, response=true)


def _headers(pairs: list[_Pair]) -> Headers:
    """Leave out HTTP/2's pseudo headers, which no HTTP/1 message has."""
    return tuple((pair.name, pair.value or "") for pair in pairs if not pair.name.startswith(":"))


def _posted(request: _Request) -> bytes | None:
    told = request.post_data
    if told is None:
        return None
    if told.text:
        return _octets(told.text, told.encoding, "")
    return urlencode([(pair.name, pair.value or "") for pair in told.params]).encode() if told.params else None


def _octets(text: str, encoding: str | None, charset: str) -> bytes | None:
    if encoding == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
    try:
        return text.encode(charset or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return text.encode(errors="replace")


def _body(number: int, entry: _Entry, notes: _Notes) -> bytes | None:
    content, response = entry.response.content, entry.response
    if content.text is None or (not content.text and (content.size or 0) > 0):
        if (content.size or 0) <= 0 or entry.request.method == "HEAD" or response.status in (204, 304):
            return b""
        if 300 <= response.status < 400:
            return b""
        why = f" ({content.comment})" if content.comment else ""
        hint = "save all as HAR with content, with the developer tools open from the start"
        problem = f"left out, its body of {int(content.size or 0)} bytes is missing{why}: {hint}"
        notes.add(number, entry.request, problem, missing=True)
        return None
    told = next((pair.value or "" for pair in response.headers if pair.name.lower() == "content-type"), "")
    charset = _CHARSET.search(told)
    body = _octets(content.text, content.encoding, charset[1] if charset else "")
    if body is None:
        notes.add(number, entry.request, "left out, its body is broken base64", missing=True)
    return body


def _chunks(number: int, entry: _Entry, pages: dict[str, _Page], body: bytes, notes: _Notes) -> tuple[Chunk, ...]:
    told = [chunk for chunk in entry.chunks if chunk.bytes > 0]
    if told and sum(chunk.bytes for chunk in told) == len(body):
        page = pages.get(entry.pageref or "")
        shift = _milliseconds(page.started_date_time, entry.started_date_time) if page else 0.0
        times = accumulate((max(0, round(chunk.ts - shift)) for chunk in told), max)
        return tuple((due, chunk.bytes) for due, chunk in zip(times, told, strict=True))
    if told:
        notes.add(number, entry.request, "its _chunks do not add up to the body: taken as one chunk")
    return ((max(0, round(entry.time or 0)), len(body)),) if body else ()


def _milliseconds(start: str, end: str) -> float:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000
    except (ValueError, TypeError):
        return 0.0
