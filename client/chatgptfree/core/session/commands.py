"""
The commands of the state machine of a call, and the events that answer them.

Each command is answered by one event.  The owner of the connection carries commands out and does not depend on chats;
the state machine does not depend on connections.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Reply


class Refresh(Struct, frozen=True, kw_only=True):
    """
    Refresh the session state unless another call has done so since version *seen*.

    Answered by `Refreshed` or `Failed`.
    """

    seen: int
    refused: str | None = None
    """The nonce that the site refused; None for another reason."""
    bot: str | None = None


class Fetch(Struct, frozen=True, kw_only=True):
    """Send *request* and read the whole body, *limit* bytes at most; answered by `Received`, `Dropped` or `Failed`."""

    request: Request
    limit: int


class Open(Struct, frozen=True, kw_only=True):
    """Send *request* and leave the body for `Read`; answered by `Opened`, `Dropped` or `Failed`."""

    request: Request


class Read(Struct, frozen=True, kw_only=True):
    """Read the next chunk of the opened body; answered by `Data`, `Ended`, `Broken` or `Failed`."""

    patience: float | None = None
    """Seconds from the first read with a patience, after which the body counts as `Ended`; None for no limit."""


class Deliver(Struct, frozen=True):
    """Deliver the next text of the answer to the user; answered by `Delivered`."""

    delta: Delta


class Done(Struct, frozen=True):
    """The answer is whole; nothing follows."""

    reply: Reply


class Fail(Struct, frozen=True):
    """The call failed; nothing follows."""

    error: ChatError


Command: TypeAlias = Refresh | Fetch | Open | Read | Deliver | Done | Fail


class Refreshed(Struct, frozen=True):
    """The session state has a newer version."""


class Received(Struct, frozen=True, kw_only=True):
    """A whole response."""

    head: ResponseHead
    body: bytes


class Opened(Struct, frozen=True):
    """The head of a response, its body still to be read."""

    head: ResponseHead


class Data(Struct, frozen=True):
    """A chunk of the opened body, decompressed."""

    data: bytes


class Ended(Struct, frozen=True):
    """The opened body ended as its framing announced."""


class Broken(Struct, frozen=True):
    """The opened body broke off."""

    cause: str


class Dropped(Struct, frozen=True):
    """The connection was closed before the first byte of a response: the request may be sent once more."""

    error: ChatError


class Failed(Struct, frozen=True):
    """The command could not be carried out."""

    error: ChatError


class Delivered(Struct, frozen=True):
    """The user asks for the next text."""


Event: TypeAlias = Refreshed | Received | Opened | Data | Ended | Broken | Dropped | Failed | Delivered
