"""
From a browser's HAR to interactions: Chromium's, Firefox's, Playwright's and mitmproxy's flavours, and odd ones.

A HAR holds decoded bodies and the headers of the encoded ones; header lines that no longer fit are left out and
reported.  Some tools (Polly.JS, and those that write base64) keep the encoded bytes, which count as any encoded body.
What a HAR lacks is reported, never made up: an exchange without an answer is left out, one without a body is kept only
where there was none, half a body is kept as cut short.  One odd entry costs only itself.  Times of chunks come from
`_chunks`, as chrome-har writes them, or from the events that Chromium lists.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.foreign_formats import naming_foreign_formats
from chatgptfree_mock.tape.har.body import Stored, content_bytes, event_stream, posted_bytes
from chatgptfree_mock.tape.har.chunk_times import LONGEST, chunks_of
from chatgptfree_mock.tape.har.entry import BadEntry, Content, HarEntry, HarPage, HarPair, HarRequest, HarResponse
from chatgptfree_mock.tape.har.file import Attachments, HarFile
from chatgptfree_mock.tape.header_syntax import invalid_names, without_invalid_names
from chatgptfree_mock.tape.model import (
    BODILESS,
    Cassette,
    End,
    Headers,
    Interaction,
    LeftOut,
    Request,
    Response,
    header_of,
)
from chatgptfree_mock.tape.repair import with_true_headers
from chatgptfree_mock.tape.times import time_of
from chatgptfree_mock.tape.whole_file import HAR_BYTES

_STATIC: Final = re.compile(r"image/|font/|audio/|video/|text/css|[a-z]+/(?:x-)?javascript|application/(?:font|wasm)")
_ENDS: Final = (
    (re.compile(r"INCOMPLETE_CHUNKED|CONTENT_LENGTH_MISMATCH|EMPTY_RESPONSE|CONNECTION_CLOSED"), End.TRUNCATED),
    (re.compile(r"CONNECTION_RESET|CONNECTION_ABORTED|HTTP2_PROTOCOL|QUIC_PROTOCOL"), End.RESET),
    (re.compile(r"TIMED_OUT"), End.STALLED),
    (re.compile(r"ERR_ABORTED|NS_BINDING_ABORTED|NS_ERROR_ABORT"), End.CLIENT_CLOSED),
)
_NEXT_COOKIE: Final = re.compile(r"\s*,\s*(?=[!#$%&'*+.^_`|~0-9A-Za-z-]+=)")
"""A comma before ``name=``; the one in ``Expires=Wed, 09 Jun`` (RFC 6265 section 4.1.1) has no such thing after it."""
_NOT_MODIFIED: Final = 304
"""Has no body (RFC 9110 section 15.4.5); browsers list the one in their cache."""
_HINT: Final = "save all as HAR with content, with the developer tools open from the start"


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The result of importing a HAR, with notes on missing parts."""

    cassette: Cassette
    numbers: tuple[int, ...] = ()
    """The number of the entry that each interaction comes from."""
    notes: tuple[str, ...] = ()
    """One line for each thing that is missing or was changed."""
    missing: int = 0
    """Exchanges whose body is missing, or is only there in part."""
    left_out: int = 0
    """Entries that were left out because they are odd: no answer, a broken address, a WebSocket."""
    static: int = 0
    """Images, styles and scripts that were left out."""
    entries_left_out: tuple[LeftOut, ...] = ()
    """Each entry that was left out, except those that are static or not HTTP."""


class _OddEntryError(Exception):
    """An entry is left out; the text is the reason.  *missing*: whether its body is not in the HAR."""

    def __init__(self, problem: str, *, missing: bool = False) -> None:
        super().__init__(problem)
        self.missing = missing


class _Import(msgspec.Struct, kw_only=True):
    """The state of an import of one HAR."""

    pages: dict[str, HarPage]
    attachments: Attachments
    interactions: list[Interaction] = msgspec.field(default_factory=list)
    numbers: list[int] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    missing: int = 0
    left_out: int = 0
    static: int = 0
    entries_left_out: list[LeftOut] = msgspec.field(default_factory=list)
    schemes: Counter[str] = msgspec.field(default_factory=Counter)
    starts: list[str] = msgspec.field(default_factory=list)
    where: str = ""

    def note(self, problem: str, *, missing: bool = False) -> None:
        self.missing += missing
        self.notes.append(f"{self.where}: {problem}")

    def leave_out(self, number: int, problem: str, *, missing: bool = False) -> None:
        self.left_out += not missing
        self.note(f"left out, {problem}", missing=missing)
        self.entries_left_out.append(LeftOut(file=None, place=f"$.log.entries[{number}]", problem=problem))


def from_har(
    data: bytes,
    *,
    file: str | None = None,
    static: bool = False,
    attachments: Attachments | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """
    Read a HAR, or a zip with one in it.

    *static* keeps images, styles and scripts too.  *attachments* looks up files beside the HAR; in a zip they are found
    without it.  *progress* is called with the number of entries done and of all.

    Raises:
        CassetteError: it is not a HAR, or not a whole one.
    """
    with naming_foreign_formats(data, file=file, cassettes=True):
        har = HarFile(data, file=file, limit=HAR_BYTES)
    taken = _Import(pages=har.pages, attachments=har.attachments or attachments or (lambda _: None))
    for number, entry in enumerate(har):
        _take(taken, number, entry, static=static)
        if progress is not None:
            progress(number + 1, len(har))
    if taken.schemes:
        count, names = taken.schemes.total(), ", ".join(sorted(taken.schemes))
        taken.notes.append(f"{count} {'entry' if count == 1 else 'entries'} left out: not HTTP but {names}")
    order = _order(taken.starts)
    interactions = tuple(taken.interactions[index] for index in order)
    recording: dict[str, Any] = {}
    if interactions:
        parts = urlsplit(interactions[0].request.uri)
        recording = {
            "upstream": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            "recorded_at": taken.starts[order[0]],
            "tool": f"{har.creator.name} {har.creator.version or ''}".strip() + ", imported from a HAR",
        }
        if taken.notes:
            recording["changed"] = list(taken.notes)
    return Imported(
        cassette=Cassette(interactions=interactions, recording=recording),
        numbers=tuple(taken.numbers[index] for index in order),
        notes=tuple(taken.notes),
        missing=taken.missing,
        left_out=taken.left_out,
        static=taken.static,
        entries_left_out=tuple(replace(each, file=file) for each in taken.entries_left_out),
    )


def _take(taken: _Import, number: int, entry: HarEntry | BadEntry, *, static: bool) -> None:
    if isinstance(entry, BadEntry):
        taken.where = f"entry #{number + 1}, {entry.request}".rstrip(", ")
        taken.leave_out(number, entry.problem)
        return
    taken.where = f"entry #{number + 1}, {entry.request.method} {_without_query(entry.request.url)[:120]}"
    content = entry.response.content or Content()
    if not static and _STATIC.match(content.mime_type or ""):
        taken.static += 1
        return
    try:
        interaction = _interaction(entry, content, taken)
    except _OddEntryError as exc:
        taken.leave_out(number, str(exc), missing=exc.missing)
        return
    if interaction is not None:
        taken.starts.append(entry.started_date_time or "")
        taken.interactions.append(interaction)
        taken.numbers.append(number)


def _order(starts: Sequence[str]) -> list[int]:
    """Return the indexes by time, as HAR 1.2 wants readers to sort entries; as they are if one has no time."""
    times = [when for start in starts if (when := time_of(start)) is not None]
    indexes = list(range(len(starts)))
    return sorted(indexes, key=times.__getitem__) if len(times) == len(starts) else indexes


def _without_query(url: str) -> str:
    """Leave out the query and what precedes an `@`: they may hold what is redacted later."""
    return re.sub(r"^(\w+://)[^/?#]*@", r"\1", re.split(r"[?#]", url, maxsplit=1)[0])


def _interaction(entry: HarEntry, content: Content, taken: _Import) -> Interaction | None:
    if not _is_http(entry, taken):
        return None
    end = _end(entry, taken)
    if entry.time is not None and not -LONGEST < entry.time < LONGEST:
        raise _OddEntryError(f"its time is {entry.time}")
    for name in invalid_names((*_headers(entry.request.headers), *_headers(entry.response.headers))):
        taken.note(f"{name[:40]!r} is not a header's name, and is left out")
    request = _request(entry.request, taken)
    response = _response(entry, entry.response, content, end, taken)
    corrected = with_true_headers(response, method=request.method)
    if corrected.headers != response.headers:
        names = {name.lower() for name, _ in set(response.headers) - set(corrected.headers)}
        taken.note(f"the body is stored decoded, so changed: {', '.join(sorted(names))}")
    return Interaction(request=request, response=corrected)


def _is_http(entry: HarEntry, taken: _Import) -> bool:
    """Return whether it is an exchange over HTTP; a WebSocket is odd, `data:` and `blob:` addresses are none."""
    try:
        parts = urlsplit(entry.request.url)
        _ = parts.port
    except ValueError as exc:
        raise _OddEntryError(f"its address is broken: {exc}") from exc
    if entry.messages or parts.scheme in ("ws", "wss") or entry.response.status == 101:
        count = len(entry.messages or ())
        raise _OddEntryError(f"a WebSocket ({count} messages), which a cassette cannot hold")
    if entry.request.method.upper() == "CONNECT":
        raise _OddEntryError("a tunnel that a proxy opened (CONNECT), and no exchange")
    if parts.scheme not in ("http", "https"):
        taken.schemes[f"{parts.scheme or 'no scheme'}:" if parts.scheme else "no scheme"] += 1
        return False
    if not parts.hostname:
        raise _OddEntryError("its address has no host")
    return True


def _end(entry: HarEntry, taken: _Import) -> End:
    error = entry.response.error or entry.error or ""
    if not isinstance(error, str):
        message = error.get("message") if isinstance(error, dict) else None
        words = message if message and isinstance(message, str) else json.dumps(error)
        raise _OddEntryError(f"the tool reports an error: {words[:120]}")
    if not 100 <= (entry.response.status or 0) <= 999:
        raise _OddEntryError(f"no answer{f': {error}' if error else ''}")
    end = next((end for pattern, end in _ENDS if pattern.search(error)), None)
    if error:
        taken.note(f"the browser reports {error[:80]}; its answer is {f'kept as {end}' if end else 'taken for whole'}")
    return end or End.COMPLETE


def _request(request: HarRequest, taken: _Import) -> Request:
    posted = posted_bytes(request.post_data, taken.attachments)
    if posted.problem:
        raise _OddEntryError(posted.problem)
    body = posted.data
    if body is None and request.post_data is not None and request.post_data.params:
        if "multipart" in (request.post_data.mime_type or "").lower():
            taken.note("its multipart body is not in the HAR: its fields are kept as a form")
        body = urlencode([(pair.name, value) for pair in request.post_data.params for value in pair.values]).encode()
    return Request(
        method=request.method.upper(),
        uri=_with_query(request),
        headers=without_invalid_names(_headers(request.headers)),
        body=body,
    )


def _with_query(request: HarRequest) -> str:
    if "?" in request.url or not isinstance(request.query_string, list):
        return request.url
    try:
        pairs = msgspec.convert(request.query_string, list[HarPair], strict=False)
    except msgspec.ValidationError:
        return request.url
    url, hash_sign, fragment = request.url.partition("#")
    query = urlencode([(pair.name, value) for pair in pairs for value in pair.values])
    return f"{url}?{query}{hash_sign}{fragment}" if query else request.url


def _response(entry: HarEntry, response: HarResponse, content: Content, end: End, taken: _Import) -> Response:
    headers = without_invalid_names(_headers(response.headers))
    target = response.redirect_url if 300 <= (response.status or 0) < 400 else ""
    if target and isinstance(target, str) and not header_of(headers, "location"):
        headers = (*headers, ("Location", target))
    stored = _stored(entry, content, headers, taken)
    body = stored.data or b""
    if stored.note:
        taken.note(stored.note)
    if stored.whole is not None:
        taken.note(f"its body is cut: {len(body)} of {stored.whole} bytes; {_HINT}", missing=True)
        end = End.TRUNCATED if end is End.COMPLETE else end
    status, reason = response.status or 0, response.status_text or ""
    if status == _NOT_MODIFIED and body:
        taken.note("a 304 with the body that the browser had in its cache: it becomes a 200")
        status, reason = 200, "OK"
        if content.mime_type and not header_of(headers, "content-type"):
            headers = (*headers, ("Content-Type", content.mime_type))
    return decoded(
        Response(
            status=status,
            reason=reason,
            headers=headers,
            body=body,
            chunks=chunks_of(entry, body, taken.pages.get(entry.pageref or ""), taken.note),
            end=end,
        )
    )


def _stored(entry: HarEntry, content: Content, headers: Headers, taken: _Import) -> Stored:
    """Return the body, or the reason for which the entry is left out."""
    kind, coding = (header_of(headers, f"content-{what}") for what in ("type", "encoding"))
    stored = content_bytes(content, kind, coding, taken.attachments)
    if stored.problem:
        raise _OddEntryError(stored.problem, missing=bool(content.file))
    if stored.data:
        return stored
    status, size = entry.response.status or 0, content.size or 0
    if entry.events:
        blocks = event_stream(entry.events)
        return Stored(b"".join(blocks), note=f"its stream is made of the {len(blocks)} events that the browser lists")
    if "event-stream" in (kind or content.mime_type or "") and status == 200 and entry.request.method != "HEAD":
        hint = "browsers don't always keep them; `chatgptfree-mock record` does"
        if size > 0 or content.text is None:
            whole = f" of {size:.0f} bytes" if size > 0 else ""
            raise _OddEntryError(f"its event stream{whole} is missing: {hint}", missing=True)
        taken.note(f"its event stream is empty: {hint}", missing=True)
    elif size > 0 and entry.request.method != "HEAD" and status not in BODILESS and not 300 <= status < 400:
        why = f" ({content.comment})" if content.comment else ""
        raise _OddEntryError(f"its body of {size:.0f} bytes is missing{why}: {_HINT}", missing=True)
    return Stored(b"")


def _headers(pairs: list[HarPair] | None) -> Headers:
    """
    Return the header lines; HTTP/2's pseudo headers, which no HTTP/1 message has, are left out.

    Firebug joins lines of the same name with a line end, WebKit cookies with a comma.
    """
    found: list[tuple[str, str]] = []
    for pair in pairs or ():
        values = [line.strip() for value in pair.values for line in re.split(r"[\r\n]+", value)]
        if pair.name.lower() == "set-cookie":
            values = [cookie for value in values for cookie in _NEXT_COOKIE.split(value)]
        if pair.name and not pair.name.startswith(":"):
            found += [(pair.name, value) for value in values if value or len(values) == 1]
    return tuple(found)
