"""The bodies of requests to the control API; `document` describes them from these classes."""

from __future__ import annotations

from typing import Any

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart


class DeliveryWords(SettingsPart, frozen=True, kw_only=True):
    """A delivery in words; by default everything is as recorded."""

    chunks: str | None = None
    """How answers are cut, such as `utf8`; null is as recorded."""
    pace: str | None = None
    """When chunks are sent, such as `instant` or `every:20ms`; null is at the recorded times."""
    fault: str | list[str] | None = None
    """Faults such as `reset@50%`, in a list or separated by commas; null is none."""
    seed: int = 0
    """The seed of the random parts of faults."""


class NewSite(SettingsPart, frozen=True, kw_only=True):
    """A site to be added."""

    name: str | None = None
    """The part of its path after `/site/`; by default one that is not taken."""
    pack: str | None = None
    """A site pack; by default that of the root site."""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    """The settings of the pack; what is left out has its default."""
    delivery: DeliveryWords = DeliveryWords()
    """How its answers are cut, paced and broken; by default as recorded."""


class Live(SettingsPart, frozen=True, kw_only=True):
    """Whether the chat's answers are live: pushed by the test."""

    live: bool
    """Whether answers are live from now on."""


class Push(SettingsPart, frozen=True, kw_only=True):
    """What to do with the pending answer; exactly one of the keys."""

    push: str | None = None
    """A part of the text, framed as the release frames it."""
    raw: str | None = None
    """Bytes as they are, in UTF-8."""
    end: bool = False
    """End the answer as a complete one."""
    truncate: bool = False
    """Close the connection without the last chunk."""
    reset: bool = False
    """Reset the connection."""


class ClockChange(SettingsPart, frozen=True, kw_only=True):
    """A change of a site's clock."""

    turn: float
    """Seconds by which the clock goes forward."""
