"""A selection of the exchanges of a journal."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from chatgptfree_mock.journal.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that an exchange must meet; None: no condition."""

    site: str | None = None
    method: str | None = None
    path: str | None = None
    """A glob for the path."""
    action: str | None = None
    status: int | None = None
    end: str | None = None
    after: int = 0
    """Exchanges with a number above this one; 0 (default): all."""

    def fits(self, exchange: Exchange) -> bool:
        """Return whether *exchange* meets all conditions."""
        return (
            exchange.number > self.after
            and self.site in (None, exchange.site)
            and self.method in (None, exchange.method)
            and self.status in (None, exchange.status)
            and self.end in (None, exchange.end)
            and (self.path is None or fnmatchcase(exchange.path, self.path))
            and (self.action is None or exchange.fields.get("action") == self.action)
        )


ALL: Final = Filter()
"""Every exchange."""
