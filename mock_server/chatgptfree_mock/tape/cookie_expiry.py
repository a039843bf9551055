"""
Cookies with a date of expiry, which is over when a recording is replayed.

`Expires` is a date (RFC 6265, section 5.2.1), so that clients would drop a cookie of yesterday's recording at once;
`Max-Age` (section 5.2.2) is the same time, counted from the response.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Response, header_of

_NEVER_SET: Final = 2001
"""The year before which a date of expiry only serves to remove a cookie."""


def with_lasting_cookies(response: Response) -> Response:
    """
    Return *response* with `Max-Age` in place of each `Expires` in its cookies.

    Without a `Date` of the response the time is not known, and the cookie lasts as long as the session.  A cookie that
    the response removes stays as it is, and so does one that has a `Max-Age`, or a date that cannot be read.
    """
    date = header_of(response.headers, "date")
    headers = tuple(
        (name, _lasting(value, date) if name.lower() == "set-cookie" else value) for name, value in response.headers
    )
    return response if headers == response.headers else replace(response, headers=headers)


def _lasting(cookie: str, date: str) -> str:
    pair, *attributes = cookie.split(";")
    names = [attribute.partition("=")[0].strip().lower() for attribute in attributes]
    if "expires" not in names or "max-age" in names:
        return cookie
    last = len(names) - 1 - names[::-1].index("expires")  # of several the last counts
    seconds = _seconds(attributes[last].partition("=")[2].strip(), date, is_empty=not pair.partition("=")[2].strip())
    if seconds is None:
        return cookie
    kept = [attribute for attribute, name in zip(attributes, names, strict=True) if name != "expires"]
    return ";".join([pair, *kept, *([f" Max-Age={seconds}"] if seconds else [])])


def _seconds(expires: str, date: str, *, is_empty: bool) -> int | None:
    """Return for how many seconds a cookie lasts, 0: as long as the session; None: its date is left as it is."""
    try:
        end = parsedate_to_datetime(expires)
        seconds = int((end - parsedate_to_datetime(date)).total_seconds()) if date else 0
    except (ValueError, TypeError):  # no date, or one of them without a zone
        return None
    removes = seconds <= 0 if date else is_empty or end.year < _NEVER_SET
    return None if removes else seconds
