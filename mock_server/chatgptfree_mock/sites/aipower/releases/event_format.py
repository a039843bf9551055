"""
The events of a release where they differ from the generation: other names, other keys, additional events.

The unnamed event that carries a delta of the answer is called `text` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

TEXT: Final = "text"
"""The event with a delta of the answer, which has no name on the wire."""
AIPKIT_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "message_start": ("message_id",),
    TEXT: ("delta",),
    "openai_response_id": ("id",),
    "google_interaction_id": ("id",),
    "grounding_metadata": (),
    "citations": (),
    "status": ("type",),
    "warning": ("error",),
    "error": ("error", "quota_notice"),
    "done": ("finished", "citations", "grounding_metadata"),
}
"""The events of AIPKit, and the keys of their data that can be renamed."""
OTHER_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("status", "response_id", "item_id", "output_index", "call_id", "item_type", "item_status", "name"),
    "error": (
        "status",
        "provider_error_code",
        "stop_batch",
        "cloud_request_id",
        "cloud_request_state",
        "cloud_operation_id",
    ),
}
"""More keys of these events, which come from the model's API."""
REPEATED: Final = ("status", "warning")
"""The events that a stream may contain several times with different data, so that a release can add more of them."""
WPAICG_EVENTS: Final[Mapping[str, tuple[str, ...]]] = {TEXT: ()}
"""WPAICG relays the events of the model's API, so only the place before the first one is known."""


class AddedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a release's own, sent once in a stream."""

    name: str
    data: Any
    after: str | None = None
    """The event after whose first occurrence it is sent; None: it is sent before the first event *before*."""
    before: str | None = None


class EventFormat(msgspec.Struct, frozen=True, kw_only=True):
    """The differences of one release; none by default."""

    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Names on the wire by the names of the generation."""
    keys: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    """By event: keys on the wire by the keys of the generation."""
    added: tuple[AddedEvent, ...] = ()
