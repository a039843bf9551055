"""The options of `serve` that describe the site: the files that they name, and the server that is built from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders, with_defaults
from chatgptfree_mock.config.project_folder import project_folder
from chatgptfree_mock.config.releases import releases_beside_project, table_with
from chatgptfree_mock.config.settings_file import load_settings
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.files import Gathered, gather, source_files
from chatgptfree_mock.tape.replay_options import OPTIONS, ReplayOptions, refuse_without_recordings

_AS_GIVEN: Final = (
    "pack",
    "plugin",
    "site_file",
    "cassettes",
    "strict",
    "scenarios",
    "release_files",
    "templates",
    "strict_release",
    "files",
    "api_hosts",
)


class SiteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    The options of `serve` that make the site; what is left out is as the project's table has it.

    The files behind them are read again by each call of `recordings` and `config`.
    """

    pack: str | None
    plugin: str | None
    site_file: Path | None
    cassettes: tuple[str, ...]
    strict: bool
    replay: Mapping[str, Any]
    """How recordings are played, by the names of `ReplayOptions`; None and () are not given."""
    scenarios: tuple[Path, ...]
    delivery: tuple[str | None, str | None, tuple[str, ...], int]
    """Chunks, pace, faults and seed."""
    release_files: tuple[Path, ...]
    templates: tuple[Path, ...]
    strict_release: bool
    files: tuple[Path, ...]
    memory: int
    """The memory limit for journals and runs, in bytes."""
    api_token: str
    api_hosts: tuple[str, ...]

    @classmethod
    def taken_from(cls, given: Mapping[str, Any]) -> Self:
        """Take the options of the site from all that are *given* to the command, by the names of its parameters."""
        return cls(
            **{name: given[name] for name in _AS_GIVEN},
            replay={name: given[name] for name in OPTIONS},
            delivery=(given["chunks"], given["pace"], given["faults"], given["seed"]),
            memory=given["memory"] * 2**20,
            # All workers have the same token, so it is made here.
            api_token=Access.make(given["api_token"], given["api_hosts"]).token,
        )

    def recordings(self) -> Gathered:
        """
        Return the recordings that `--cassettes` names.

        Raises:
            CassetteError: there are none, or none that can be read.
            SettingsError: none are named, and *strict* would have no effect.
        """
        refuse_without_recordings({"--strict": self.strict}, recorded=bool(self.cassettes))
        return gather(self.cassettes or None)

    def config(self, recordings: Gathered) -> ServerConfig:
        """
        Return the server that the options make, with *recordings*.

        Raises:
            MockError: a file can't be read, or something that is named does not exist.
        """
        table = table_with(
            project_settings(), releases=self.release_files, templates=self.templates, strict=self.strict_release
        )
        arguments: dict[str, Any] = {"pack": self.pack, "plugin": self.plugin, "table": table}
        arguments["cassettes"] = recordings.cassettes
        spec = choose_site(**arguments) if self.site_file is None else load_settings(self.site_file, **arguments)
        for folder in self.files:
            if not folder.exists():
                raise SettingsError(f"{folder}: no such file or folder of recordings")
        chunks, pace, faults, seed = self.delivery
        return ServerConfig(
            pack=spec.pack,
            settings=spec.settings,
            delivery=Delivery.parse(chunks or table.get("chunks"), pace or table.get("pace"), faults, seed),
            cassettes=recordings.cassettes,
            replay=replay_options(self.replay, table, recorded=bool(self.cassettes or spec.files)),
            notes=recordings.notes,
            scenarios=(*scenario_folders(table), *self.scenarios),
            files=(*self.files, *map(Path, self.cassettes)),
            memory=self.memory,
            api_token=self.api_token,
            api_hosts=self.api_hosts,
        )

    def watched(self, config: ServerConfig) -> list[Path]:
        """Return the files, and folders of files, that *config* was made of; some may be gone since."""
        named = registry.own_files(config.pack.name)
        return [
            project_folder() / "pyproject.toml",
            *([] if self.site_file is None else [self.site_file]),
            *(file for name in (*self.cassettes, *config.spec.files) for file in _files_of(name)),
            *config.scenarios,
            *([file for file in named if not file.is_dir()] if named else releases_beside_project()),
        ]


def replay_options(given: Mapping[str, Any], table: Mapping[str, str], *, recorded: bool) -> ReplayOptions:
    """
    Return how recordings are played: as *given* on the command line, else as the project's *table* has it.

    Raises:
        SettingsError: something is *given*, and nothing is *recorded*; or a word does not exist.
    """
    refuse_without_recordings({_option(name, value): value for name, value in given.items()}, recorded=recorded)
    words = {name: ",".join(value) or None if isinstance(value, tuple) else value for name, value in given.items()}
    return replay_of(with_defaults(words, table))


def _option(name: str, value: object) -> str:
    """Return the option called *name* as the command line spells it."""
    return f"--{'no-' if value is False else ''}{name.replace('_', '-')}"


def _files_of(name: str) -> list[Path]:
    try:
        return source_files(name)
    except CassetteError:  # it is gone, or not there yet
        return [Path(name)]
