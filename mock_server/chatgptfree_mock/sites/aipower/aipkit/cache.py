"""
The message cache: it hands the message of the cache call on to the stream.

A key can be used once, within a minute.  It is not bound to a visitor or a bot, and its case does not matter, since the
database ignores case.
"""

from __future__ import annotations

import string
from random import Random
from typing import Any, Final

import msgspec

from chatgptfree_mock.contract.store import Store

QUERY_FILE_FIELDS: Final = (
    "active_openai_vs_id",
    "active_pinecone_index_name",
    "active_pinecone_namespace",
    "active_qdrant_collection_name",
    "active_qdrant_file_upload_context_id",
    "active_chroma_collection_name",
    "active_chroma_file_upload_context_id",
    "active_claude_file_id",
)
"""Fields of the stream that name an uploaded file or its index; the cache call has one more."""
FILE_FIELDS: Final = ("active_file_context_token", *QUERY_FILE_FIELDS)
LIFE: Final = 60.0
FORGOTTEN: Final = 600.0
"""Seconds after which a message is deleted, so that its key is unknown; a real site deletes old rows at intervals."""
MOST: Final = 10_000
"""The number of messages kept; the oldest is dropped first.  A real database has no such limit."""
_LETTERS: Final = string.ascii_letters + string.digits


class CachedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the cache call stored it for the stream."""

    text: str
    images: tuple[dict[str, Any], ...] = ()
    client_id: str = ""
    """The id that the page gave the message; the log keeps it."""
    names_file: bool = False
    """A field of the cache call named an uploaded file or its index."""
    names_google_file: bool = False
    resumes_form: bool = False
    form_token: str = ""


class _CachedRow(msgspec.Struct, frozen=True, kw_only=True):
    since: float
    message: CachedMessage


class MessageCache:
    """
    The cached messages of one site.

    With a persistent object cache (*keeps*) a key can be used again within its minute.  With *to_the_second* a key
    expires when the clock reaches its 60th second, else after 60 full seconds.
    """

    def __init__(self, database: Store, random: Random, *, keeps: bool = False, to_the_second: bool = False) -> None:
        self._random = random
        self._keeps = keeps
        self._to_the_second = to_the_second
        self._kept = database.table("cached messages", _CachedRow, capacity=MOST)

    def put(self, message: CachedMessage, *, now: float) -> str:
        """Keep *message* and return its key."""
        while (oldest := self._kept.oldest()) is not None and now - oldest[1].since > FORGOTTEN:
            self._kept.pop(oldest[0])
        key = "aipkit_sse_" + "".join(self._random.choices(_LETTERS, k=32))
        self._kept.put((key.lower(),), _CachedRow(since=now, message=message))
        return key

    def take(self, key: str, *, now: float) -> tuple[CachedMessage | None, bool]:
        """Use *key* up, and return its message (None if unknown or expired) and whether *key* was known."""
        place = (key.lower(),)
        row = self._kept.get(place) if self._keeps else self._kept.pop(place)
        if row is None:
            return None, False
        if self._is_old(row.since, now):
            self._kept.pop(place)
            return None, True
        return row.message, True

    def _is_old(self, since: float, now: float) -> bool:
        return int(now) - int(since) >= LIFE if self._to_the_second else now - since > LIFE
