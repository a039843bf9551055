"""The bodies of requests to the control API."""

from __future__ import annotations

from typing import Any

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart


class NewSite(SettingsPart, frozen=True, kw_only=True):
    """A site to be added."""

    name: str | None = None
    pack: str | None = None
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    delivery: dict[str, Any] = msgspec.field(default_factory=dict)


class DeliveryWords(SettingsPart, frozen=True, kw_only=True):
    """A delivery in words; by default everything is as recorded."""

    chunks: str | None = None
    pace: str | None = None
    fault: str | list[str] | None = None
    seed: int = 0


class Live(SettingsPart, frozen=True, kw_only=True):
    """Whether the chat's answers are pushed by hand."""

    live: bool


class Push(SettingsPart, frozen=True, kw_only=True):
    """What to do with the pending answer; exactly one of the fields."""

    push: str | None = None
    raw: str | None = None
    end: bool = False
    truncate: bool = False
    reset: bool = False


class ClockChange(SettingsPart, frozen=True, kw_only=True):
    """A clock change in seconds."""

    turn: float
