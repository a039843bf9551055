"""The actions of generation 1, and who answers them."""

from __future__ import annotations

from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases.wpaicg import WpaicgTraits
from chatgptfree_mock.sites.aipower.wpaicg.access import NONCE
from chatgptfree_mock.sites.aipower.wpaicg.chat import Chat
from chatgptfree_mock.sites.aipower.wpaicg.secondary_actions import WpaicgSecondaryActions
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore
from chatgptfree_mock.sites.wordpress.call import Handler


class Wpaicg:
    """The chat plugin of generation 1 on one site."""

    nonce_action = NONCE

    def __init__(self, parts: Parts, traits: WpaicgTraits) -> None:
        ledger = UsageStore(parts.store)
        self._chat = Chat(parts, traits, ledger)
        sidelines = WpaicgSecondaryActions(parts, traits, ledger)
        self.handlers: dict[str, Handler] = {**self._chat.handlers(), **sidelines.handlers()}
