"""
Messages that are JSON with the key `stream_context`, as the plugin's own forms and its content writer send them.

Source: the recordings `x_json_stream_context` of 2.3.70, 2.4.5 and 2.4.67, and the published plugin.
"""

from __future__ import annotations

import json
from typing import Any, Final

from chatgptfree_mock.sites.aipower.aipkit.model_output import string
from chatgptfree_mock.sites.aipower.aipkit.moderation import Refusal
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.wordpress import php

_NOT_IMITATED: Final = "not imitated beyond this check"


def text_of(message: str, traits: AipkitTraits, *, writer: bool) -> str | Refusal:
    """
    Return the text that the model gets for *message*, or why its stream context is refused.

    *writer*: whether the visitor may use the content writer.
    """
    value = _decoded(message)
    context = value.get("stream_context")
    if context is None:
        return message
    if context == "chat":
        return string(value.get("user_message"))
    if context == "ai_forms":
        return Refusal(words=sentences.NO_FORM, why=f"{sentences.NO_FORM} ({_NOT_IMITATED})")
    if context == "content_writer":
        refused = (
            sentences.NO_WRITER_PERMISSION
            if traits.content_writer == "refused" and not writer
            else sentences.NO_WRITER_PROMPT
        )
        return Refusal(words=refused, why=f"{refused} ({_NOT_IMITATED})")
    return Refusal(words=sentences.UNSUPPORTED_CONTEXT)


def _decoded(message: str) -> dict[str, Any]:
    if not message.lstrip(php.BLANKS).startswith("{"):
        return {}
    try:
        value = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
