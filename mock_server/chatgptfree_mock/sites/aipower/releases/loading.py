"""Read releases from files and folders, and derive each one after its base when it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease, derive
from chatgptfree_mock.sites.aipower.releases.release_file import TOML, YAML, ReleaseFile, load_file, release_name
from chatgptfree_mock.sites.wordpress.release_number import is_number, order
from chatgptfree_mock.suggestion import nearest


class DerivedReleases(Mapping[tuple[int, ...], PluginRelease]):
    """
    Releases by their order: those in *files*, each derived after its base when it is first asked for, and the *known*.

    An unknown base is replaced by the nearest older release, which the derived release has a notice of; if *strict*, it
    is an error.
    """

    def __init__(
        self, files: Mapping[tuple[int, ...], Path], known: Mapping[tuple[int, ...], PluginRelease], *, strict: bool
    ) -> None:
        self._files, self._known, self._strict = files, known, strict
        self._made: dict[tuple[int, ...], PluginRelease] = {}

    def __getitem__(self, key: tuple[int, ...]) -> PluginRelease:
        """
        Return the release at *key*.

        Raises:
            SettingsError: its file, or that of a base, cannot be read or used.
        """
        return self._release(key, ()) if key in self._files else self._known[key]

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter({**dict.fromkeys(self._known), **dict.fromkeys(self._files)})

    def __len__(self) -> int:
        return len({*self._known, *self._files})

    def name(self, key: tuple[int, ...]) -> str:
        """Return the name of the release at *key*, without deriving it."""
        if key in self._files:
            return self._files[key].stem
        return self._known.name(key) if isinstance(self._known, DerivedReleases) else self._known[key].name

    def derive_files(self) -> None:
        """
        Derive all releases in the files.

        Raises:
            SettingsError: a file cannot be read or used.
        """
        for key in self._files:
            self[key]

    def _release(self, key: tuple[int, ...], above: tuple[tuple[int, ...], ...]) -> PluginRelease:
        """Derive the release at *key*; those *above* are based on it."""
        if key in self._made:
            return self._made[key]
        path = self._files[key]
        if key in above:
            names = " → ".join(self._files[each].name for each in [*above, key])
            raise SettingsError(f"{path}: releases that are based on each other in a circle: {names} - at `$.base`")
        file = load_file(path)
        base = self._base(path, file, (*above, key))
        try:
            made = derive(path.stem, file, base)
        except SettingsError as exc:
            raise SettingsError(f"{path}: {exc}") from exc
        # Another thread may have derived it meanwhile; releases are compared by identity.
        return self._made.setdefault(key, replace(made, notice=_notice(path.stem, file, base)))

    def _base(self, path: Path, file: ReleaseFile, above: tuple[tuple[int, ...], ...]) -> PluginRelease | None:
        """Return the base in *file*, which is at *path* and the last of those *above*."""
        if file.base is None:
            return None
        wanted = order(file.base)
        if wanted in self._files and wanted != above[-1]:
            return self._release(wanted, above)
        if wanted in self._known:
            return self._known[wanted]
        if not is_number(file.base):
            names = [self.name(each) for each in self._known if each not in above]
            near = nearest(file.base, names) or names[-1]
            raise SettingsError(
                f"{path}: unknown release `{file.base}` - at `$.base`; write the number of another one, such as {near}"
            )
        if wanted == above[-1]:
            raise SettingsError(f"{path}: a release cannot be based on itself - at `$.base`")
        others = {*self._known, *self._files} - set(above)
        older = max((each for each in others if each < wanted), default=min(others))
        if self._strict:
            near = self.name(older)
            raise SettingsError(f"{path}: unknown release `{file.base}` - at `$.base`; the nearest is {near}")
        return self._release(older, above) if older in self._files else self._known[older]


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
        raise SettingsError(f"{folder}: no release in this folder; one is a file such as 2.5.0.yaml")
    return files
