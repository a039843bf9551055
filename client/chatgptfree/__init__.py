"""
The reference client of chatgptfree.ai-like sites: nothing is lost in silence.

`ChatClient` asks and streams; `chatgptfree.blocking.ChatClient` does the same without ``async``.
"""

from __future__ import annotations

from chatgptfree.core.sse import ServerSentEvent, decode_events
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
from chatgptfree.messages import Bot, Delta, Limits, Message, Reply, Timeout

__all__ = [
    "Bot",
    "ChallengeError",
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
    "ServerSentEvent",
    "Timeout",
    "TooLargeError",
    "UnknownModelError",
    "UpstreamError",
    "decode_events",
]
