"""The actions of generation 2, and who answers them."""

from __future__ import annotations

from chatgptfree_mock.sites.aipower.aipkit.access import NONCE_ACTION, AccessCheck
from chatgptfree_mock.sites.aipower.aipkit.cache import MessageCache
from chatgptfree_mock.sites.aipower.aipkit.cache_action import CacheAction
from chatgptfree_mock.sites.aipower.aipkit.chat_request import Turns
from chatgptfree_mock.sites.aipower.aipkit.media import Media
from chatgptfree_mock.sites.aipower.aipkit.message_action import MessageAction
from chatgptfree_mock.sites.aipower.aipkit.secondary_actions import AipkitSecondaryActions
from chatgptfree_mock.sites.aipower.aipkit.streaming import Streaming
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases.aipkit import AipkitTraits
from chatgptfree_mock.sites.wordpress.call import Handler


class Aipkit:
    """The chat plugin of generation 2 on one site."""

    nonce_action = NONCE_ACTION

    def __init__(self, parts: Parts, traits: AipkitTraits) -> None:
        gate = AccessCheck(parts.visitors, traits)
        cache = MessageCache(parts.store, parts.random, keeps=parts.settings.object_cache and traits.key_reuse)
        turns = Turns(parts, traits)
        widget = AipkitSecondaryActions(gate, parts.visitors, turns, traits)
        self.handlers: dict[str, Handler] = {
            "aipkit_cache_sse_message": CacheAction(gate, cache, traits).answer,
            "aipkit_frontend_chat_stream": Streaming(gate, cache, turns, traits).answer,
            **widget.handlers(),
            **Media(gate, turns, traits).handlers(),
        }
        if traits.message_action:
            self.handlers["aipkit_frontend_chat_message"] = MessageAction(gate, turns, traits).answer
        if traits.nonce_endpoint:
            self.handlers["aipkit_get_frontend_chat_nonce"] = widget.nonce
