"""Read releases from files and folders, and derive each one after its base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases.file import TOML, YAML, ReleaseFile, load_file, release_name
from chatgptfree_mock.sites.aipower.releases.numbers import is_number, order
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease, derive
from chatgptfree_mock.suggestion import nearest


class Derivation:
    """
    Derives the releases in files, each one after its base.

    An unknown base is replaced by the nearest older release, which the derived release has a notice of; if *strict*, it
    is an error.
    """

    def __init__(
        self, files: Mapping[tuple[int, ...], Path], known: Mapping[tuple[int, ...], PluginRelease], *, strict: bool
    ) -> None:
        self._files, self._known, self._strict = files, known, strict
        self._made: dict[tuple[int, ...], PluginRelease] = {}
        self._under_way: list[tuple[int, ...]] = []

    def all(self) -> dict[tuple[int, ...], PluginRelease]:
        """Return the releases by their order."""
        for key in self._files:
            self._release(key)
        return self._made

    def _release(self, key: tuple[int, ...]) -> PluginRelease:
        if key in self._made:
            return self._made[key]
        path = self._files[key]
        if key in self._under_way:
            names = " → ".join(self._files[each].name for each in [*self._under_way, key])
            raise SettingsError(f"{path}: releases that are based on each other in a circle: {names} - at `$.base`")
        self._under_way.append(key)
        file = load_file(path)
        base = self._base(path, file, key)
        self._under_way.pop()
        try:
            made = derive(path.stem, file, base)
        except SettingsError as exc:
            raise SettingsError(f"{path}: {exc}") from exc
        self._made[key] = replace(made, notice=_notice(path.stem, file, base))
        return self._made[key]

    def _base(self, path: Path, file: ReleaseFile, key: tuple[int, ...]) -> PluginRelease | None:
        if file.base is None:
            return None
        wanted = order(file.base)
        if wanted in self._files and wanted != key:
            return self._release(wanted)
        if wanted in self._known:
            return self._known[wanted]
        if not is_number(file.base):
            names = [release.name for release in self._known.values()]
            near = nearest(file.base, names) or names[-1]
            raise SettingsError(f"{path}: unknown release `{file.base}` - at `$.base`; the nearest is {near}")
        others = {*self._known, *self._files} - set(self._under_way)
        older = max((each for each in others if each < wanted), default=min(others))
        if self._strict:
            near = self._files[older].stem if older in self._files else self._known[older].name
            raise SettingsError(f"{path}: unknown release `{file.base}` - at `$.base`; the nearest is {near}")
        return self._release(older) if older in self._files else self._known[older]


def _notice(name: str, file: ReleaseFile, base: PluginRelease | None) -> str:
    """Return a notice if the base in *file* is unknown, else the notice of the base itself; empty if there is none."""
    if base is None or file.base is None:
        return ""
    if order(base.name) == order(file.base):
        return base.notice
    return f"{name} is based on {file.base}, which is not known; {base.name} takes its place"


def gather(paths: Iterable[Path]) -> dict[tuple[int, ...], Path]:
    """Return the files at *paths*, and in the folders among them, by the order of their releases."""
    found: dict[tuple[int, ...], Path] = {}
    for path in paths:
        if not path.exists():
            raise SettingsError(f"{path}: no such file or folder of releases")
        for file in _files_in(path) if path.is_dir() else [path]:
            other = found.setdefault(order(release_name(file)), file)
            if other != file:
                raise SettingsError(f"{file}: the same release as {other}; keep one of them")
    return found


def _files_in(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (*YAML, *TOML))
    if not files:
        raise SettingsError(f"{folder}: no release is in there, which would be a file such as 2.5.0.yaml")
    return files
