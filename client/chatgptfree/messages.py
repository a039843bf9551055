"""
The values of the public API: messages, deltas, replies, bots, limits.

All are frozen; nothing here does any I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, Literal

import msgspec

from chatgptfree.control_characters import escape

Generation = Literal["wpaicg", "aipkit-json", "aipkit"]
"""The protocol of a chat: plugin 1.x; AIPKit 2.3 to 2.4.0 with one buffered JSON answer; AIPKit's two calls."""

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One turn of a conversation.

    Attributes:
        role: ``system``, ``user`` or ``assistant``.
        content: the text.
    """

    role: Role
    content: str


class Delta(msgspec.Struct, frozen=True, gc=False):
    """
    The next part of an answer as it arrives.

    Attributes:
        text: exactly as the site sent it, whole characters only.
    """

    # A struct, because one is made for each event, four times as fast as a frozen dataclass.
    text: str


WarningCode = Literal[
    "after-end",
    "bad-characters",
    "bad-event",
    "copy",
    "copy-differs",
    "cut-short",
    "doubled",
    "empty-event",
    "junk",
    "lone-surrogate",
    "more-choices",
    "no-end-mark",
    "no-model-end",
    "note",
    "odd-event",
    "odd-shape",
    "other-site",
    "refusal",
    "suspect-error",
    "tool-call",
    "unfamiliar-event",
    "unfamiliar-page",
    "unfinished-event",
    "unknown-finish",
    "whole-after-text",
]
WARNINGS: Final[Mapping[WarningCode, str]] = {
    "after-end": "text came after the end mark; it is left out",
    "bad-characters": "bytes that are not UTF-8 became U+FFFD",
    "bad-event": "an event could not be read",
    "copy": "the site sent the whole answer a second time; it is used once",
    "copy-differs": "a copy of the answer differs from it",
    "cut-short": "the model stopped before the end of its answer",
    "doubled": "the second half of the answer is the same as the first",
    "empty-event": "an event came without any data",
    "junk": "there was other content around or between the events",
    "lone-surrogate": "halves of characters became U+FFFD",
    "more-choices": "the site sent more than one answer; only the first one is used",
    "no-end-mark": "the stream ended after the model's finish but without its end mark",
    "no-model-end": "the site ended its answer, but nothing shows that the model did",
    "note": "the site itself sent a warning",
    "odd-event": "an event of an unknown name or shape came",
    "odd-shape": "the answer came in an unknown shape",
    "other-site": "the answer came from another site, to which credentials were not sent",
    "refusal": "the model refused to answer, in its own words",
    "suspect-error": "the answer looks like an error that the plugin sends as an answer",
    "tool-call": "the model stopped to wait for the result of a tool",
    "unfamiliar-event": "events came whose names no known release sends",
    "unfamiliar-page": "the page has another form than the client expects; what it needs was found by structure",
    "unfinished-event": "the last event was cut off",
    "unknown-finish": "the model stopped for a reason that no known API sends",
    "whole-after-text": "an object that claims to be the whole answer followed other text",
}
"""Every code of a `ReplyWarning`, and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWarning:
    """
    Something odd about an answer that can't be proven to be an error.

    Attributes:
        code: a stable word for programs, one of `WARNINGS` (``no-end-mark``, ``bad-event``, …).
        detail: a sentence for people, with control characters escaped.
        raw_detail: the same sentence with control characters as the site sent them, for programs and logs.
    """

    code: WarningCode
    detail: str
    raw_detail: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "raw_detail", self.detail)
        object.__setattr__(self, "detail", escape(self.detail))

    def __str__(self) -> str:
        return f"{self.detail} [{self.code}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    A whole answer.

    Attributes:
        text: all of it, exactly as the site sent it.
        finish: why the model stopped (``stop``, ``length``, ``content_filter``), in the word of the model's API; None
            if the site does not pass it on.
        warnings: what is odd about the answer and can't be proven to be an error; none by default.
        bot: the id of the bot that answered; None (default) if the page names none.
        generation: the protocol that was used; None by default.
        message_id: the site's own id of the answer; None (default) if it has none.
        citations: the sources as the site sent them (AIPKit 2.3.93 and later); none by default.
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
        id: the site's id of it; pass this or the name to `ChatClient.ask` as *bot*.
        name: the name shown to visitors; empty (default) if the page has none.
        provider: the company whose model answers; empty (default) if the page does not name it.  The model itself is
            never on the page.
        generation: the protocol of this chat; default `wpaicg`, plugin 1.x.
        kind: how the page shows it; default `shortcode`, a part of the page.
        streaming: whether the page announces a stream, None (default) if it announces neither; the server decides.
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
    Time limits in seconds; None for no limit.

    Attributes:
        connect: for opening a connection; default 30.
        idle: the longest silence between two reads; default 120.
        total: for a whole call; default None.

    Raises:
        ValueError: one of them is not above 0, or not finite.
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
    Size limits in bytes, counted after decompression; each is 8 MiB by default.

    Attributes:
        page: of the page with the chat.
        event: of one event of a stream.
        reply: of a whole answer.

    Raises:
        ValueError: one of them is not above 0.
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
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
