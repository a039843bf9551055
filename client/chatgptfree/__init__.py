"""
The reference client of chatgptfree.ai-like sites: every failure is an error, every doubt a warning.

`ChatClient` asks and streams with asyncio; `chatgptfree.blocking.ChatClient` does the same without ``async``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from chatgptfree.errors import (
    ChallengeError,
    ChatConnectionError,
    ChatError,
    ChatTimeoutError,
    InterruptedStreamError,
    NonceError,
    NoNonceFound,
    NoPostIdFound,
    PageError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    TooLargeError,
    UnknownModelError,
    UpstreamError,
)
from chatgptfree.messages import Bot, Delta, Limits, Message, Reply, ReplyWarning, Timeout

if TYPE_CHECKING:
    from chatgptfree.aio import ChatClient
    from chatgptfree.core.protocol.event_stream import ServerSentEvent, decode_events

    __version__: str

__all__ = [
    "Bot",
    "ChallengeError",
    "ChatClient",
    "ChatConnectionError",
    "ChatError",
    "ChatTimeoutError",
    "Delta",
    "InterruptedStreamError",
    "Limits",
    "Message",
    "NoNonceFound",
    "NoPostIdFound",
    "NonceError",
    "PageError",
    "ProtocolError",
    "RateLimitedError",
    "RefusedError",
    "Reply",
    "ReplyWarning",
    "ServerSentEvent",
    "Timeout",
    "TooLargeError",
    "UnknownModelError",
    "UpstreamError",
    "decode_events",
]


_LAZY: Final = {
    "ChatClient": "chatgptfree.aio",
    "ServerSentEvent": "chatgptfree.core.protocol.event_stream",
    "decode_events": "chatgptfree.core.protocol.event_stream",
}


if not TYPE_CHECKING:  # a type checker that saw it would accept every misspelt name

    def __getattr__(name: str) -> Any:
        """Import aiohttp and read the package's metadata only when a name that needs them is used."""
        if name == "__version__":
            from importlib.metadata import version

            return version("chatgptfree")
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
