"""The facts of a run for its report."""

from __future__ import annotations

import platform
from datetime import datetime

from msgspec import Struct


class RunFacts(Struct, frozen=True, kw_only=True):
    """The facts of a run in its report: its *command*, empty if unknown, and *when* it was made."""

    command: str
    when: datetime

    def rows(self) -> list[tuple[str, str]]:
        """Return names and texts, with the versions of this package and of Python."""
        from importlib.metadata import version  # slow to import, and few runs write a report

        system = f"chatgptfree {version('chatgptfree')}, Python {platform.python_version()}, {platform.system()}"
        rows = [("Command", self.command), ("Date", self.when.strftime("%Y-%m-%d %H:%M UTC")), ("Versions", system)]
        return [(name, text) for name, text in rows if text]
