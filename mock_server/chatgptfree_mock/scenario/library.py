"""
The scenarios on disk: `<layer>/<name>.yaml` below one or more folders, found by glob.

A file is read when it is asked for, not before; a later folder's scenario replaces an earlier one of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from msgspec.structs import replace

from chatgptfree_mock.contract.settings import settings_data
from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.scenario.model import LAYERS, Scenario, scenario_from
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.tape.files import cassette_folder, read_bytes
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, TooDeepError, check_keys, compose, mapping, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioEntry:
    """A scenario of the library by its name, `layer/name`."""

    name: str
    file: Path
    scenario: Scenario

    @property
    def layer(self) -> str:
        """Return the first part of the name."""
        return self.name.partition("/")[0]


class Library:
    """
    The scenarios below *folders*.

    Raises:
        SettingsError: a folder does not exist.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files: dict[str, Path] = {}
        self._entries: dict[str, ScenarioEntry] = {}
        for folder in folders:
            if not folder.is_dir():
                raise SettingsError(f"{folder}: no such folder of scenarios")
            for file in sorted(folder.glob("*/*.yaml")):
                self._files[f"{file.parent.name}/{file.stem}"] = file

    @property
    def names(self) -> list[str]:
        """Return all names, in the order of the layers, then by name."""
        return sorted(self._files, key=_place)

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
            raise SettingsError(f"no scenario `{name}`{did_you_mean(name, self._files, likeness=0.4)}")
        file = self._files[name]
        entry = ScenarioEntry(name=name, file=file, scenario=read(file))
        self._entries[name] = entry
        return entry

    def matching(self, glob: str) -> list[str]:
        """
        Return the names that *glob* means, such as `nonce/*`; a bare layer means all of it.

        Raises:
            SettingsError: it means none.
        """
        pattern = f"{glob}/*" if glob in LAYERS else glob
        found = [name for name in self.names if fnmatchcase(name, pattern)]
        if not found:
            hint = did_you_mean(glob, [*LAYERS, *self._files], likeness=0.4)
            raise SettingsError(f"no scenario matches `{glob}`{hint}")
        return found


def shipped(folders: Sequence[Path] = ()) -> Library:
    """
    Return the scenarios that ship with the project, and those in *folders*.

    Raises:
        SettingsError: a folder does not exist.
    """
    return Library([cassette_folder() / "scenarios", *folders])


def read(file: Path) -> Scenario:
    """
    Read one scenario.

    Raises:
        SettingsError: the file can't be read, is no YAML, or is no scenario; the message names file and place.
    """
    try:
        data = read_bytes(file)
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    try:
        return _located(_parsed(data, file), file.parent)
    except SettingsError as exc:
        exc.quotes_file = str(file)
        raise


def _parsed(text: bytes, file: Path) -> Scenario:
    try:
        node = compose(text)
        if not isinstance(node, yaml.MappingNode):
            raise SettingsError(f"{file}: a scenario is a mapping with `title` and `expect`")
        check_keys(node)
        data = plain(node)
        site = mapping(node, "a scenario").get("site")
        if isinstance(site, yaml.MappingNode):
            data["site"] = settings_data(site, ("plugin", "wordpress"))
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        problem = " ".join(str(exc).split()).replace('in "<byte string>", ', "at ")
        raise SettingsError(f"{file}: no YAML: {problem}") from exc
    except (NodeTypeError, TooDeepError) as exc:
        raise SettingsError(f"{file}: {exc}") from exc
    return scenario_from(data, file=str(file))


def _located(scenario: Scenario, folder: Path) -> Scenario:
    """Make the path of a recording that lies beside the scenario a whole one."""
    model = scenario.site.model
    try:
        beside = model.cassette is not None and (folder / model.cassette).is_file()
    except OSError:  # such as a name that is too long
        beside = False
    if model.cassette is None or not beside:
        return scenario
    model = replace(model, cassette=str((folder / model.cassette).resolve()))
    return replace(scenario, site=replace(scenario.site, model=model))


def _place(name: str) -> tuple[int, str]:
    layer = name.partition("/")[0]
    return (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), name)
