"""
Requests and response heads as plain values, and forms encoded to bytes.

Forms are encoded here and not by the HTTP library, so that a request can be compared, recorded and replayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlencode

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, ready to be sent."""

    method: Literal["GET", "POST"]
    url: str
    headers: Headers = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseHead:
    """Status and headers of a response; *url* is where redirects ended."""

    status: int
    url: str
    headers: Headers = ()

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that `Retry-After` asks for; a date counts from the response's own `Date`."""
        asked = self.get("retry-after").strip()
        if asked.isascii() and asked.isdecimal() and len(asked) < 10:
            return float(asked)
        try:
            waiting = parsedate_to_datetime(asked) - parsedate_to_datetime(self.get("date"))
        except (TypeError, ValueError, OverflowError):
            return None
        return max(0.0, waiting.total_seconds())


def form(fields: Iterable[tuple[str, str]]) -> bytes:
    """Encode *fields* as ``application/x-www-form-urlencoded``, in their order; lone surrogates become `?`."""
    return urlencode(list(fields), errors="replace").encode("ascii")
