"""One message to a bot, as both actions (the stream and the message action) handle it."""

from __future__ import annotations

from typing import Any

import msgspec

from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.wordpress.call import AjaxCall


class AipkitChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One message of one visitor to one bot."""

    place: ConversationKey
    bot: Bot
    text: str
    guest: bool
    administrator: bool
    """Whether the visitor may manage the plugin's settings."""
    remote: str
    now: float
    images: tuple[dict[str, Any], ...] = ()
    client_id: str = ""
    previous_id: str = ""
    """The answer that the model's API is to go on from, if it keeps the conversation itself."""

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to send; to PHP the text "0" is empty."""
        return self.text in ("", "0") and not self.images


def owner_of(call: AjaxCall, session: str) -> str:
    """Return the key of the visitor's conversations and quotas: the user's id, or a guest's session."""
    return f"user {call.user.id}" if call.user.id else f"guest {session[:64]}"
