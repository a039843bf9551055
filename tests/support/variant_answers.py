"""Recorded answers of several dialects for tests of variants: by hand, from the shipped recordings, and generated."""

from __future__ import annotations

import json
from typing import Final

from hypothesis import strategies as st

from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import Response

STREAM_HEADERS: Final = (("Content-Type", "text/event-stream; charset=utf-8"), ("Transfer-Encoding", "chunked"))
JSON_HEADERS: Final = (("Content-Type", "application/json"), ("Content-Length", "1"))


def stream(body: bytes, sizes: tuple[int, ...] = ()) -> Response:
    """Return a recorded event stream."""
    return Response(headers=STREAM_HEADERS, body=body, chunks=tuple((10 * at, size) for at, size in enumerate(sizes)))


def json_body(body: bytes) -> Response:
    """Return a recorded JSON answer."""
    return Response(headers=JSON_HEADERS, body=body)


def of_ollama(*texts: str) -> Response:
    """Return JSON lines, as Ollama streams them; the last one is the end mark."""
    lines: list[object] = [{"model": "m", "response": text, "done": False} for text in texts]
    lines.append({"model": "m", "response": "", "done": True, "done_reason": "stop"})
    return json_lines("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode())


def json_lines(body: bytes) -> Response:
    """Return recorded JSON lines."""
    return Response(headers=(("Content-Type", "application/x-ndjson"),), body=body)


def shipped(release: str, case: str) -> Response:
    """Return the last answer of a recording that ships with the project."""
    return load(recorded_file(release, case)).interactions[-1].response


def of_openai(*texts: str) -> Response:
    """Return a stream of chat completions."""
    events: list[object] = [
        {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return stream(b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n")


def of_anthropic(*texts: str) -> Response:
    """Return a stream of messages with named events."""
    events: list[tuple[str, object]] = [("message_start", {"type": "message_start", "message": {"id": "msg_1"}})]
    events += [
        ("content_block_delta", {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}})
        for text in texts
    ]
    events.append(("message_stop", {"type": "message_stop"}))
    parts = (f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n" for name, data in events)
    return stream("".join(parts).encode())


TEXTS: Final = st.lists(
    st.text(alphabet=st.sampled_from('abc "\\/{}[]:,\n\té日👋\u2028\u0085'), min_size=1, max_size=12),
    min_size=1,
    max_size=5,
)
"""The texts in the events of an answer."""
STREAMS: Final = st.one_of(TEXTS.map(lambda texts: of_openai(*texts)), TEXTS.map(lambda texts: of_anthropic(*texts)))
JSON_LINES: Final = TEXTS.map(lambda texts: of_ollama(*texts))
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
VALUES: Final = st.recursive(
    st.one_of(_LEAVES, st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
"""Any JSON."""
BODIES: Final = st.dictionaries(st.text(max_size=6), VALUES, min_size=1, max_size=4).map(
    lambda value: json_body(json.dumps(value).encode())
)
"""JSON answers."""
