"""
WPAICG: plugin 1.x to 2.2, one POST answered as an event stream or as one JSON object.

The server alone decides which of the two, so `answer_reader.AnswerReader` reads either.
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

    Args:
        ajax_url: the address of `admin-ajax.php`.
        nonce: of the chat element.
        post_id: of the page, digits.
        url: of the page.
        bot_id: digits; `0` for a chat without a bot.
        message: the text to be answered.
        action: one of `ACTIONS`.
        history: the turns before *message*.
        client_id: ten characters; empty to leave it out.
        thread_id: the thread in which an assistant has the history; None to leave it out.
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
    Write *turns* so that the server can read them.

    It removes tags, line breaks, percent codes and then every backslash before it decodes the JSON, and drops the whole
    history without notice when that fails; so the JSON contains none of these.
    """
    entries = [
        {"id": "", "text": ("AI: " if turn.role == "assistant" else "Human: ") + _as_entities(turn.content)}
        for turn in turns
    ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def _as_entities(text: str) -> str:
    text = _OCTET.sub("&#37;", html.escape(text).replace("\\", "&#92;"))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "&#10;").replace("\t", "&#9;")
    return "".join(character for character in text if character >= " ")
