"""
Two correct readers of an answer's bytes, to judge variants by: one of the project's parts, one of other people's.

Both return what the answer means, the same for all spellings, and fail where a correct reader has to.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

import brotli
import h11
import httpx
import httpx_sse
import zstandard

from chatgptfree import decode_events
from chatgptfree_mock.tape.coder import Decoder
from chatgptfree_mock.tape.content_coding import codings_of, is_known
from chatgptfree_mock.tape.model import End
from chatgptfree_mock.variants.event_blocks import BOM
from chatgptfree_mock.variants.wire_bytes import WireBytes
from chatgptfree_mock.wire.http1_parser import Data, Garbage, Head, ResponseParser

Meaning = tuple[Any, ...]


class UnreadableAnswerError(Exception):
    """A correct reader reports a failure of this answer."""


def read_with_our_parts(sent: WireBytes) -> Meaning:
    """Return what *sent* means to the project's own parser and decoders."""
    if sent.end is End.RESET or sent.head_time is None:
        raise UnreadableAnswerError("the connection was reset, or closed before the head")
    parser = ResponseParser("POST")
    events = parser.feed(sent.body)
    heads = [event for event in events if isinstance(event, Head)]
    if not heads or any(isinstance(event, Garbage) for event in events) or parser.broken_off() is not End.COMPLETE:
        raise UnreadableAnswerError("the framing is not whole")
    _check_status(heads[0].status)
    body = b"".join(event.data for event in events if isinstance(event, Data))
    for coding in reversed(codings_of(heads[0].header("Content-Encoding"))):
        assert is_known(coding)
        decoder = Decoder(coding)
        body = decoder.feed(body)
        if not decoder.complete:
            raise UnreadableAnswerError("the coding is not whole")
    if "event-stream" not in heads[0].header("Content-Type").lower():
        return _meaning_of_body(body, heads[0].header("Content-Type"))
    return tuple((event.event or "message", _value(event.data)) for event in decode_events([body]))


def read_with_other_parts(sent: WireBytes) -> Meaning:
    """Return what *sent* means to h11, zlib, brotli, zstandard and the decoder of httpx-sse."""
    if sent.end is End.RESET or sent.head_time is None:
        raise UnreadableAnswerError("the connection was reset, or closed before the head")
    try:
        head, body = _by_h11(sent.body)
        _check_status(head.status_code)
        headers = {name.decode(): value.decode("latin-1") for name, value in reversed(head.headers.raw_items())}
        headers = {name.lower(): value for name, value in headers.items()}
        for coding in reversed(headers.get("content-encoding", "").split(",")):
            body = _decoded(body, coding.strip())
    except (h11.RemoteProtocolError, zlib.error, brotli.error, zstandard.ZstdError, EOFError) as exc:
        raise UnreadableAnswerError(str(exc)) from exc
    if "event-stream" not in headers.get("content-type", "").lower():
        return _meaning_of_body(body, headers.get("content-type", ""))
    return tuple(_by_httpx_sse(body))


def _by_h11(raw: bytes) -> tuple[h11.Response, bytes]:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "mock")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw)
    connection.receive_data(b"")
    head: h11.Response | None = None
    body: list[bytes] = []
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.ConnectionClosed) or event in (h11.NEED_DATA, h11.PAUSED):
            raise EOFError("the answer is not whole")
        if isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body.append(bytes(event.data))
    assert head is not None
    return head, b"".join(body)


def _decoded(body: bytes, coding: str) -> bytes:
    match coding:
        case "":
            return body
        case "gzip" | "x-gzip":
            return b"".join(_members(body))
        case "deflate":
            return _inflated(body, zlib.MAX_WBITS)[0]
        case "br":
            decompressor = brotli.Decompressor()
            plain = bytes(decompressor.process(body))
            if not decompressor.is_finished():
                raise EOFError("br breaks off")
            return plain
        case "zstd":
            return bytes(zstandard.ZstdDecompressor().decompressobj().decompress(body))
        case _:
            raise AssertionError(coding)


def _members(body: bytes) -> Iterable[bytes]:
    while body:
        plain, body = _inflated(body, 16 + zlib.MAX_WBITS)
        yield plain


def _inflated(body: bytes, wbits: int) -> tuple[bytes, bytes]:
    inflater = zlib.decompressobj(wbits)
    plain = inflater.decompress(body)
    if not inflater.eof:
        raise EOFError("the coding breaks off")
    return plain, inflater.unused_data


def _by_httpx_sse(body: bytes) -> Iterable[tuple[str, Any]]:
    # It takes a BOM for text, and dispatches events without data once it has an id.
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body.removeprefix(BOM))
    for event in httpx_sse.EventSource(response).iter_sse():
        if event.data:
            yield event.event, _value(event.data)


def _check_status(status: int) -> None:
    if status != 200:
        raise UnreadableAnswerError(f"status {status}")


def _meaning_of_body(body: bytes, kind: str) -> Meaning:
    if "json" not in kind.lower():
        return (kind.lower(), body)
    if "ndjson" in kind.lower():
        return tuple(_value_of_line(line) for line in body.decode("utf-8", "replace").split("\n") if line.strip())
    try:
        return (json.loads(body),)
    except ValueError as exc:
        raise UnreadableAnswerError("not JSON") from exc


def _value_of_line(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as exc:
        raise UnreadableAnswerError("a line is not JSON") from exc


def _value(data: str) -> Any:
    """Return the value of JSON data, or the text; a brace that begins no JSON is damage."""
    try:
        return json.loads(data)
    except ValueError as exc:
        if data.startswith("{"):
            raise UnreadableAnswerError("an event holds half of an object") from exc
        return data
