"""
Note which traits of a release are read while it is imitated.

Another value of a trait that was not read leads to the same answer, so nothing has to be asked again.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace

T = TypeVar("T")
_NOTE: Final = "note"


class WatchedRelease:
    """A copy of a release that notes the traits that are read from it."""

    def __init__(self, release: PluginRelease) -> None:
        self.read: set[FilePlace] = set()
        """Where the traits that were read are in a release file, such as ``("providers", "OpenAI", "statuses")``."""
        providers = {name: self._watched(each, ("providers", name)) for name, each in release.providers.items()}
        self.release = replace(release, traits=self._watched(release.traits, ("traits",)), providers=providers)

    def _watched(self, traits: T, place: FilePlace) -> T:
        kind: Any = type(traits)
        watched: T = _watched_kind(kind)(**{each.name: getattr(traits, each.name) for each in fields(kind)})
        vars(watched)[_NOTE] = lambda name: self.read.add((*place, name))
        return watched


@cache
def _watched_kind(kind: Any) -> Any:
    """Return a class like *kind* whose instances call their `note`, if they have one, with each name that is read."""

    class Watched(kind):  # type: ignore[misc]  # the class of some traits
        def __getattribute__(self, name: str) -> Any:
            if note := object.__getattribute__(self, "__dict__").get(_NOTE):
                note(name)
            return object.__getattribute__(self, name)

    return Watched
