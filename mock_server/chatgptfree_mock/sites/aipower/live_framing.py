"""The framing of a live answer: that of AIPKit, or of the model's API, whose events WPAICG relays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from chatgptfree_mock.contract.reply import TextFraming
from chatgptfree_mock.sites.aipower.aipkit.text_framing import framing
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.model_api.chat import ChatCompletions
from chatgptfree_mock.sites.model_api.dialect import ModelEvent
from chatgptfree_mock.sites.model_api.settings import Model
from chatgptfree_mock.sites.model_api.upstream import ModelRequest


def live_framing(release: PluginRelease) -> TextFraming:
    """Return what surrounds each delta of a stream of *release*."""
    if isinstance(release.traits, WpaicgTraits):
        return _of_the_model_api()
    return framing(release, release.traits)


@cache
def _of_the_model_api() -> TextFraming:
    api, call = ChatCompletions(), ModelRequest(settings=Model(), model="gpt-3.5-turbo")
    return TextFraming(
        opening=_bytes(api.opening(call)),
        text=lambda text: api.delta(call, 0, text).data,
        closing=_bytes(api.closing(call, "")),
    )


def _bytes(written: Sequence[ModelEvent]) -> tuple[bytes, ...]:
    return tuple(event.data for event in written)
