"""
Recordings of sites that answer in unusual ways, and for each a client that is right by construction.

A client takes an answer for whole only if the recording's own end mark has come, where there is one.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from tests.support.right_client import FailedError, events, fetched, parsed
from tests.support.tapes import event, exchange

SITE: Final = "https://odd.example.com"
QUESTION: Final = "Who are you, dear robot?"
JSON: Final = "application/json"
SSE: Final = "text/event-stream"
NDJSON: Final = "application/x-ndjson"
DELTAS: Final = ("Hello", " there, I am", " a robot é👋.", " And you?")
_BOUNDARY: Final = "----odd-4711"
_FORM: Final = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{{}}\r\n'
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="mode"\r\n\r\nfast\r\n--{_BOUNDARY}--\r\n'
)


def _json(message: str) -> bytes:
    """Return the body of a question in JSON."""
    return json.dumps({"message": message}).encode()


def _stream(url: str, message: str, **how: Any) -> list[tuple[str, Any]]:
    body = fetched("POST", f"{url}/ask", _json(message), JSON, SSE, **how)
    return [(name, data if data == "[DONE]" else parsed(data)) for name, data in events(body)]


def named_events(url: str, message: str) -> str:
    """Read events with names and ids."""
    texts: list[str] = []
    for name, value in _stream(url, message):
        if name == "finish":
            return "".join(texts)
        if name != "piece":
            raise FailedError(name)
        texts.append(str(value["text"]))
    raise FailedError("no event `finish`")


def crlf_and_comments(url: str, message: str) -> str:
    """Read events without names."""
    return "".join(str(value["delta"]) for value in _until_done(_stream(url, message)))


def _until_done(found: list[tuple[str, Any]]) -> list[Any]:
    if not found or found[-1][1] != "[DONE]":
        raise FailedError("no [DONE]")
    values = [value for _, value in found[:-1]]
    if any(value == "[DONE]" or "delta" not in value for value in values):
        raise FailedError("another event")
    return values


def created(url: str, message: str) -> str:
    """Read the events of an answer with status 201."""
    return "".join(str(value["delta"]) for value in _until_done(_stream(url, message, success=201)))


def created_json(url: str, message: str) -> str:
    """Read a JSON object with status 201."""
    return str(parsed(fetched("POST", f"{url}/ask", _json(message), JSON, JSON, success=201).decode())["answer"])


def text(url: str, message: str) -> str:
    """Read a plain text."""
    return fetched("POST", f"{url}/ask", _json(message), JSON, "text/plain").decode()


def gemini(url: str, message: str) -> str:
    """Read Gemini's `alt=sse`: the last event with text has the finish reason."""
    sent = json.dumps({"contents": [{"role": "user", "parts": [{"text": message}]}]}).encode()
    body = fetched("POST", f"{url}/v1beta/models/gemini:streamGenerateContent?alt=sse", sent, JSON, SSE)
    return _gemini([parsed(data) for _, data in events(body)])


def gemini_array(url: str, message: str) -> str:
    """Read Gemini's array of the same objects."""
    sent = json.dumps({"contents": [{"role": "user", "parts": [{"text": message}]}]}).encode()
    body = fetched("POST", f"{url}/v1beta/models/gemini:streamGenerateContent", sent, JSON, JSON)
    try:
        values = json.loads(body)
    except ValueError as exc:
        raise FailedError("not JSON") from exc
    if not isinstance(values, list):
        raise FailedError("no array")
    return _gemini(values)


def _gemini(values: list[Any]) -> str:
    texts: list[str] = []
    for value in values:
        if "candidates" not in value:
            raise FailedError("no candidates")
        (candidate,) = value["candidates"]
        texts += [part["text"] for part in candidate["content"]["parts"]]
    if not values or values[-1]["candidates"][0].get("finishReason") != "STOP":
        raise FailedError("no finish reason")
    return "".join(texts)


def cohere(url: str, message: str) -> str:
    """Read Cohere's second version: typed events, the last is `message-end`."""
    body = json.dumps({"messages": [{"role": "user", "content": message}], "stream": True}).encode()
    texts: list[str] = []
    over = False
    for _, data in events(fetched("POST", f"{url}/v2/chat", body, JSON, SSE)):
        value = parsed(data)
        kind = value.get("type", "")
        if kind not in ("message-start", "content-start", "content-delta", "content-end", "message-end"):
            raise FailedError(data)
        texts += [value["delta"]["message"]["content"]["text"]] if kind == "content-delta" else []
        over = over or (kind == "message-end" and value["delta"]["finish_reason"] == "COMPLETE")
    if not over:
        raise FailedError("no message-end")
    return "".join(texts)


def mistral(url: str, message: str) -> str:
    """Read Mistral's chat completions: the last piece of text has the finish reason."""
    body = json.dumps({"messages": [{"role": "user", "content": message}], "stream": True}).encode()
    texts: list[str] = []
    finished = False
    for _, data in events(fetched("POST", f"{url}/v1/chat/completions", body, JSON, SSE)):
        if data == "[DONE]":
            if not finished:
                raise FailedError("no finish reason")
            return "".join(texts)
        (choice,) = parsed(data).get("choices") or [{}]
        if "delta" not in choice:
            raise FailedError(data)
        texts.append(choice["delta"].get("content") or "")
        finished = finished or choice["finish_reason"] == "stop"
    raise FailedError("no [DONE]")


def ollama(url: str, message: str) -> str:
    """Read Ollama's chat: JSON lines, the last is `done`."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": message}]}).encode()
    return _lines(fetched("POST", f"{url}/api/chat", body, JSON, NDJSON), lambda value: value["message"]["content"])


def keepalive_lines(url: str, message: str) -> str:
    """Read JSON lines with empty lines between them, as a server sends them to keep a connection open."""
    return _lines(fetched("POST", f"{url}/ask", _json(message), JSON, NDJSON), lambda value: value["text"])


def _lines(body: bytes, text_of: Callable[[Any], str]) -> str:
    values = [parsed(line) for line in body.decode("utf-8", "replace").split("\n") if line.strip()]
    if not values or values[-1].get("done") is not True:
        raise FailedError("no line `done`")
    try:
        return "".join(text_of(value) for value in values)
    except KeyError as exc:
        raise FailedError("a line without text") from exc


def in_query(url: str, message: str) -> str:
    """Ask by GET with the question in the query."""
    return str(parsed(fetched("GET", f"{url}/ask?{urlencode({'q': message})}", wanted=JSON).decode())["answer"])


def in_path(url: str, message: str) -> str:
    """Ask by GET with the question as a segment of the path."""
    return str(parsed(fetched("GET", f"{url}/ask/{quote(message, safe='')}", wanted=JSON).decode())["answer"])


def in_multipart(url: str, message: str) -> str:
    """Ask with a multipart form."""
    kind = f"multipart/form-data; boundary={_BOUNDARY}"
    return str(parsed(fetched("POST", f"{url}/ask", _FORM.format(message).encode(), kind, JSON).decode())["answer"])


def redirected(url: str, message: str) -> str:
    """Ask, and be sent to the stream of the answer by a redirect."""
    return crlf_and_comments(url, message)


def polled(url: str, message: str) -> str:
    """Ask, and look for the answer until it is there."""
    job = parsed(fetched("POST", f"{url}/jobs", _json(message), JSON, JSON, success=202).decode())["job"]
    for _ in range(5):
        value = parsed(fetched("GET", f"{url}/jobs/{job}", wanted=JSON).decode())
        if value.get("state") == "done":
            return str(value["result"])
        if value.get("state") != "running":
            raise FailedError("no state")
    raise FailedError("never done")


def deferred(url: str, message: str) -> str:
    """Read GraphQL's deferred parts (multipart/mixed), the last of which has `hasNext: false`."""
    sent = json.dumps({"query": "query($q: String!) { a(q: $q) { text } }", "variables": {"message": message}}).encode()
    body = fetched("POST", f"{url}/graphql", sent, JSON, "multipart/mixed")
    head, *parts = re.split(rb"\r\n---", b"\r\n" + body)
    if head or not parts or parts[-1] != b"--\r\n":
        raise FailedError("no closing boundary")
    values = [parsed(part.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")) for part in parts[:-1]]
    if not values or values[-1].get("hasNext") is not False or any("incremental" not in each for each in values):
        raise FailedError("more was to come")
    return "".join(each["incremental"][0]["items"][0] for each in values)


def bedrock(url: str, message: str) -> str:
    """Read AWS's binary event stream: frames with two checksums."""
    sent = json.dumps({"messages": [{"role": "user", "content": [{"text": message}]}]}).encode()
    body = fetched("POST", f"{url}/model/m/converse-stream", sent, JSON, "application/vnd.amazon.eventstream")
    texts: list[str] = []
    stopped = False
    while body:
        if len(body) < 16 or len(body) < (size := struct.unpack(">I", body[:4])[0]) or size < 16:
            raise FailedError("a frame is cut off")
        if struct.unpack(">I", body[size - 4 : size])[0] != binascii.crc32(body[: size - 4]):
            raise FailedError("a wrong checksum")
        value = parsed(body[12 : size - 4].decode())
        texts.append(value.get("delta", {}).get("text", ""))
        stopped = stopped or "stopReason" in value
        body = body[size:]
    if not stopped:
        raise FailedError("no stop reason")
    return "".join(texts)


def grpc_web(url: str, message: str) -> str:
    """Read gRPC-Web's text form: base64 of frames, the last of which has the status."""
    sent = base64.b64encode(_grpc_frame(0, message.encode()))
    body = fetched("POST", f"{url}/odd.Chat/Ask", sent, "application/grpc-web-text", "application/grpc-web-text")
    try:
        data = base64.b64decode(body, validate=True)
    except binascii.Error as exc:
        raise FailedError("not base64") from exc
    texts: list[str] = []
    while data:
        flags, size = struct.unpack(">BI", data[:5].ljust(5, b"\0"))
        if len(data) < 5 + size:
            raise FailedError("a frame is cut off")
        if flags == 0x80:
            if data[5:] != b"grpc-status:0\r\n":
                raise FailedError("another status")
            return "".join(texts)
        texts.append(data[5 : 5 + size].decode())
        data = data[5 + size :]
    raise FailedError("no status")


def _grpc_frame(flags: int, payload: bytes) -> bytes:
    return struct.pack(">BI", flags, len(payload)) + payload


def _frame(value: object) -> bytes:
    payload = json.dumps(value, ensure_ascii=False).encode()
    prelude = struct.pack(">II", len(payload) + 16, 0)
    head = prelude + struct.pack(">I", binascii.crc32(prelude)) + payload
    return head + struct.pack(">I", binascii.crc32(head))


def _post(path: str, answer: str | bytes, kind: str, *, body: object = None, status: int = 200) -> dict[str, Any]:
    sent = {"message": QUESTION} if body is None else body
    return exchange("POST", SITE + path, answer, kind=kind, sent=json.dumps(sent), status=status)


def _candidate(piece: str, last: str) -> dict[str, Any]:
    ended = {"finishReason": "STOP"} if piece == last else {}
    return {"candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}, **ended, "index": 0}]}


_EVENTS: Final = [event({"delta": delta}) for delta in DELTAS]
_DONE: Final = event("[DONE]")
_CANDIDATES: Final = [_candidate(delta, DELTAS[-1]) for delta in DELTAS]
_ASKED: Final = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
_GEMINI_ASKED: Final = {"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]}
_ANSWER: Final = json.dumps({"answer": "".join(DELTAS), "id": 7}, ensure_ascii=False)


def _cohere() -> str:
    deltas: list[dict[str, Any]] = [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": each}}}} for each in DELTAS
    ]
    found: list[dict[str, Any]] = [
        {"id": "a1b2", "type": "message-start", "delta": {"message": {"role": "assistant", "content": []}}},
        {"type": "content-start", "index": 0, "delta": {"message": {"content": {"type": "text", "text": ""}}}},
        *deltas,
        {"type": "content-end", "index": 0},
        {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {"tokens": {"output_tokens": 9}}}},
    ]
    return "".join(event(each, str(each["type"])) for each in found)


def _mistral() -> str:
    def chunk(delta: str) -> dict[str, Any]:
        reason = "stop" if delta == DELTAS[-1] else None
        return {
            "id": "c",
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": delta}, "finish_reason": reason}],
        }

    return "".join(event(chunk(delta)) for delta in DELTAS) + _DONE


def _ollama() -> str:
    lines = [
        {"model": "m", "message": {"role": "assistant", "content": each}, "done": not each} for each in (*DELTAS, "")
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _deferred() -> str:
    parts = [{"incremental": [{"items": [each], "path": ["a"]}], "hasNext": each != DELTAS[-1]} for each in DELTAS]
    written = (f"---\r\nContent-Type: application/json\r\n\r\n{json.dumps(part)}\r\n" for part in parts)
    return "".join(written) + "-----\r\n"


WORKING: Final[dict[str, tuple[Callable[[str, str], str], list[dict[str, Any]]]]] = {
    "events with names and ids": (
        named_events,
        [
            _post(
                "/ask",
                "".join(f"id: {at}\n{event({'text': each}, 'piece')}" for at, each in enumerate(DELTAS))
                + event({"tokens": 9}, "finish"),
                SSE,
            )
        ],
    ),
    "CRLF and comments": (
        crlf_and_comments,
        [_post("/ask", ": hello\r\n\r\n" + ": ping\n\n".join([*_EVENTS, _DONE]).replace("\n", "\r\n"), SSE)],
    ),
    "status 201, events": (created, [_post("/ask", "".join([*_EVENTS, _DONE]), SSE, status=201)]),
    "status 201, JSON": (created_json, [_post("/ask", _ANSWER, JSON, status=201)]),
    "plain text": (text, [_post("/ask", "".join(DELTAS), "text/plain; charset=utf-8")]),
    "Gemini, events": (
        gemini,
        [
            _post(
                "/v1beta/models/gemini:streamGenerateContent?alt=sse",
                "".join(map(event, _CANDIDATES)),
                SSE,
                body=_GEMINI_ASKED,
            )
        ],
    ),
    "Gemini, array": (
        gemini_array,
        [
            _post(
                "/v1beta/models/gemini:streamGenerateContent",
                json.dumps(_CANDIDATES, indent=1, ensure_ascii=False),
                JSON,
                body=_GEMINI_ASKED,
            )
        ],
    ),
    "Cohere, version 2": (cohere, [_post("/v2/chat", _cohere(), SSE, body=_ASKED)]),
    "Mistral": (mistral, [_post("/v1/chat/completions", _mistral(), SSE, body=_ASKED)]),
    "Ollama": (ollama, [_post("/api/chat", _ollama(), NDJSON, body=_ASKED)]),
    "JSON lines with empty lines": (
        keepalive_lines,
        [
            _post(
                "/ask",
                "\n".join(json.dumps({"text": each, "done": each == DELTAS[-1]}) + "\n" for each in DELTAS),
                NDJSON,
            )
        ],
    ),
    "question in the query": (
        in_query,
        [exchange("GET", f"{SITE}/ask?{urlencode({'q': QUESTION})}", _ANSWER, kind=JSON)],
    ),
    "question in a multipart form": (
        in_multipart,
        [
            {
                **exchange("POST", f"{SITE}/ask", _ANSWER, kind=JSON),
                "request": {
                    "method": "POST",
                    "uri": f"{SITE}/ask",
                    "body": _FORM.format(QUESTION),
                    "headers": {"Content-Type": [f"multipart/form-data; boundary={_BOUNDARY}"]},
                },
            }
        ],
    ),
    "answer behind a redirect": (
        redirected,
        [
            exchange(
                "POST",
                f"{SITE}/ask",
                "",
                kind="text/plain",
                sent=json.dumps({"message": QUESTION}),
                status=303,
                Location=f"{SITE}/answers/1",
            ),
            exchange("GET", f"{SITE}/answers/1", "".join([*_EVENTS, _DONE])),
        ],
    ),
    "answer by polling": (
        polled,
        [
            _post("/jobs", json.dumps({"job": "j-5f3a9c1e77", "state": "queued"}), JSON, status=202),
            exchange("GET", f"{SITE}/jobs/j-5f3a9c1e77", json.dumps({"state": "running"}), kind=JSON),
            exchange(
                "GET",
                f"{SITE}/jobs/j-5f3a9c1e77",
                json.dumps({"state": "done", "result": "".join(DELTAS)}, ensure_ascii=False),
                kind=JSON,
            ),
        ],
    ),
    "deferred GraphQL": (
        deferred,
        [
            _post(
                "/graphql",
                _deferred(),
                'multipart/mixed; boundary="-"; deferSpec=20220824',
                body={"query": "query($q: String!) { a(q: $q) { text } }", "variables": {"message": QUESTION}},
            )
        ],
    ),
}
"""By name: a client, and the exchanges of a recording."""
_FRAMES: Final = [
    *(_frame({"delta": {"text": delta}, "contentBlockIndex": 0}) for delta in DELTAS),
    _frame({"stopReason": "end_turn"}),
]
"""A binary event stream as of Bedrock, without the headers that its frames have."""
_GRPC_FRAMES: Final = [_grpc_frame(0, delta.encode()) for delta in DELTAS]
UNREAD: Final[dict[str, tuple[Callable[[str, str], str], list[dict[str, Any]]]]] = {
    "Bedrock's event stream": (
        bedrock,
        [
            _post(
                "/model/m/converse-stream",
                b"".join(_FRAMES),
                "application/vnd.amazon.eventstream",
                body={"messages": [{"role": "user", "content": [{"text": QUESTION}]}]},
            )
        ],
    ),
    "gRPC-Web, text": (
        grpc_web,
        [
            {
                **exchange(
                    "POST",
                    f"{SITE}/odd.Chat/Ask",
                    base64.b64encode(b"".join([*_GRPC_FRAMES, _grpc_frame(0x80, b"grpc-status:0\r\n")])).decode(),
                    kind="application/grpc-web-text",
                ),
                "request": {
                    "method": "POST",
                    "uri": f"{SITE}/odd.Chat/Ask",
                    "body": base64.b64encode(_grpc_frame(0, QUESTION.encode())).decode(),
                    "headers": {"Content-Type": ["application/grpc-web-text"]},
                },
            }
        ],
    ),
}
"""The same for formats of which only the bytes are varied; gRPC's message needs --message."""
