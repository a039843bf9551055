"""
The packs that are installed, found by their entry points.

The built-in packs are declared in the project's pyproject.toml like those of any other project::

    [project.entry-points."chatgptfree_mock.sites"]
    recorded = "chatgptfree_mock.sites.recorded.pack:PACK"

A pack with a user's own releases or templates has a reference in place of the name: the name followed by the files,
such as ``tiny?releases=%2Fhome%2Fme%2F2.5.0.yaml``.  It is plain text, so that it can be sent to another process.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode

from chatgptfree_mock.errors import MissingError, SettingsError
from chatgptfree_mock.extras import explain
from chatgptfree_mock.suggestion import nearest_or_all

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from chatgptfree_mock.contract.pack import SitePack

GROUP: Final = "chatgptfree_mock.sites"


class PackError(SettingsError):
    """A site pack does not exist or cannot be loaded."""


class NoSuchPackError(PackError):
    """A site pack is not installed: it has no entry point, or the module that this names does not exist."""


def names() -> tuple[str, ...]:
    """Return the names of all installed packs, in alphabetical order; none of them is imported."""
    return tuple(sorted(_installed()))


def reference(
    name: str, *, releases: Sequence[Path] = (), templates: Sequence[Path] = (), strict_release: bool = False
) -> str:
    """
    Return a reference for `load` to the pack *name* with a user's own *releases* and *templates*.

    The paths stay as they are, for messages to name them so; relative ones are looked up in the working directory.
    *strict_release*: an unknown release is an error.  If *name* is a reference, its files are kept.
    """
    options = [("releases", str(path)) for path in releases]
    options += [("templates", str(path)) for path in templates]
    options += [("strict_release", "true")] if strict_release else []
    if not options:
        return name
    return f"{name}{'&' if '?' in name else '?'}{urlencode(options)}"


def base_name(reference: str) -> str:
    """Return the name of the pack in *reference*."""
    return reference.partition("?")[0]


def pack_reference(name: str | None, default: str) -> str:
    """Return *name*, or the reference *default* if that is the same pack with files, or if *name* is None."""
    return default if name in (None, base_name(default)) else name


def load(reference: str) -> SitePack[Any]:
    """
    Return the pack for *reference*, imported at its first use; see `reference`.

    Raises:
        PackError: no such pack is installed, or importing it fails; the message gives the reason.
        MissingError: it needs a package that is not installed.
        SettingsError: a file of the user's own cannot be used.
    """
    name, _, query = reference.partition("?")
    if not query:
        return _load(name)
    return _own(reference, tuple(map(_stamp, own_files(reference))))


def own_files(reference: str) -> list[Path]:
    """
    Return the user's files in *reference*: releases and templates, with the folders among them.

    Both are in the folder itself, and what templates include in folders with an underscore before their names: other
    folders below it, which may be a whole disk, are not walked.
    """
    files: list[Path] = []
    for kind, name in parse_qsl(reference.partition("?")[2]):
        if kind in ("releases", "templates"):
            folder = Path(name)
            files.append(folder)
            files += sorted(folder.iterdir()) if folder.is_dir() else ()
            files += sorted(folder.glob("_*/**/*")) if kind == "templates" else ()
    return files


@lru_cache(maxsize=32)
def _own(reference: str, _stamps: tuple[object, ...]) -> SitePack[Any]:
    """Return the pack for a reference with files; it is built again when a file changes."""
    name, _, query = reference.partition("?")
    options = parse_qs(query)
    pack = _load(name).with_releases(
        [Path(path) for path in options.get("releases", ())], strict="strict_release" in options
    )
    pack = copy(pack.with_templates([Path(path) for path in options.get("templates", ())]))
    pack.name = reference
    return pack


def _stamp(file: Path) -> object:
    """Return a value that changes when *file* is changed."""
    try:
        found = file.stat()
    except OSError:
        return str(file)
    return str(file), found.st_mtime_ns, found.st_size


@cache
def _load(name: str) -> SitePack[Any]:
    installed = _installed()
    if name not in installed:
        hint = nearest_or_all(name, sorted(installed))
        again = "; reinstall the project, its metadata is out of date" if not installed else ""
        raise NoSuchPackError(f"no such site pack: `{name[:40]}`{hint}{again}")
    entry = installed[name]
    try:
        pack = entry.load()
    except (Exception, SystemExit) as exc:  # a pack may raise anything while it is imported
        if isinstance(exc, ModuleNotFoundError) and (sentence := explain(exc)) is not None:
            raise MissingError(sentence) from exc
        missing = isinstance(exc, ModuleNotFoundError) and f"{entry.module}.".startswith(f"{exc.name}.")
        error = NoSuchPackError if missing else PackError
        raise error(f"the site pack `{name}` ({entry.value}) fails to load: {_reason(exc)}") from exc
    from chatgptfree_mock.contract.pack_check import pack_fault  # slow to import, and few commands load a pack

    if (fault := pack_fault(pack)) is not None:
        raise PackError(f"the site pack `{name}` ({entry.value}) {fault}")
    if pack.name != name:
        raise PackError(f"the site pack `{name}` ({entry.value}) calls itself `{pack.name}`; give both the same name")
    found: SitePack[Any] = pack
    return found


def _installed() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # slow to import

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _reason(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
