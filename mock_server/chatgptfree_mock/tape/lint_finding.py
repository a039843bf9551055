"""One thing that is wrong with a recording."""

from __future__ import annotations

from typing import Any

import msgspec


class LintFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong."""

    file: str = ""
    """The name of the recording's file, empty until it is known."""
    place: str
    check: str
    """
    Which check found it: broken, chunks, headers, coding, body, secrets, duplicate, unreachable, age, origin, stream,
    keys, tokens, left-out (a file in a folder that is not a cassette).
    """
    problem: str
    repair: str = ""
    serious: bool = True
    """False: a warning, which counts only with `--strict`."""
    fixable: bool = False
    reasons: tuple[str, ...] = ()
    """Why each secret counts as one, with its beginning and its length but never the whole value."""

    def __str__(self) -> str:
        """Return the finding in one line."""
        level = "error" if self.serious else "warning"
        repair = f" ({self.repair})" if self.repair else ""
        return f"{self.file}: {level}: {self.problem} - at `{self.place}`{repair} [{self.check}]"

    def as_data(self) -> dict[str, Any]:
        """Return the finding as plain data, for JSON."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data
