"""The settings that a user's project keeps in its pyproject.toml, in `[tool.chatgptfree_mock]`."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.tape.files import read_bytes
from chatgptfree_mock.tape.replay_options import ReplayOptions

SETTINGS: Final = {
    "plugin": "the plugin's release, where a test says none",
    "chunks": "how answers are cut, where a test says nothing",
    "pace": "how fast answers come, where a test says nothing: recorded, instant, x4 …",
    "scenarios": "folders of scenarios besides those that ship, one a line",
    "match_on": "what must fit for a recording to answer: method, path, query, body, json, field:NAME …",
    "volatile": "fields, patterns and JSON paths of requests that are not compared with recordings",
    "on_miss": "what happens to a request that no recording fits: refuse, nearest",
    "repeat": "whether a recording may be played more than once: true, false",
    "rewrite": "where the recorded site's own addresses are rewritten: pages, all, off",
}
"""The keys of the table, and what they mean."""
REPLAY: Final = ("match_on", "volatile", "on_miss", "repeat", "rewrite")
"""Those that are for recordings."""
_ELSEWHERE = frozenset({"redact"})
"""Tables of other parts of the mock."""


def project_folder(start: Path) -> Path:
    """Return the nearest folder at or above *start* that holds a pyproject.toml, *start* itself if none does."""
    folders = (start, *start.resolve().parents)
    return next((folder for folder in folders if (folder / "pyproject.toml").is_file()), start)


def project_settings(folder: Path) -> dict[str, str]:
    """
    Return the table of the project at *folder*; a list becomes one line an item, no file an empty table.

    Raises:
        SettingsError: the file is not TOML, or a key is not known; the message names the nearest that is.
    """
    known: Collection[str] = SETTINGS
    file = folder / "pyproject.toml"
    if not file.exists():
        return {}
    try:
        table = tomllib.loads(read_bytes(file).decode()).get("tool", {}).get("chatgptfree_mock", {})
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
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


def replay_of(table: Mapping[str, str]) -> ReplayOptions:
    """
    Return how recordings are played as a project's *table* has it, see `project_settings`.

    Raises:
        SettingsError: a word does not exist.
    """
    return ReplayOptions.parse({name: table[name] for name in REPLAY if name in table})
