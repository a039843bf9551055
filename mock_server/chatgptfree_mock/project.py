"""The settings that a user's project keeps in its pyproject.toml, in `[tool.chatgptfree_mock]`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean

_ELSEWHERE = frozenset({"redact"})
"""Tables of other parts of the mock."""


def project_settings(folder: Path, known: Collection[str]) -> dict[str, str]:
    """
    Return the table of the project at *folder*; a list becomes one line an item, no file an empty table.

    Raises:
        SettingsError: the file is no TOML, or a key is not *known*; the message names the nearest that is.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("chatgptfree_mock", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file}: not TOML: {exc}") from exc
    for key in table:
        if key not in known and key not in _ELSEWHERE:
            hint = did_you_mean(key, known) or f" (there are: {', '.join(known)})"
            raise SettingsError(f"{file}: unknown key `{key}` in [tool.chatgptfree_mock]{hint}")
    return {
        key: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in table.items()
        if key in known
    }
