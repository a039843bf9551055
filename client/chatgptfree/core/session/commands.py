"""
The commands of the state machine of a call, and the events that answer them.

Each command is answered by one event.  The owner of the connection carries commands out and does not depend on chats;
the state machine does not depend on connections.
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
    Refresh the session state unless another call has done so since version *seen*.

    Answered by `Refreshed` or `Failed`.
    """

    seen: int
    refused: str | None = None
    """The nonce that the site refused; None for another reason."""
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
    """Read the next chunk of the opened body; answered by `Data`, `Ended`, `Broken` or `Failed`."""

    patience: float | None = None
    """Seconds from the first read with a patience, after which the body counts as `Ended`; None for no limit."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Deliver the next text of the answer to the user; answered by `Delivered`."""

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
    """The session state has a newer version."""


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
    """A chunk of the opened body, decompressed."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The opened body ended as its framing announced."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The opened body broke off."""

    cause: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection was closed before the first byte of a response: the request may be sent once more."""

    error: ChatError


@dataclass(frozen=True, slots=True)
class Failed:
    """The command could not be carried out."""

    error: ChatError


@dataclass(frozen=True, slots=True)
class Delivered:
    """The user asks for the next text."""


Event: TypeAlias = Refreshed | Received | Opened | Data | Ended | Broken | Dropped | Failed | Delivered
