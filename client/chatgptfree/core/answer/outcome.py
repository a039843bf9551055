"""
The results of an answer reader: texts, and at last the end or an error.

Errors are returned and not raised, so that text from the same read as an error is never lost.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, ReplyWarning


class End(Struct, frozen=True, kw_only=True):
    """The answer is whole, as far as that can be proven."""

    finish: str | None = None
    """Why the model stopped, in the site's own word; None if the site gives none."""
    warnings: tuple[ReplyWarning, ...] = ()
    message_id: str | None = None
    response_id: str | None = None
    """AIPKit's `openai_response_id`, for the next turn."""
    interaction_id: str | None = None
    """AIPKit's `google_interaction_id`, for the next turn."""
    thread_id: str | None = None
    """The assistant's thread (1.8.95 and later), for the next turn."""
    citations: tuple[dict[str, Any], ...] = ()


Outcome: TypeAlias = Delta | End | ChatError
