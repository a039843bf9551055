"""A site pack with a user's own releases and templates, from a command's options or else from the project."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from chatgptfree_mock.config.project_folder import OWN_RELEASES, project_folder
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import SettingsError

_ENDINGS: Final = (".yaml", ".yml", ".toml")


def with_own_files(pack: str, table: Mapping[str, str]) -> str:
    """
    Return a reference to the pack *pack* with the releases and templates of a project's *table*.

    If the table has no `releases`, the files in `releases/` next to the project's pyproject.toml are used whose names
    begin with a digit, provided that the pack has releases.

    Raises:
        PackError: there is no such pack.
    """
    if registry.base_name(pack) != pack:
        return pack  # a reference has its files already
    return registry.reference(
        pack,
        releases=_paths(table, "releases") or _beside(pack),
        templates=_paths(table, "templates"),
        strict_release=table.get("strict_release", "").lower() == "true",
    )


def table_with(
    table: Mapping[str, str], *, releases: Sequence[Path] = (), templates: Sequence[Path] = (), strict: bool = False
) -> dict[str, str]:
    """
    Return a project's *table* with the options of a command in place of its own.

    Raises:
        SettingsError: a path of an option does not exist; the message names it as it was typed.
    """
    if missing := next((path for path in releases if not path.exists()), None):
        raise SettingsError(f"{missing}: no such file or folder of releases")
    if missing := next((folder for folder in templates if not folder.is_dir()), None):
        raise SettingsError(f"{missing}: no such folder of templates")
    named = {"releases": _lines(releases), "templates": _lines(templates), "strict_release": "true" if strict else ""}
    return {**table, **{key: value for key, value in named.items() if value}}


def _lines(paths: Sequence[Path]) -> str:
    return "\n".join(map(str, paths))


def _paths(table: Mapping[str, str], key: str) -> tuple[Path, ...]:
    return tuple(Path(line) for line in table.get(key, "").splitlines() if line)


def _beside(pack: str) -> tuple[Path, ...]:
    files = releases_beside_project()
    return () if not files or registry.load(pack).release_key is None else files


def releases_beside_project() -> tuple[Path, ...]:
    """Return the files of releases in `releases/` next to the project's pyproject.toml, which need no option."""
    folder = os.path.join(project_folder(), OWN_RELEASES)
    files = sorted(Path(folder).iterdir()) if os.path.isdir(folder) else []  # a text: each `MockSite` looks
    return tuple(file for file in files if file.suffix.lower() in _ENDINGS and file.name[:1].isdigit())
