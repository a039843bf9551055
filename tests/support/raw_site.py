"""
Pages and answers of a chat site as bytes, and a raw server that sends them in order.

Written by hand and small, so that a test shows all that the client gets to see.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from tests.support.raw_server import Answer, RawRequest, RawServer

AJAX_PATH = "/wp-admin/admin-ajax.php"
NONCES = ("0123456789", "abcdef0123", "fedcba9876", "1122334455")


def response(
    body: bytes | str,
    *,
    status: str = "200 OK",
    content_type: str = "text/html; charset=UTF-8",
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Return a whole response with a Content-Length."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def stream_head(*, content_type: str = "text/event-stream;charset=UTF-8", headers: Sequence[str] = ()) -> bytes:
    """Return the head of a chunked response."""
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}", "Transfer-Encoding: chunked", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def chunk(data: bytes | str) -> bytes:
    """Frame *data* as one HTTP chunk."""
    data = data.encode() if isinstance(data, str) else data
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST_CHUNK = b"0\r\n\r\n"


def delta(text: str, **choice: Any) -> str:
    """Return a chat-completion chunk as an event."""
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None, **choice}],
    }
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


STOP = (
    'data: {"id":"chatcmpl-1","object":"chat.completion.chunk",'
    '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
)
DONE = "data: [DONE]\n\n"


def streamed(*texts: str, end: str = STOP + DONE) -> bytes:
    """Return a whole streamed answer of WPAICG, each text in a chunk of its own."""
    return stream_head() + b"".join(chunk(delta(text)) for text in texts) + chunk(end) + LAST_CHUNK


def as_json(value: object, *, status: str = "200 OK") -> bytes:
    """Return *value* as WordPress sends JSON."""
    body = json.dumps(value, separators=(",", ":")).replace("/", "\\/")
    return response(body, status=status, content_type="application/json; charset=UTF-8")


def buffered(text: str) -> bytes:
    """Return a whole buffered answer of WPAICG."""
    return as_json(
        {"status": "success", "msg": "Something went wrong", "greeting_message": "You are…", "data": text, "log": False}
    )


EXPIRED_403 = response("The link you followed has expired.", status="403 Forbidden")
EXPIRED_200 = as_json({"status": "error", "msg": "Nonce verification failed"})


def wpaicg_element(nonce: str = NONCES[0], *, bot_id: str = "0", kind: str = "shortcode", post_id: str = "4") -> str:
    """Return the opening and closing tag of a chat of WPAICG."""
    classes = "wpaicg-chat-shortcode" if kind == "shortcode" else "wpaicg-chatbox wpaicg-chat-widget-no-footer"
    return (
        f'<div class="{classes}"\n     data-color="#495057"\n     data-nonce="{nonce}"\n     data-post-id="{post_id}"\n'
        f'     data-url="http://localhost"\n     data-bot-id="{bot_id}"\n     data-openai_stream_nav="1"\n'
        f'     data-type="{kind}"\n></div>'
    )


def document(*elements: str, title: str = "Chat") -> str:
    """Return a page around *elements*."""
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{''.join(elements)}</body></html>"


def wpaicg_page(nonce: str = NONCES[0], **element: str) -> bytes:
    """Return a page with one chat of WPAICG, as a response."""
    return response(document(wpaicg_element(nonce, **element)))


def aipkit_config(nonce: str = NONCES[0], *, bot_id: int = 5, ajax_url: str = AJAX_PATH, **more: Any) -> dict[str, Any]:
    """Return the config of a bot on the newest release; `streamEnabled` and others can be added."""
    config = {
        "botId": bot_id,
        "ajaxUrl": ajax_url,
        "nonce": nonce,
        "postId": 9,
        "headerName": "Bot",
        "provider": "OpenAI",
    }
    return {**config, "popupLabelEnabled": False, **more}


def aipkit_element(config: dict[str, Any]) -> str:
    """Return the tag of an inline bot of AIPKit."""
    written = html.escape(json.dumps(config, ensure_ascii=False).replace("'", "\\u0027"), quote=True)
    bot_id = config["botId"]
    return (
        f'<div class="aipkit_chat_container aipkit-theme-dark" id="aipkit_chat_container_{bot_id}"'
        f" data-bot-id=\"{bot_id}\" data-config='{written}'></div>"
    )


def aipkit_page(nonce: str = NONCES[0], **config: Any) -> bytes:
    """Return a page with one bot of AIPKit, as a response."""
    return response(document(aipkit_element(aipkit_config(nonce, **config))))


def aipkit_events(*texts: str, end: str = 'event: done\ndata: {"finished":true}\n\n') -> bytes:
    """Return a whole streamed answer of AIPKit."""
    start = 'event: message_start\ndata: {"message_id":"aipkit-msg-1.2"}\n\n'
    deltas = "".join(f"data: {json.dumps({'delta': text}, ensure_ascii=False)}\n\n" for text in texts)
    return stream_head(content_type="text/event-stream; charset=utf-8") + chunk(start + deltas + end) + LAST_CHUNK


CACHED = as_json({"success": True, "data": {"cache_key": "aipkit_sse_WpR4acJTpu8zNeuPJ4qqK9fpZv3EIcsa"}})


def site(*ajax: Answer | bytes, pages: Sequence[Answer | bytes] = ()) -> RawServer:
    """
    Return a server that answers page requests with *pages* and ajax requests with *ajax*, in their order.

    The last of each is repeated for as long as somebody asks.
    """
    page_answers = _in_order(pages or [wpaicg_page()])
    ajax_answers = _in_order(ajax)

    def answer(request: RawRequest) -> Answer:
        return next(ajax_answers if request.path.endswith(AJAX_PATH) else page_answers)

    return RawServer(answer)


def _in_order(answers: Sequence[Answer | bytes]) -> Iterator[Answer]:
    steps: list[Answer] = [[answer] if isinstance(answer, bytes) else answer for answer in answers]
    return chain(steps, repeat(steps[-1]))
