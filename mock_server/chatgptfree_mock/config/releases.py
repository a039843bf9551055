"""A site pack with a user's own releases and templates: those that are named, and those of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chatgptfree_mock.config.project import project_folder
from chatgptfree_mock.contract import registry

FOLDER: Final = "releases"
"""The folder beside a project's pyproject.toml that is looked into without being named."""
_ENDINGS: Final = (".yaml", ".yml", ".toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiles:
    """What a command names of a user's own: files and folders of *releases*, folders of *templates*."""

    releases: Sequence[Path] = ()
    templates: Sequence[Path] = ()
    strict_release: bool = False
    """A release that is not known is an error."""


def with_own_files(pack: str, table: Mapping[str, str], own: OwnFiles | None = None) -> str:
    """
    Return a reference to the pack *pack* with the releases and templates that *own* names, else those of the project.

    *table* is the project's; where it has no `releases`, the files in `releases/` beside its pyproject.toml count whose
    names begin with a digit, if the pack has releases at all.

    Raises:
        PackError: there is no such pack.
    """
    own = OwnFiles() if own is None else own
    found = tuple(own.releases) or _paths(table, "releases") or _beside(pack)
    return registry.reference(
        pack,
        releases=found,
        templates=tuple(own.templates) or _paths(table, "templates"),
        strict_release=own.strict_release or table.get("strict_release") == "true",
    )


def _paths(table: Mapping[str, str], key: str) -> tuple[Path, ...]:
    return tuple(Path(line) for line in table.get(key, "").splitlines() if line)


def _beside(pack: str) -> tuple[Path, ...]:
    folder = project_folder(Path.cwd()) / FOLDER
    if not folder.is_dir() or registry.load(pack).release_key is None:
        return ()
    files = sorted(folder.iterdir())
    return tuple(file for file in files if file.suffix.lower() in _ENDINGS and file.name[:1].isdigit())
