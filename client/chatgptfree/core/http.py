"""
Requests and response heads as plain values, and forms encoded to bytes.

Forms are encoded here and not by the HTTP library, so that a request can be compared, recorded and replayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlencode, urlsplit

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
            waiting = _moment(asked) - _moment(self.get("date"))
        except (TypeError, ValueError, OverflowError):
            return None
        return max(0.0, waiting.total_seconds())


def _moment(date: str) -> datetime:
    moment = parsedate_to_datetime(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # the oldest of HTTP's three ways names no zone


def is_web_address(address: str) -> bool:
    """Say whether *address* is a whole one, that http or https may be spoken to."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def form(fields: Iterable[tuple[str, str]]) -> bytes:
    """Encode *fields* as ``application/x-www-form-urlencoded``, in their order; lone surrogates become `?`."""
    return urlencode(list(fields), errors="replace").encode("ascii")
