"""
A client that is right by construction: HTTP, codings, events and JSON by the letter, nothing shared with the product.

It judges the crash test: whatever it is sent, no verdict may count against it.  Each `ask_…` speaks one dialect.
"""

from __future__ import annotations

import codecs
import html
import json
import re
import socket
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import brotli
import zstandard

CODINGS = "gzip, deflate, br, zstd"
PATIENCE = 8.0
SHORT_PATIENCE = 0.1
"""Seconds that it waits for a byte, and where none will come."""


def patience(url: str) -> float:
    """Return the seconds that it waits for a byte from *url*; a test puts another function in the place of this."""
    del url
    return PATIENCE


class FailedError(Exception):
    """There is no whole answer."""


def ask_completions(url: str, message: str) -> str:
    """Ask a stream of chat completions."""
    body = {"stream": True, "messages": [{"role": "user", "content": message}]}
    return "".join(_completion(events(posted(f"{url}/chat/completions", json.dumps(body)))))


def ask_claude(url: str, message: str) -> str:
    """Ask a stream of Anthropic's messages."""
    body = {"stream": True, "messages": [{"role": "user", "content": message}]}
    texts = []
    for name, data in events(posted(f"{url}/v1/messages", json.dumps(body))):
        if name == "error":
            raise FailedError(data)
        if name == "content_block_delta":
            texts.append(str(parsed(data)["delta"]["text"]))
        if name == "message_stop":
            return "".join(texts)
    raise FailedError("no message_stop")


def ask_json(url: str, message: str) -> str:
    """Ask a JSON API that answers at once."""
    body = posted(f"{url}/api/ask", json.dumps({"question": message}), wanted="application/json")
    return str(parsed(body.decode())["answer"])


def ask_lines(url: str, message: str) -> str:
    """Ask an API that answers in JSON lines, as Ollama does."""
    body = posted(f"{url}/api/generate", json.dumps({"prompt": message}), wanted="application/x-ndjson")
    values = [parsed(line) for line in body.decode("utf-8", "replace").split("\n") if line.strip()]
    if not values or not values[-1].get("done"):
        raise FailedError("no line `done`")
    return "".join(str(value["response"]) for value in values)


def ask_page(url: str, message: str) -> str:
    """Fetch a page, take the nonce out of it, and ask with that."""
    page = fetched("GET", f"{url}/chat", wanted="text/html").decode()
    if not (found := re.search(r'data-nonce="([^"]*)"', page)) or not page.rstrip().endswith("</html>"):
        raise FailedError("no nonce")
    form = urlencode({"action": "ask", "nonce": html.unescape(found[1]), "message": message})
    answer = fetched("POST", f"{url}/ajax", form.encode(), "application/x-www-form-urlencoded", "text/event-stream")
    texts: list[str] = []
    for name, data in events(answer):
        if name == "done":
            return "".join(texts)
        value = parsed(data)
        texts.append(str(value["delta"]))
    raise FailedError("no event `done`")


def ask_generation_2(url: str, message: str) -> str:
    """Fetch the stream of the plugin's second generation."""
    del message
    address = f"{url}/wp-admin/admin-ajax.php?action=aipkit_frontend_chat_stream"
    texts: list[str] = []
    over = False
    for name, data in events(fetched("GET", address, wanted="text/event-stream")):
        value = parsed(data)
        if name == "error" or (name == "message" and "delta" not in value):
            raise FailedError(data)
        texts.append(str(value["delta"]) if name == "message" else "")
        over = over or name == "done"
    if not over:
        raise FailedError("no event `done`")
    return "".join(texts)


def _completion(events: Iterator[tuple[str, str]]) -> Iterator[str]:
    finished = False
    for name, data in events:
        if data.strip() == "[DONE]":
            if not finished:
                raise FailedError("[DONE] before a finish reason")
            return
        value = parsed(data)
        if name == "error" or not value.get("choices"):
            raise FailedError(data)
        choice = value["choices"][0]
        finished = finished or choice.get("finish_reason") is not None
        yield choice["delta"].get("content") or ""
    raise FailedError("no [DONE]")


def parsed(data: str) -> Any:
    try:
        value = json.loads(data)
    except ValueError as exc:
        raise FailedError(f"not JSON: {data[:80]}") from exc
    if not isinstance(value, dict):
        raise FailedError(f"no object: {data[:80]}")
    return value


def events(body: bytes) -> Iterator[tuple[str, str]]:
    """Parse an event stream (WHATWG HTML 9.2.6)."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body, final=True).removeprefix("\ufeff")
    name, data = "", list[str]()
    # What comes after the last line end is no line.
    for line in re.split("\r\n|\n|\r", text)[:-1]:
        if not line:
            if data:
                yield name or "message", "\n".join(data)
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


def posted(url: str, body: str, *, wanted: str = "text/event-stream") -> bytes:
    return fetched("POST", url, body.encode(), "application/json", wanted)


def fetched(method: str, url: str, body: bytes = b"", kind: str = "", wanted: str = "", *, success: int = 200) -> bytes:
    """
    Return the decoded body of a whole response with the status *success* and the *wanted* media type.

    One redirect is followed, with GET.
    """
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", f"Accept-Encoding: {CODINGS}"]
    head += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body else []
    with socket.create_connection((parts.hostname, parts.port), patience(url)) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        try:
            status, headers, raw = _response(connection.makefile("rb"))
        except OSError as exc:
            raise FailedError(str(exc)) from exc
    if status == 303 and headers.get("location"):
        return fetched("GET", urljoin(url, headers["location"]), wanted=wanted)
    if status != success:
        raise FailedError(f"status {status}")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise FailedError(f"media type {headers.get('content-type')}")
    for coding in reversed(headers.get("content-encoding", "").split(",")):
        raw = DECODERS[coding.strip().lower()](raw)
    return raw


def _response(stream: Any) -> tuple[int, dict[str, str], bytes]:
    """Read one response (RFC 9112), whole or not at all."""
    status, headers = _head(stream)
    while 100 <= status < 200:
        status, headers = _head(stream)
    if status == 204:
        return status, headers, b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return status, headers, b"".join(_chunks(stream))
    if "content-length" in headers:
        return status, headers, _exactly(stream, int(headers["content-length"]))
    return status, headers, stream.read()


def _head(stream: Any) -> tuple[int, dict[str, str]]:
    found = re.fullmatch(rb"HTTP/1\.[01] (\d{3})(?: .*)?", _line(stream))
    if not found:
        raise FailedError("no status line")
    headers: dict[str, str] = {}
    while line := _line(stream):
        name, _, value = line.decode("latin-1").partition(":")
        headers.setdefault(name.lower(), value.strip(" \t"))
    return int(found[1]), headers


def _line(stream: Any) -> bytes:
    line: bytes = stream.readline()
    if not line.endswith(b"\n"):
        raise FailedError("the connection was closed inside a line")
    return line.rstrip(b"\r\n")


def _chunks(stream: Any) -> Iterator[bytes]:
    while True:
        found = re.fullmatch(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?", _line(stream))
        if not found:
            raise FailedError("no size of a chunk")
        if not (size := int(found[1], 16)):
            break
        yield _exactly(stream, size)
        if _line(stream):
            raise FailedError("a chunk is longer than its size")
    while _line(stream):
        pass


def _exactly(stream: Any, size: int) -> bytes:
    data: bytes = stream.read(size)
    if len(data) < size:
        raise FailedError("the body breaks off")
    return data


def _gzip(raw: bytes) -> bytes:
    parts = []
    while raw:
        part, raw = _inflated(raw, 31)
        parts.append(part)
    return b"".join(parts)


def _inflated(raw: bytes, window: int) -> tuple[bytes, bytes]:
    inflater = zlib.decompressobj(window)
    try:
        data = inflater.decompress(raw)
    except zlib.error as exc:
        raise FailedError(str(exc)) from exc
    if not inflater.eof:
        raise FailedError("the coding breaks off")
    return data, inflater.unused_data


def _brotli(raw: bytes) -> bytes:
    decoder = brotli.Decompressor()
    try:
        data = bytes(decoder.process(raw))
    except brotli.error as exc:
        raise FailedError(str(exc)) from exc
    if not decoder.is_finished():
        raise FailedError("the coding breaks off")
    return data


def _zstd(raw: bytes) -> bytes:
    decoder = zstandard.ZstdDecompressor().decompressobj()
    data = bytes(decoder.decompress(raw))
    if not decoder.eof:
        raise FailedError("the coding breaks off")
    return data


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda raw: raw,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": lambda raw: _inflated(raw, 15)[0],
    "br": _brotli,
    "zstd": _zstd,
}
