"""
AIPKit: plugin 2.3 and later.

One call answered with one JSON object (2.3 to 2.4.0), or two calls: the first caches the message, the second streams
the answer to the cache key, which works once and for a minute.  The server keeps the history.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlencode

from chatgptfree.core.answer import error_mapping, payload
from chatgptfree.core.page.block_page import excerpt, recognise
from chatgptfree.core.protocol.http import Request, ResponseHead, form
from chatgptfree.errors import ChatError, ProtocolError, UpstreamError

_NONCE: Final = re.compile("[0-9a-f]{10}")
_CACHE_KEY: Final = re.compile("[A-Za-z0-9_-]{1,200}")

_POSTED: Final = (
    ("Accept", "application/json, */*;q=0.1"),
    ("Content-Type", "application/x-www-form-urlencoded"),
)


def ask_nonce(*, ajax_url: str, bot_id: str) -> Request:
    """Build the request for a fresh nonce (2.3.41 and later)."""
    return _post(ajax_url, [("action", "aipkit_get_frontend_chat_nonce"), ("bot_id", bot_id)])


def cache(*, ajax_url: str, nonce: str, bot_id: str, message: str, message_id: str) -> Request:
    """Build the first of the two calls; *message_id* is the client's own name for the message."""
    return _post(
        ajax_url,
        [
            ("action", "aipkit_cache_sse_message"),
            ("message", message),
            ("_ajax_nonce", nonce),
            ("bot_id", bot_id),
            ("user_client_message_id", message_id),
        ],
    )


def stream(
    *,
    ajax_url: str,
    nonce: str,
    bot_id: str,
    cache_key: str,
    session_id: str,
    conversation_id: str,
    post_id: str = "",
    buster: str = "",
    response_id: str | None = None,
    interaction_id: str | None = None,
) -> Request:
    """Build the second of the two calls; *buster* is a number that no cache has seen, the ids are the last answer's."""
    fields = [
        ("action", "aipkit_frontend_chat_stream"),
        ("cache_key", cache_key),
        *_whose(bot_id, session_id, conversation_id, post_id),
        ("_ts", buster),
        ("previous_openai_response_id", response_id or ""),
        ("previous_google_interaction_id", interaction_id or ""),
        ("_ajax_nonce", nonce),
    ]
    query = urlencode([(name, value) for name, value in fields if value], errors="replace")
    url, _, _ = ajax_url.partition("#")
    return Request(
        method="GET",
        url=f"{url}{'&' if '?' in url else '?'}{query}",
        headers=(("Accept", "text/event-stream"), ("Cache-Control", "no-cache")),
    )


def ask(
    *,
    ajax_url: str,
    nonce: str,
    bot_id: str,
    session_id: str,
    conversation_id: str,
    message: str,
    post_id: str = "",
    response_id: str | None = None,
) -> Request:
    """Build the one call that is answered with one JSON object (2.3 to 2.4.0)."""
    fields = [
        ("action", "aipkit_frontend_chat_message"),
        ("_ajax_nonce", nonce),
        *_whose(bot_id, session_id, conversation_id, post_id),
        ("previous_openai_response_id", response_id or ""),
        ("message", message),
    ]
    return _post(ajax_url, [(name, value) for name, value in fields if value or name == "message"])


def _whose(bot_id: str, session_id: str, conversation_id: str, post_id: str) -> list[tuple[str, str]]:
    return [
        ("bot_id", bot_id),
        ("session_id", session_id),
        ("conversation_uuid", conversation_id),
        ("post_id", "" if post_id == "0" else post_id),
    ]


def _post(ajax_url: str, fields: list[tuple[str, str]]) -> Request:
    return Request(method="POST", url=ajax_url, headers=_POSTED, body=form(fields))


def nonce_reply(head: ResponseHead, body: bytes) -> str | ChatError:
    """Return the nonce in the reply to `ask_nonce`, or the error that came instead."""
    return _value("nonce", _NONCE, head, body)


def cache_reply(head: ResponseHead, body: bytes) -> str | ChatError:
    """Return the key in the reply to `cache`, or the error that came instead."""
    return _value("cache_key", _CACHE_KEY, head, body)


def _value(key: str, shape: re.Pattern[str], head: ResponseHead, body: bytes) -> str | ChatError:
    if head.status >= 400:
        return error_mapping.from_status(head, body)

    def refused(value: dict[str, Any]) -> ChatError | None:
        return error_mapping.from_object(value, otherwise=UpstreamError, head=head)

    text = body.decode(errors="replace")
    found = payload.find_object(text, fits=lambda value: "data" in value or refused(value) is not None)
    if found is not None:
        if error := refused(found.value):
            return error
        data = found.value.get("data")
        value = data.get(key) if isinstance(data, dict) else None
        if isinstance(value, str) and shape.fullmatch(value):
            return value
    if error := error_mapping.from_core(head, body) or recognise(head, body):
        return error
    words = excerpt(body)
    return ProtocolError(f"no {key} in the site's reply", status=head.status, url=head.url, excerpt=words)
