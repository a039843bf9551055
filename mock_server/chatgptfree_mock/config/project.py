"""The settings of a user's project: `[tool.chatgptfree_mock]` of its pyproject.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.config.keys import PATHS, REPLAY
from chatgptfree_mock.config.project_folder import project_folder
from chatgptfree_mock.config.project_table import REDACT, project_table
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import CassetteError, MockError, SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.tape.replay_options import ReplayOptions, words_of
from chatgptfree_mock.tape.whole_file import read_bytes


def project_settings(folder: Path | None = None) -> dict[str, str]:
    """
    Return the table of the project at *folder*, by default that around the working directory.

    A list becomes a text with one item per line, a folder of scenarios an absolute path; without a file the table is
    empty.

    Raises:
        SettingsError: the file cannot be read, or the table, a key or a value in it is wrong.
    """
    if folder is None:
        folder = project_folder()
    file = folder / "pyproject.toml"
    if not file.exists():
        return {}
    try:
        return dict(_settings_in(file, read_bytes(file)))
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc


@lru_cache(4)
def _settings_in(file: Path, contents: bytes) -> Mapping[str, str]:
    """Return the table in the *contents* of *file*, once: each `MockSite` needs it, and tomllib takes far longer."""
    settings = {
        key: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in project_table(file, contents).items()
        if key != REDACT
    }
    for key in PATHS & settings.keys():
        settings[key] = "\n".join(str(file.parent / line) for line in settings[key].splitlines() if line)
    try:
        _check(settings)
    except MockError as exc:
        raise SettingsError(f"{file}: {exc} - in [tool.chatgptfree_mock]") from exc
    return settings


def _check(settings: Mapping[str, str]) -> None:
    Delivery.parse(chunks=settings.get("chunks"), pace=settings.get("pace"))
    replay_of(settings)
    if settings.get("strict_release", "true").lower() not in ("true", "false"):
        raise SettingsError(f"`strict_release` is neither true nor false: `{settings['strict_release'][:40]}`")
    if "pack" in settings or "plugin" in settings:  # a pack is slow to import, and few projects need this
        pack = registry.load(settings.get("pack", DEFAULT_PACK))
        if "plugin" in settings:
            pack.releases.find(settings["plugin"])


def scenario_folders(table: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folders of scenarios in a project's *table*, see `project_settings`."""
    return tuple(Path(line) for line in table.get("scenarios", "").splitlines() if line)


def with_defaults(given: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the options *given* (None is left out), with those of a project's *table* as defaults.

    The words of `volatile` add up.
    """
    named = {name: value for name, value in given.items() if value is not None}
    merged: dict[str, Any] = {**table, **named}
    if "volatile" in named and "volatile" in table:
        merged["volatile"] = (*words_of(named["volatile"]), *words_of(table["volatile"]))
    return merged


def replay_of(table: Mapping[str, Any]) -> ReplayOptions:
    """
    Return the replay options in a project's *table*, see `project_settings`.

    Raises:
        SettingsError: a word does not exist.
    """
    return ReplayOptions.parse({name: table[name] for name in REPLAY if name in table})
