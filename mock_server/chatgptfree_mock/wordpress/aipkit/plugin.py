"""The actions of generation 2, and who answers them."""

from __future__ import annotations

from chatgptfree_mock.wordpress.call import Handler, Parts
from chatgptfree_mock.wordpress.releases.aipkit import Traits


class Aipkit:
    """The chat plugin of generation 2 on one site."""

    nonce_action = "aipkit_frontend_chat_nonce"

    def __init__(self, parts: Parts, traits: Traits) -> None:
        self._parts = parts
        self._traits = traits
        self._handlers: dict[str, Handler] = {}

    def handler(self, action: str) -> Handler | None:
        """Return what answers *action*, or None if no such action exists in this release."""
        return self._handlers.get(action)
