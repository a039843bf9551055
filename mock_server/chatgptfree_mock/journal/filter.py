"""A selection of the exchanges of a journal."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

import msgspec

from chatgptfree_mock.journal.exchange import Exchange


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that an exchange must meet; None, the default of all but *after*: no condition."""

    site: str | None = None
    """The name of its site."""
    method: str | None = None
    """The request's method, in capitals."""
    path: str | None = None
    """A glob for the path, such as `/chat/*`."""
    action: str | None = None
    """The value of the field `action` of query or form."""
    status: int | None = None
    """The response's status."""
    end: str | None = None
    """How the answer ended, a word of `tape.model.End`, or `open`."""
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
