"""The actions of AIPKit and their handlers."""

from __future__ import annotations

from chatgptfree_mock.sites.aipower.aipkit.access import NONCE_ACTION, AccessCheck
from chatgptfree_mock.sites.aipower.aipkit.cache import MessageCache
from chatgptfree_mock.sites.aipower.aipkit.cache_action import CacheAction
from chatgptfree_mock.sites.aipower.aipkit.chat_service import ChatService
from chatgptfree_mock.sites.aipower.aipkit.events import EventWriter
from chatgptfree_mock.sites.aipower.aipkit.media import Media
from chatgptfree_mock.sites.aipower.aipkit.message_action import MessageAction
from chatgptfree_mock.sites.aipower.aipkit.secondary_actions import AipkitSecondaryActions
from chatgptfree_mock.sites.aipower.aipkit.streaming import Streaming
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.aipower.rewording import renamed, reworded
from chatgptfree_mock.sites.wordpress.call import ActionHandler


class Aipkit:
    """AIPKit on one site."""

    nonce_action = NONCE_ACTION

    def __init__(self, parts: Parts, release: PluginRelease, traits: AipkitTraits) -> None:
        access = AccessCheck(parts.visitors, traits)
        keeps = parts.settings.object_cache and traits.key_reuse
        cache = MessageCache(parts.store, parts.random, keeps=keeps, to_the_second=traits.key_life == "seconds")
        service = ChatService(parts, release, traits)
        secondary = AipkitSecondaryActions(access, parts.visitors, service, traits)
        wording = Wording(release.wording)
        writer = EventWriter(release.events, wording)
        handlers: dict[str, ActionHandler] = {
            "aipkit_cache_sse_message": CacheAction(
                access, cache, traits, broken=service.is_broken("cached-messages")
            ).answer,
            "aipkit_frontend_chat_stream": Streaming(access, cache, service, traits, writer).answer,
            **secondary.handlers(),
            **Media(access, parts.store, service, release, traits).handlers(),
        }
        if traits.message_action:
            handlers["aipkit_frontend_chat_message"] = MessageAction(access, service, traits).answer
        if traits.form_submission:
            handlers["aipkit_handle_form_submission"] = secondary.form_submission
        if traits.nonce_endpoint:
            handlers["aipkit_get_frontend_chat_nonce"] = secondary.nonce
        self.handlers = renamed(reworded(handlers, wording), release.actions)
