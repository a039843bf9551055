"""
The packs that are installed, found by their entry points.

The built-in packs are declared in the project's pyproject.toml like those of anybody else::

    [project.entry-points."chatgptfree_mock.sites"]
    aipower = "chatgptfree_mock.sites.aipower.pack:PACK"
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from chatgptfree_mock.contract.pack import SitePack
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean

GROUP: Final = "chatgptfree_mock.sites"
DEFAULT: Final = "aipower"
"""The pack that is meant where none is named."""


class PackError(SettingsError):
    """A site pack does not exist or cannot be loaded."""


def names() -> tuple[str, ...]:
    """Return the names of all installed packs, in alphabetical order; none of them is imported."""
    return tuple(sorted(_installed()))


@cache
def load(name: str = DEFAULT) -> SitePack[Any]:
    """
    Return the pack *name*, imported at its first use.

    Raises:
        PackError: no such pack is installed, or importing it fails; the message gives the reason.
    """
    installed = _installed()
    if name not in installed:
        hint = did_you_mean(name, installed) or f" (installed: {', '.join(sorted(installed)) or 'none'})"
        again = "; install the project anew, its metadata is out of date" if name == DEFAULT else ""
        raise PackError(f"no such site pack: `{name[:40]}`{hint}{again}")
    entry = installed[name]
    try:
        pack = entry.load()
    except (Exception, SystemExit) as exc:  # whatever a pack raises while it is imported
        raise PackError(f"the site pack `{name}` ({entry.value}) fails to load: {_reason(exc)}") from exc
    if isinstance(pack, type) or not isinstance(pack, SitePack):
        raise PackError(f"the site pack `{name}` ({entry.value}) is not a SitePack object{_missing(pack)}")
    if pack.name != name:
        raise PackError(f"the site pack `{name}` ({entry.value}) calls itself `{pack.name}`; give both the same name")
    return pack


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _reason(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _missing(pack: object) -> str:
    members = [name for name in (*SitePack.__annotations__, *vars(SitePack)) if not name.startswith("_")]
    missing = [name for name in members if not hasattr(pack, name)]
    return f": it has no {', '.join(missing)}" if missing else "; name an object, not a class"
