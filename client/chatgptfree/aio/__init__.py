"""The asyncio client: the only place that imports aiohttp."""

from __future__ import annotations

from chatgptfree.aio.client import DEFAULT_URL, ChatClient, Conversation
from chatgptfree.aio.stream import ReplyStream

__all__ = ["DEFAULT_URL", "ChatClient", "Conversation", "ReplyStream"]
