"""
From a cassette to a HAR 1.2 that Chromium's developer tools load, with every member that their importer asks for.

Chunks become `_chunks`, in milliseconds since the page began, as chrome-har has them; how an answer ended becomes
`_error`, in Chromium's words.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from chatgptfree_mock.tape.forms import content_type
from chatgptfree_mock.tape.header_syntax import storable
from chatgptfree_mock.tape.model import Cassette, End, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.times import time_of

_ERRORS: Final = {
    End.TRUNCATED: "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
    End.RESET: "net::ERR_CONNECTION_RESET",
    End.STALLED: "net::ERR_TIMED_OUT",
    End.CLIENT_CLOSED: "net::ERR_ABORTED",
}
_NOT_MEASURED: Final = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1}
_PAGE: Final = "page_1"
_SECOND: Final = timedelta(seconds=1)


def to_har(cassette: Cassette, *, version: str) -> dict[str, Any]:
    """Return the HAR as plain data; *version* is this tool's own."""
    start = _began(cassette)
    entries: list[dict[str, Any]] = []
    elapsed = 0.0
    for interaction in cassette.interactions:
        entries.append(_entry(interaction, start, elapsed))
        elapsed += entries[-1]["time"]
    page = {"id": _PAGE, "startedDateTime": _stamp(start), "title": str(cassette.recording.get("upstream", "cassette"))}
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "chatgptfree-mock", "version": version},
            "pages": [page | {"pageTimings": {"onContentLoad": -1, "onLoad": -1}}],
            "entries": entries,
        }
    }


def _began(cassette: Cassette) -> datetime:
    return time_of(cassette.recording.get("recorded_at")) or datetime(2000, 1, 1, tzinfo=UTC)


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(interaction: Interaction, start: datetime, elapsed: float) -> dict[str, Any]:
    response = interaction.response
    chunks = response.chunks or (((0, len(response.body)),) if response.body else ())
    first, last = (chunks[0][0], chunks[-1][0]) if chunks else (0, 0)
    entry: dict[str, Any] = {
        "pageref": _PAGE,
        "startedDateTime": _stamp(start + elapsed / 1000 * _SECOND),
        "time": last,
        "request": _request(interaction.request),
        "response": _response(response),
        "cache": {},
        "timings": _NOT_MEASURED | {"send": 0, "wait": first, "receive": last - first},
    }
    if response.chunks:
        entry["_chunks"] = [{"ts": elapsed + due, "bytes": size} for due, size in response.chunks]
    return entry


def _request(request: Request) -> dict[str, Any]:
    exported: dict[str, Any] = {
        "method": request.method,
        "url": request.uri,
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(request.headers, "cookie"),
        "headers": _pairs(request.headers),
        "queryString": _pairs(tuple(parse_qsl(urlsplit(request.uri).query, keep_blank_values=True))),
        "headersSize": -1,
        "bodySize": len(request.body or b""),
    }
    if request.body is not None:
        kind = content_type(request)
        text, encoding = _text_or_base64(request.body)
        exported["postData"] = {"mimeType": kind, "text": text} | ({"encoding": encoding} if encoding else {})
    return exported


def _response(response: Response) -> dict[str, Any]:
    text, encoding = _text_or_base64(response.body)
    content = {"size": len(response.body), "mimeType": response.header("content-type"), "text": text}
    exported: dict[str, Any] = {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(response.headers, "set-cookie"),
        "headers": _pairs(response.headers),
        "content": content | ({"encoding": encoding} if encoding else {}),
        "redirectURL": response.header("location"),
        "headersSize": -1,
        "bodySize": len(response.body),
    }
    if response.end is not End.COMPLETE:
        exported["_error"] = _ERRORS[response.end]
    return exported


def _text_or_base64(body: bytes) -> tuple[str, str]:
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"


def _pairs(pairs: Headers) -> list[dict[str, str]]:
    return [{"name": storable(name), "value": storable(value)} for name, value in pairs]


def _cookies(headers: Headers, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for name, value in headers:
        if name.lower() == wanted:
            pieces = value.split(";")[:1] if wanted == "set-cookie" else value.split(";")
            parts = [piece.strip().partition("=") for piece in pieces]
            found += [{"name": key, "value": inner} for key, _, inner in parts]
    return found
