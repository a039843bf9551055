"""Times as recordings have them."""

from __future__ import annotations

from datetime import UTC, datetime


def time_of(stamp: object) -> datetime | None:
    """Return the time that an ISO 8601 *stamp* means, in UTC if it names no zone; None if it is not one."""
    try:
        when = datetime.fromisoformat(str(stamp))
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
