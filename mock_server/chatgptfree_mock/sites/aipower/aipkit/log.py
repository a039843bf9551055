"""
The log of conversations, from which earlier messages are sent to the model again with the next one.

A conversation belongs to a visitor (a user, or a guest's session) and a bot; the page chooses its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.store import Key, Store
from chatgptfree_mock.sites.wordpress import php

CONVERSATIONS: Final = 2_000
ENTRIES: Final = 400
_KEPT_TAG = re.compile(
    r"a|abbr|b|blockquote|br|code|del|div|em|h[1-6]|hr|i|img|li|ol|p|pre|s|span|strong|su[bp]|table|tbody|t[dhr]|thead|u|ul",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<")


class ConversationKey(msgspec.Struct, frozen=True, kw_only=True):
    """The visitor, the bot and the id of a conversation."""

    owner: str
    bot_id: int
    conversation: str

    @property
    def key(self) -> Key:
        """Return the conversation's key in the database; keys of the same visitor and bot begin alike."""
        return (self.owner, str(self.bot_id), self.conversation)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation."""

    role: str
    content: str
    timestamp: int
    message_id: str
    provider: str | None = None
    model: str | None = None
    tokens: int | None = None
    response_id: str | None = None
    feedback: str | None = None


class Log:
    """All conversations of one site; the least recently used one is dropped first."""

    def __init__(self, database: Store) -> None:
        self._kept = database.table("conversations", list[LogEntry], capacity=CONVERSATIONS)

    def add(self, place: ConversationKey, entry: LogEntry) -> None:
        """Store *entry*, reduced to the HTML that WordPress allows."""
        written = replace(entry, content=allowed_html(entry.content))
        self._kept.update(place.key, lambda entries: [*(entries or ()), written][-ENTRIES:])

    def entries(self, place: ConversationKey) -> list[LogEntry]:
        """Return the messages of a conversation, oldest first."""
        return list(self._kept.get(place.key) or ())

    def conversations(self, owner: str, bot_id: int) -> Iterator[tuple[str, list[LogEntry]]]:
        """Yield the conversations of a visitor with a bot, the latest first."""
        for (*_, conversation), entries in self._kept.under((owner, str(bot_id))):
            yield conversation, entries

    def delete(self, place: ConversationKey) -> bool:
        """Forget a conversation; return whether there was one."""
        return self._kept.pop(place.key) is not None

    def rate(self, place: ConversationKey, message_id: str, feedback: str | None) -> bool:
        """Store the rating of a message; return whether there is such a message."""
        # In this request the id lacks the dot that it has in a stream.
        rated = [entry for entry in self.entries(place) if entry.message_id.replace(".", "") == message_id]
        if not rated:
            return False
        found = rated[0].message_id

        def rate(entries: list[LogEntry] | None) -> list[LogEntry]:
            return [
                replace(entry, feedback=feedback) if entry.message_id == found else entry for entry in entries or ()
            ]

        self._kept.update(place.key, rate, in_place=True)
        return True


def to_api(entries: list[LogEntry]) -> list[dict[str, Any]]:
    """Return *entries* as the model's API takes them."""
    roles = {"bot": "assistant"}
    return [{"role": roles.get(entry.role, entry.role), "content": entry.content} for entry in entries]


def allowed_html(text: str) -> str:
    """Escape what is not HTML and remove the tags that WordPress allows in no post; entities are kept."""
    escaped = php.esc_html(text.replace("<", "\1").replace(">", "\2").replace('"', "\3").replace("'", "\4"))
    restored = escaped.replace("\1", "<").replace("\2", ">").replace("\3", '"').replace("\4", "'")
    return _TAG.sub(_keep_tag, restored)


def _keep_tag(match: re.Match[str]) -> str:
    if match[1] is None:
        return "&lt;"
    return match[0] if _KEPT_TAG.fullmatch(match[1]) else ""
