"""
The scenarios on disk: `<layer>/<name>.yaml`, or `.yml`, below one or more folders, found by glob.

A file is read when its scenario is requested; the scenario of a later folder replaces an earlier one of the same name.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import msgspec
import yaml
from msgspec.structs import replace

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.settings import settings_data
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.scenario.model import LAYERS, Scenario, scenario_from
from chatgptfree_mock.suggestion import did_you_mean, there_are
from chatgptfree_mock.tape.whole_file import read_bytes
from chatgptfree_mock.tape.yaml.nodes import mapping, plain
from chatgptfree_mock.tape.yaml.user_file import yaml_document

_ENDINGS: Final = (".yaml", ".yml")


class ScenarioEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario of the library by its name, `layer/name`."""

    name: str
    file: Path
    scenario: Scenario

    def __repr__(self) -> str:
        return f"<ScenarioEntry {self.name}: {self.scenario.title}>"

    @property
    def layer(self) -> str:
        """Return the first part of the name."""
        return self.name.partition("/")[0]


class Library:
    """
    The scenarios below *folders*; *pack* is the pack of scenarios that name none.

    Raises:
        SettingsError: a folder does not exist or has no scenario, or one name has two files in it.
    """

    def __init__(self, folders: Sequence[Path], pack: str = DEFAULT_PACK) -> None:
        self._pack = pack
        self._files: dict[str, Path] = {}
        self._entries: dict[str, ScenarioEntry] = {}
        for folder in folders:
            self._files.update(_scenario_files(folder))

    def __repr__(self) -> str:
        return f"<Library of {len(self)} scenarios>"

    @property
    def names(self) -> list[str]:
        """Return all names, in the order of the layers, then by name."""
        return sorted(self._files, key=_place)

    @property
    def _layers(self) -> list[str]:
        return list(dict.fromkeys(name.partition("/")[0] for name in self.names))

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[ScenarioEntry]:
        return (self[name] for name in self.names)

    def __getitem__(self, name: str) -> ScenarioEntry:
        """
        Return the scenario *name*.

        Raises:
            SettingsError: there is none, or its file is wrong.
        """
        if name in self._entries:
            return self._entries[name]
        if name not in self._files:
            hint = did_you_mean(name, self._files, likeness=0.4) or " (`chatgptfree-mock scenarios` lists them)"
            raise SettingsError(f"no scenario `{name}`{hint}")
        file = self._files[name]
        entry = ScenarioEntry(name=name, file=file, scenario=read(file, self._pack))
        self._entries[name] = entry
        return entry

    def check(self, files: Collection[Path]) -> None:
        """
        Read the scenarios whose files are among *files*, to check them.

        Raises:
            SettingsError: one of them is wrong.
        """
        for name, file in self._files.items():
            if file in files:
                self[name]

    def matching(self, glob: str) -> list[str]:
        """
        Return the names that match *glob*, such as `nonce/*`; a layer alone matches all its scenarios.

        Raises:
            SettingsError: no name matches.
        """
        pattern = f"{glob}/*" if glob in self._layers else glob
        found = [name for name in self.names if fnmatchcase(name, pattern)]
        if not found:
            if Path(glob).suffix in _ENDINGS and Path(glob).is_file():
                file = Path(glob)
                if _is_cassette(file):
                    raise SettingsError(
                        f"`{glob}` is a recording, and this takes the name of a scenario; "
                        f"to use it: --cassette {shlex.quote(glob)}"
                    )
                name = f"{file.absolute().parent.name}/{file.stem}"
                raise SettingsError(
                    f"`{glob}` is a file, and this takes the name of a scenario; "
                    f"to use it: --scenarios {shlex.quote(os.path.normpath(file.parent / '..'))} --scenario {name}"
                )
            if not self._files:
                raise SettingsError(
                    f"the site pack {self._pack} has no scenarios; `--scenarios DIRECTORY` takes your own"
                )
            layers = [f"{layer}/*" for layer in self._layers] if glob.endswith("*") else self._layers
            hint = did_you_mean(glob, [*layers, *self._files], likeness=0.4) or there_are(layers)
            raise SettingsError(f"no scenario matches `{glob}`{hint}")
        return found


def shipped(folders: Sequence[Path] = (), pack: str = DEFAULT_PACK) -> Library:
    """
    Return the built-in scenarios of *pack*, and those in *folders*.

    Raises:
        SettingsError: a folder or the pack does not exist.
    """
    own = registry.load(pack).scenarios
    return Library([*([] if own is None else [own]), *folders], pack)


def read(file: Path, pack: str = DEFAULT_PACK) -> Scenario:
    """
    Read one scenario; *pack* is used if the scenario names none.

    Raises:
        SettingsError: the file can't be read, is not YAML, or is not a scenario; the message names file and place.
    """
    with yaml_document(file) as node:
        return _with_files_beside(_scenario(node, file, pack), file.parent)


def _scenario_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SettingsError(f"{folder}: no such folder of scenarios")
    files: dict[str, Path] = {}
    for file in sorted(folder.glob("*/*")):
        if file.suffix in _ENDINGS and not file.is_dir():
            other = files.setdefault(f"{file.parent.name}/{file.stem}", file)
            if other is not file:
                raise SettingsError(f"{other} and {file.name} are one scenario twice: rename one")
    if not files:
        raise SettingsError(f"{folder}: no scenario in this folder; one is a file such as text/my-own.yaml")
    return files


def _is_cassette(file: Path) -> bool:
    """Return whether *file* has the key of a cassette's exchanges, which no scenario has, without parsing it."""
    return re.search(rb"^(http_)?interactions:", read_bytes(file), re.MULTILINE) is not None


def _scenario(node: yaml.Node | None, file: Path, pack: str) -> Scenario:
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError(f"{file}: a scenario is a mapping with `title` and `expect`")
    data = plain(node)
    site = mapping(node, "a scenario").get("site")
    if isinstance(site, yaml.MappingNode):
        named = data.get("pack", pack)
        versions = registry.load(registry.pack_reference(named, pack)).version_keys if isinstance(named, str) else ()
        data["site"] = settings_data(site, versions)
    return scenario_from(data, pack=pack, file=str(file))


def _with_files_beside(scenario: Scenario, folder: Path) -> Scenario:
    """Make the path of each recording that is next to the scenario absolute."""

    def resolve(name: str) -> str:
        try:
            return str((folder / name).resolve()) if (folder / name).is_file() else name
        except OSError:  # such as a name that is too long
            return name

    return replace(scenario, site=scenario.spec.pack.with_files(scenario.site, resolve))


def _place(name: str) -> tuple[int, str]:
    layer = name.partition("/")[0]
    return (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), name)
