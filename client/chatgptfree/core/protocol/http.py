"""
Requests and response heads as plain values, and forms encoded to bytes.

Forms are encoded here and not by the HTTP library, so that a request can be compared, recorded and replayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit

from msgspec import Struct

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

Headers = tuple[tuple[str, str], ...]


class Request(Struct, frozen=True, kw_only=True):
    """One HTTP request, ready to be sent."""

    method: Literal["GET", "POST"]
    url: str
    headers: Headers = ()
    body: bytes | None = None
    page: bool = False
    """Whether redirects to another site are followed; a message is never taken there."""


class ResponseHead(Struct, frozen=True, kw_only=True):
    """
    Status and headers of a response.

    Attributes:
        status: the HTTP status.
        url: the address where redirects ended.
        headers: names and values in the order in which they came.
        received: when the head came, in seconds since the epoch; None if no clock was read.
    """

    status: int
    url: str
    headers: Headers = ()
    received: float | None = None

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)

    @property
    def retry_after(self) -> float | None:
        """
        Return the seconds that `Retry-After` asks to wait (RFC 9110, section 10.2.3).

        Some servers send a fraction.  A date counts from the response's own `Date`, so that a clock that is wrong
        on either side does not matter, and without that from `received`; a past date is 0.  None if the header is
        missing, is neither, or is a date with nothing to compare it with.
        """
        asked = self.get("retry-after").strip()
        if _SECONDS.fullmatch(asked):
            return float(asked)
        until = moment_of(asked)
        since = moment_of(self.get("date"))
        if since is None:
            since = self.received
        return None if until is None or since is None else max(0.0, until - since)


def moment_of(date: str) -> float | None:
    """Return an HTTP date, in any of its three forms, in seconds since the epoch; None if it is not one."""
    try:
        moment = parsedate_to_datetime(date)
        # The asctime form names no zone (RFC 9110, section 5.6.7).
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def is_web_address(address: str) -> bool:
    """
    Return whether *address* is a whole one, that http or https may be spoken to.

    One with a control character, or with blanks around it or in its host, is not: what reads addresses drops or
    encodes them, each library in its own way, so that the request would go somewhere else or nowhere.
    """
    if _CONTROL.search(address) or address.strip() != address:
        return False
    try:
        parts = urlsplit(address)
        spoken = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return spoken and len(parts.netloc.split()) == 1


def check_texts(what: str, pairs: object) -> None:
    """
    Check that *pairs*, which are *what*, map names to values, all of them texts: a user may have given anything.

    Raises:
        TypeError: they do not.
    """
    if not isinstance(pairs, Mapping):
        raise TypeError(f"{what} maps names to values, such as {{'name': 'value'}}; not {pairs!r}")
    for name, value in pairs.items():
        if not isinstance(name, str):
            raise TypeError(f"{what}: the name {name!r} is not a text")
        if not isinstance(value, str):
            raise TypeError(f"{what}: the value of {name!r} is not a text: {value!r}")


def form(fields: Iterable[tuple[str, str]]) -> bytes:
    """Encode *fields* as ``application/x-www-form-urlencoded``, in their order; lone surrogates become `?`."""
    return urlencode(list(fields), errors="replace").encode("ascii")
