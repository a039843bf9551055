"""
The match rules of the imitated chat: which fields of a request must fit, and which vary between sessions.

A request is matched by its action and its message, since a client need not send every recorded field; the bot and the
rest of the form decide between several recordings of one message.
"""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import VOLATILE, Volatile

AJAX: Final = "/wp-admin/admin-ajax.php"
_ACTIONS: Final = ("wpaicg_", "aipkit_")
_NO_ACTION: Final = "wpaicg_"
"""A call without an action belongs to the chat: recordings of it have such calls."""
VOLATILE_FIELDS: Final = (
    *VOLATILE,
    *("_wpnonce", "_ajax_nonce", "session_id", "conversation_uuid", "cache_key", "wpaicg_chat_client_id"),
    *("user_client_message_id", "previous_openai_response_id", "_ts", "url", "post_id"),
)
"""Fields of WordPress and of the plugin whose values vary with the session or the page."""

CHAT: Final = MatchRules(
    must=("method", "site", "path", "field:action", "field:message", "query"),
    prefer=("field:bot_id", "form", "exact"),
    volatile=Volatile(VOLATILE_FIELDS),
)
"""For calls of the chat plugin."""
AJAX_CALLS: Final = MatchRules(volatile=Volatile((*VOLATILE, "_wpnonce", "_ajax_nonce", "security", "_ts")))
"""For admin-ajax.php calls of other plugins: their fields are not known, so all of them must fit."""


def rules_for(key: RequestKey) -> MatchRules:
    """Return the rules by which a recorded request is found."""
    if not is_ajax(key.path):
        return ANY_SITE
    of_the_chat = (key.field("action") or _NO_ACTION).startswith(_ACTIONS)
    return CHAT if of_the_chat else AJAX_CALLS


def is_ajax(path: str) -> bool:
    """Return whether *path* is admin-ajax.php of a WordPress in any folder."""
    return path.rstrip("/").endswith(AJAX)
