"""The actions of generation 1, and who answers them."""

from __future__ import annotations

from chatgptfree_mock.wordpress.call import Handler, Parts
from chatgptfree_mock.wordpress.releases.wpaicg import Traits
from chatgptfree_mock.wordpress.wpaicg.chat import Chat
from chatgptfree_mock.wordpress.wpaicg.gate import NONCE
from chatgptfree_mock.wordpress.wpaicg.ledger import Ledger
from chatgptfree_mock.wordpress.wpaicg.sidelines import Sidelines


class Wpaicg:
    """The chat plugin of generation 1 on one site."""

    nonce_action = NONCE

    def __init__(self, parts: Parts, traits: Traits) -> None:
        ledger = Ledger(parts.database)
        self._chat = Chat(parts, traits, ledger)
        sidelines = Sidelines(parts, traits, ledger)
        self.handlers: dict[str, Handler] = {**self._chat.handlers(), **sidelines.handlers()}
