"""The actions of WPAICG and their handlers."""

from __future__ import annotations

from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.rewording import renamed, reworded
from chatgptfree_mock.sites.aipower.wpaicg.access import NONCE
from chatgptfree_mock.sites.aipower.wpaicg.chat import Chat
from chatgptfree_mock.sites.aipower.wpaicg.secondary_actions import WpaicgSecondaryActions
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore


class Wpaicg:
    """WPAICG on one site."""

    nonce_action = NONCE

    def __init__(self, parts: Parts, release: PluginRelease, traits: WpaicgTraits) -> None:
        usage = UsageStore(parts.store)
        wording = Wording(release.wording)
        chat = Chat(parts, release, traits, usage, wording)
        secondary = WpaicgSecondaryActions(parts, traits, usage)
        handlers = reworded({**chat.handlers(), **secondary.handlers()}, wording)
        self.handlers = renamed(handlers, release.actions)
