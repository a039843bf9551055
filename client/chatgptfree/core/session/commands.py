"""
What the conversation machine asks for, and what it is told.

Commands go out, one at a time; each is answered by one event.  Whoever owns the connection carries
commands out and knows nothing of chats; the machine knows nothing of connections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """
    Bring the site's memory up to date unless somebody else has done so since version *seen*.

    Answered by `Refreshed` or `Failed`.
    """

    seen: int
    refused: str | None = None
    """The nonce that the site refused, if that is why."""
    bot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Send *request* and read the whole body, *limit* bytes at most; answered by `Received`, `Dropped` or `Failed`."""

    request: Request
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Send *request* and leave the body for `Read`; answered by `Opened`, `Dropped` or `Failed`."""

    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Read what there is of the opened body; answered by `Data`, `Ended`, `Broken` or `Failed`."""

    patience: float | None = None
    """After so many seconds, counted from the first read that has this, the body counts as `Ended`."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand a piece of the answer to the user; answered by `Delivered`."""

    delta: Delta


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole; nothing follows."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Fail:
    """The call failed; nothing follows."""

    error: ChatError


Command: TypeAlias = Refresh | Fetch | Open | Read | Deliver | Done | Fail


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The memory is newer than it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A whole response."""

    head: ResponseHead
    body: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """The head of a response, its body still to be read."""

    head: ResponseHead


@dataclass(frozen=True, slots=True)
class Data:
    """A piece of the opened body, decompressed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The opened body ended as HTTP says it should."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The opened body broke off."""

    cause: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection was closed before anything of a response came: the request may be sent once more."""

    error: ChatError


@dataclass(frozen=True, slots=True)
class Failed:
    """The command could not be carried out."""

    error: ChatError


@dataclass(frozen=True, slots=True)
class Delivered:
    """The user took the piece."""


Event: TypeAlias = Refreshed | Received | Opened | Data | Ended | Broken | Dropped | Failed | Delivered
