"""Recordings of several sites as vcrpy writes them, for crash tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

SSE: Final = "text/event-stream"


def exchange(
    method: str,
    uri: str,
    answer: str | bytes,
    *,
    kind: str = SSE,
    sent: str | None = None,
    status: int = 200,
    **headers: str,
) -> dict[str, Any]:
    """Return one interaction of a cassette in vcrpy's format; *headers* are further ones of the response."""
    type_ = "application/json" if sent and sent.startswith("{") else "application/x-www-form-urlencoded"
    return {
        "request": {
            "method": method,
            "uri": uri,
            "body": sent,
            "headers": {"Content-Type": [type_]} if sent else {},
        },
        "response": {
            "status": {"code": status, "message": "OK"},
            "headers": {"Content-Type": [kind], **{name.replace("_", "-"): [value] for name, value in headers.items()}},
            "body": {"string": answer},
        },
    }


def write(file: Path, *exchanges: dict[str, Any]) -> Path:
    """Write a cassette of *exchanges* to *file* and return it."""
    file.write_text(yaml.safe_dump({"version": 1, "interactions": list(exchanges)}, allow_unicode=True))
    return file


def event(data: object, name: str = "") -> str:
    """Return one event of a stream."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}\n\n"


def completion(*texts: str) -> str:
    """Return a stream of chat completions."""
    events = [event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}) for text in texts]
    last = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return "".join([*events, last, event("[DONE]")])


QUESTION: Final = "Who are you?"
COMPLETION: Final = exchange(
    "POST",
    "https://api.example.com/v1/chat/completions",
    completion("Hello", " there, I am", " a robot é👋.", " And you?"),
    sent=json.dumps(
        {"stream": True, "messages": [{"role": "system", "content": "Be nice."}, {"role": "user", "content": QUESTION}]}
    ),
)
CLAUDE: Final = exchange(
    "POST",
    "https://api.example.com/v1/messages",
    event({"type": "message_start", "message": {"id": "msg_1"}}, "message_start")
    + "".join(
        event({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}, "content_block_delta")
        for text in ("Hello", " there \u2028", " 日本語", "!")
    )
    + event({"type": "message_stop"}, "message_stop"),
    sent=json.dumps({"stream": True, "messages": [{"role": "user", "content": QUESTION}]}),
)
LINES: Final = exchange(
    "POST",
    "https://api.example.com/api/generate",
    "".join(
        json.dumps({"model": "m", "response": text, "done": not text}, ensure_ascii=False) + "\n"
        for text in ("Hello", " there \u2028", ' "é👋"', " a/b", "!", "")
    ),
    kind="application/x-ndjson",
    sent=json.dumps({"model": "m", "prompt": QUESTION}),
)
"""An answer in JSON lines, as Ollama streams it."""
JSON_ANSWER: Final = exchange(
    "POST",
    "https://api.example.com/api/ask",
    json.dumps({"answer": "Hello there, é👋 https://example.com/", "model": "m", "id": 7}, ensure_ascii=False),
    kind="application/json",
    sent=json.dumps({"question": QUESTION}),
)
PAGE: Final = exchange(
    "GET",
    "https://chat.example.com/chat",
    '<html><body><div data-nonce="a1b2c3d4e5" data-ajax="https://chat.example.com/ajax">Ask me</div></body></html>\n',
    kind="text/html; charset=utf-8",
)
PAGE_ANSWER: Final = exchange(
    "POST",
    "https://chat.example.com/ajax",
    "".join(event({"delta": text}) for text in ("Hello", " from", " the page é!")) + event({"ok": True}, "done"),
    sent=f"action=ask&nonce=a1b2c3d4e5&message={QUESTION.replace(' ', '+')}",
)
