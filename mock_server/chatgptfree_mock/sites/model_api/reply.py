"""
The reply of a model: the text in the settings, or one of a small built-in conversation.

Pure.  The built-in conversation remembers names, which shows whether a client sends earlier messages.
"""

from __future__ import annotations

import re
from typing import Final

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.model_api.settings import Model

GREETING: Final = "Hello there! How can I help you today?"
MESSAGE: Final = "{message}"
"""Replaced in a reply by the message that the model got."""
_IS_CALLED = re.compile(r"\bmy name is ([^\W\d_][\w'-]*)", re.IGNORECASE)
_ASKS_NAME = re.compile(r"\bwhat(?:'s| is) my name\b", re.IGNORECASE)


def reply_to(model: Model, messages: Messages) -> str | list[str]:
    """
    Return the answer of *model* to the last of *messages*, as a text or as the deltas of the settings.

    Args:
        model: the settings of the model.
        messages: the conversation that the model gets, each with `role` and `content`; may be empty.
    """
    questions = [str(message["content"]) for message in messages if message["role"] == "user"]
    latest = questions[-1] if questions else ""
    if model.reply is None:
        return _small_talk(questions[:-1], latest)
    if isinstance(model.reply, str):
        return model.reply.replace(MESSAGE, latest)
    return [delta.replace(MESSAGE, latest) for delta in model.reply]


def _small_talk(earlier: list[str], message: str) -> str:
    if named := _IS_CALLED.search(message):
        return f"Nice to meet you, {named[1]}!"
    if not _ASKS_NAME.search(message):
        return GREETING
    names = [named[1] for message in earlier for named in _IS_CALLED.finditer(message)]
    return f"Your name is {names[-1]}." if names else "You have not told me your name."
