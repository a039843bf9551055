"""
Build the messages for the model from the fields of a request: cleaning, history, and the plugin's instruction.

Pure.  The release's way of cleaning the message is a trait.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.forms import Array, scalar

_HUMAN, _AI = "Human: ", "AI: "


def message(fields: Array, traits: WpaicgTraits) -> str:
    """Return the visitor's message, cleaned as in this release; empty if there is none."""
    raw = scalar(fields, "message") or ""
    if traits.message == "slashed":
        return php.sanitize_text_field(php.addslashes(raw))
    return php.sanitize_text_field(raw) if traits.message == "one-line" else raw


def client_id(fields: Array) -> str:
    """Return the id under which a guest's tokens are counted; empty if none was sent."""
    sent = scalar(fields, "wpaicg_chat_client_id")
    return php.sanitize_text_field(sent) if sent else ""


def chat_id(fields: Array) -> str:
    """Return the number by which feedback can refer to the answer; empty if none was sent."""
    return re.sub(r"[^0-9]", "", scalar(fields, "chat_id") or "")


def history(fields: Array, traits: WpaicgTraits, *, logged: bool) -> list[str]:
    r"""
    Return the entries of the history that was sent, cleaned as this release does.

    All backslashes are removed before the JSON is parsed: a ``\n`` becomes the letter n, and one ``\"`` makes the whole
    history invalid, so that it is dropped.  Some releases encode a *logged* conversation again, with a backslash before
    every non-ASCII character.
    """
    sent = scalar(fields, "wpaicg_chat_history")
    if not sent:
        return []
    if traits.history == "one-line":
        sent = php.sanitize_text_field(php.json_encode(_texts(sent)) if logged else sent)
    else:
        sent = php.sanitize_textarea_field(sent)
    return _texts(sent.replace("\\", ""))


def _texts(sent: str) -> list[str]:
    try:
        entries = json.loads(sent)
    except (ValueError, RecursionError):
        return []
    if isinstance(entries, dict):
        entries = list(entries.values())
    if not isinstance(entries, list):
        return []
    texts = (entry.get("text") if isinstance(entry, dict) else entry for entry in entries)
    return [text for text in texts if isinstance(text, str)]


def greeting(title: str | None, own: str | None) -> str:
    """Return the instruction that comes first; *title* is that of the page with the chat."""
    if own is not None:
        return own
    context = "text" if title is None else "context"
    base = "Converse as if you were an AI assistant. Answer the question as truthfully as possible using the provided "
    base += f"{context}. Tone: Friendly"
    return base if title is None else f'{base}.\n, Current context: "{title}"'


def messages(instruction: str, past: list[str], text: str) -> Messages:
    """Return the messages for the model: the instruction, the history and the message, each with its role."""
    earlier = (_message(entry) for entry in past)
    kept = [each for each in earlier if each["role"] == "user" or not php.empty(each["content"])]
    return ({"role": "user", "content": instruction}, *kept, _message(_HUMAN + text))


def _message(entry: str) -> Mapping[str, str]:
    # For a blank message "Human:" is left without its blank, so that the plugin counts it as the assistant's.
    trimmed = php.trim(entry)
    if trimmed.startswith(_HUMAN):
        return {"role": "user", "content": php.trim(trimmed.removeprefix(_HUMAN))}
    return {"role": "assistant", "content": php.trim(trimmed.replace(_AI, ""))}
