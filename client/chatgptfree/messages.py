"""
What users of the library hold in their hands: messages, pieces of an answer, replies, bots, limits.

Plain frozen values; nothing here reads or writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any, Literal

import msgspec

from chatgptfree.control_characters import escape

Generation = Literal["wpaicg", "aipkit-json", "aipkit"]
"""Which protocol a page speaks: plugin 1.x; AIPKit 2.3-2.4.0 answering in one piece; AIPKit's two calls."""

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation: *role* is ``system``, ``user`` or ``assistant``."""

    role: Role
    content: str


class Delta(msgspec.Struct, frozen=True, gc=False):
    """A piece of an answer, exactly as the site sent it."""

    # A struct, because it is made once an event and four times as fast as a frozen dataclass.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWarning:
    """
    Something about an answer that can't be proven to be an error.

    *code* is a stable word (`no-end-mark`, `bad-event`, …), *detail* a sentence for people, in which control
    characters are escaped.
    """

    code: str
    detail: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", escape(self.detail))

    def __str__(self) -> str:
        return f"{self.detail} [{self.code}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    A whole answer.

    Attributes:
        text: all of it, exactly as the site sent it.
        finish: why the model stopped (``stop``, ``length``, ``content_filter``), or None where the site doesn't say.
        warnings: what is odd about the answer and can't be proven to be an error.
        bot: the id of the bot that was asked.
        generation: the protocol by which it was asked.
        message_id: the site's own id of the answer, if it has one.
        citations: sources as the site sent them (AIPKit from 2.3.93 on).
    """

    text: str
    finish: str | None
    warnings: tuple[ReplyWarning, ...] = ()
    bot: str | None = None
    generation: Generation | None = None
    message_id: str | None = None
    citations: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """
    A chat bot, as the page describes it.

    Attributes:
        id: by which the site knows it; what `ChatClient.ask` takes as *bot*, besides the name.
        name: what visitors read.
        provider: the company whose model answers; the model itself is never on the page.
        generation: the protocol that it speaks.
        kind: how it stands on the page.
        streaming: what the page announces; the server decides for itself.
    """

    id: str
    name: str = ""
    provider: str = ""
    generation: Generation = "wpaicg"
    kind: Literal["shortcode", "widget", "inline", "popup"] = "shortcode"
    streaming: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """
    Time limits in seconds; None is no limit.

    *connect* is for making a connection, *idle* for the longest silence between two reads, *total* for a whole call.

    Raises:
        ValueError: one is not above 0, or has no end.
    """

    connect: float | None = 30.0
    idle: float | None = 120.0
    total: float | None = None

    def __post_init__(self) -> None:
        for name in ("connect", "idle", "total"):
            seconds = getattr(self, name)
            if seconds is not None and not (_above_0(seconds) and seconds < inf):
                raise ValueError(f"{name}: a time limit is a number of seconds above 0, or None; not {seconds!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    Size limits in bytes, counted after decompression: of a *page*, of one *event* of a stream, of a whole *reply*.

    Raises:
        ValueError: one is not above 0.
    """

    page: int = 8 * 1024 * 1024
    event: int = 8 * 1024 * 1024
    reply: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        for name in ("page", "event", "reply"):
            size = getattr(self, name)
            if not _above_0(size):
                raise ValueError(f"{name}: a size limit is a number of bytes above 0, not {size!r}")


def _above_0(value: object) -> bool:
    return isinstance(value, int | float) and value > 0
