"""
What comes out of an answer while its bytes go in.

The types that readers of all generations share.  Errors are values here and not raised, so that
text which came in the same read before an error is never lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, ReplyWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The answer is whole, as far as that can be proven."""

    finish: str | None = None
    """Why the model stopped, in the site's own word, or None where it doesn't say."""
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


class AnswerReader(Protocol):
    """Takes the body of one answer in, cut anywhere; after an `End` or an error nothing more comes out."""

    @property
    def complete(self) -> bool:
        """
        Return whether the site's end mark is in.

        All text is out then, and `finish` and `broken` both give the end.  What may still follow is only
        looked through for an error (releases 1.8.79 to 1.8.84 put a JSON object after the mark), so that
        whoever owns the connection should wait for its end a moment and no longer.
        """
        ...

    @property
    def text(self) -> str:
        """Return all text given out so far."""
        ...

    def feed(self, data: bytes) -> list[Outcome]:
        """Take in the next piece of the decompressed body and return what it completes."""
        ...

    def finish(self) -> list[Outcome]:
        """Say that the body ended cleanly; the last outcome is an `End` or an error unless one was given already."""
        ...

    def broken(self, cause: str) -> list[Outcome]:
        """Say that the connection broke off because of *cause*; ends with what is proven, else as interrupted."""
        ...
