"""
Generation 1: plugin 1.x, one POST answered as an event stream or as one JSON object.

The server alone decides which of the two, so that `reading.AnswerReading` takes either.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from typing import Final

from chatgptfree.core.protocol.http import Request, form
from chatgptfree.messages import Message

ACTIONS: Final = {"shortcode": "wpaicg_chat_shortcode_message", "widget": "wpaicg_chatbox_message"}
"""The action by the kind of chat element; both lead to one handler, with the settings of either."""

_OCTET: Final = re.compile("%(?=[0-9a-fA-F]{2})")
_POSTED: Final = (
    ("Accept", "text/event-stream, application/json, */*;q=0.1"),
    ("Content-Type", "application/x-www-form-urlencoded"),
)


def ask(
    *,
    ajax_url: str,
    nonce: str,
    post_id: str,
    url: str,
    bot_id: str,
    message: str,
    action: str = ACTIONS["shortcode"],
    history: Sequence[Message] = (),
    client_id: str = "",
    thread_id: str | None = None,
) -> Request:
    """
    Build the one request of this generation.

    *history* holds the turns before *message*; *thread_id* names the thread in which an assistant has them.
    """
    fields = [
        ("_wpnonce", nonce),
        ("post_id", post_id),
        ("url", url),
        ("action", action),
        ("message", message),
        ("bot_id", bot_id),
    ]
    if history:
        fields.append(("wpaicg_chat_history", _history(history)))
    if client_id:
        fields.append(("wpaicg_chat_client_id", client_id))
    if thread_id:
        fields.append(("thread_id", thread_id))
    return Request(method="POST", url=ajax_url, headers=_POSTED, body=form(fields))


def _history(turns: Sequence[Message]) -> str:
    """
    Write *turns* so that they survive the server.

    It removes tags, line breaks, percent codes and then every backslash before it reads the JSON, and drops all
    of it in silence when that fails; so none of these is in it.
    """
    entries = [
        {"id": "", "text": ("AI: " if turn.role == "assistant" else "Human: ") + _armoured(turn.content)}
        for turn in turns
    ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def _armoured(text: str) -> str:
    text = _OCTET.sub("&#37;", html.escape(text).replace("\\", "&#92;"))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "&#10;").replace("\t", "&#9;")
    return "".join(character for character in text if character >= " ")
