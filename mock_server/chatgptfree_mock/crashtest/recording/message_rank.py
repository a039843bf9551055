"""How likely a text in a request is the message that a person typed, by the names on its path."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from chatgptfree_mock.tape.tokens.token_names import words_of

_WORDS: Final = "message|prompt|query|question|input|text|content|msg|q"
_PLAIN: Final = re.compile(_WORDS, re.IGNORECASE)
_COMPOUND: Final = re.compile(rf".*(?:[_-](?:{_WORDS})|(?-i:Message|Prompt|Query|Question|Input|Text))", re.IGNORECASE)
"""Names such as `user_message` and `chatInput`."""
_INSTRUCTIONS: Final = frozenset(
    {"system", "developer", "instruction", "instructions", "persona", "preprompt", "example", "examples", "context"}
    | {"tool", "tools", "function", "functions", "metadata", "negative"}
)
"""Words in names of what a program adds to a message; https://ai.google.dev/api has `systemInstruction`."""
_HISTORY: Final = frozenset({"history", "previous", "past"})
_REPORTS: Final = frozenset(
    {"log", "logs", "collect", "track", "tracking", "analytics", "telemetry", "beacon", "metrics", "stats", "rum"}
)
"""Words in paths of requests that report what a person did, such as `/g/collect`."""
_PATH_NAME: Final = re.compile(r"[^\[\].]+")
_INDEXES: Final = re.compile(r"(?:\[\d*\])+$")
_LAST_NAME: Final = re.compile(r"[^\[\].]+(?=[\[\]\d.]*$)")


class MessageRank(IntEnum):
    """The kinds of texts, the least likely first."""

    INSTRUCTION = 0
    """What a program adds: a system prompt, a tool; or a text of a request that reports what a person did."""
    HISTORY = 1
    """A turn of a conversation that others have answered."""
    COMPOUND = 2
    """A text with a name such as `user_message`."""
    PLAIN = 3
    """A text with a name such as `message`."""
    TURN = 4
    """The user's turn at the end of a conversation."""


def rank_of(path: str, *, turn_is_last: bool | None, request_path: str) -> MessageRank | None:
    """
    Return the rank of the text at *path*, such as ``messages[0].content``; None if its name fits no message.

    *turn_is_last*: whether the user's turn that it belongs to ends its list of turns; None outside of such a list.
    *request_path*: the path of the request's URL.
    """
    name = _last_name(path)
    if not (_PLAIN.fullmatch(name) or _COMPOUND.fullmatch(name)):
        return None
    words = {word for each in _PATH_NAME.findall(path) for word in words_of(each)}
    is_report = not _REPORTS.isdisjoint(words_of(request_path))
    if is_report or not _INSTRUCTIONS.isdisjoint(words) or ".variables." in path:
        return MessageRank.INSTRUCTION
    if turn_is_last is False or not _HISTORY.isdisjoint(words):
        return MessageRank.HISTORY
    if turn_is_last:
        return MessageRank.TURN
    return MessageRank.PLAIN if _PLAIN.fullmatch(name) else MessageRank.COMPOUND


def _last_name(path: str) -> str:
    """Return the last name in *path*, such as `content` of ``messages[0].content`` or of ``messages[0][content]``."""
    found = _LAST_NAME.search(_INDEXES.sub("", path))
    return found[0] if found else ""
