"""The framing of a live answer on a release of AIPKit."""

from __future__ import annotations

from chatgptfree_mock.contract.reply import TextFraming
from chatgptfree_mock.sites.aipower.aipkit import events
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.wording import Wording


def framing(release: PluginRelease, traits: AipkitTraits) -> TextFraming:
    """Return the events around each delta, with those that *release* adds."""
    writer = events.EventWriter(release.events, Wording(release.wording))
    text = events.delta("")
    whole = [events.message_start("aipkit-msg-live"), text, events.done()]
    chunks = [data for _, data in writer.stream((0, event) for event in whole)]
    cut = chunks.index(writer.event(text))
    return TextFraming(
        opening=(*((events.PREAMBLE,) if traits.preamble else ()), *chunks[:cut]),
        text=lambda text: writer.event(events.delta(text)),
        closing=tuple(chunks[cut + 1 :]),
    )
