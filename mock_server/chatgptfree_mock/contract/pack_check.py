"""What is wrong with the object that a site pack's entry point names, in words for its author."""

from __future__ import annotations

import msgspec

from chatgptfree_mock.contract.pack import SitePack
from chatgptfree_mock.contract.settings import SettingsPart

_METHODS = {
    "build": "build(self, settings, *, now, random, store)`, which returns the site that answers requests",
    "kind": "kind(self, settings, request)`, which returns page, ask, answer or other",
}


def pack_fault(pack: object) -> str | None:
    """Return what is wrong with *pack*, as the end of a sentence that begins with its name; None if nothing is."""
    if isinstance(pack, type):
        return "is not a SitePack object; name an object, not a class"
    if not isinstance(pack, SitePack):
        missing = next((name for name in ("name", "Settings") if not hasattr(pack, name)), None)
        if _derives(pack) and missing is not None:
            return f"has no `{missing}`"
        return "is not a SitePack object; derive its class from chatgptfree_mock.contract.pack.SitePack"
    for name, use in _METHODS.items():
        if getattr(type(pack), name, None) is getattr(SitePack, name):
            return f"has no `{name}`: write `def {use}"
    return _settings_fault(pack.Settings)


def _derives(pack: object) -> bool:
    """Return whether the class of *pack* derives from `SitePack`, whatever it lacks."""
    return SitePack in type(pack).__mro__


def _settings_fault(settings: object) -> str | None:
    if not (isinstance(settings, type) and issubclass(settings, SettingsPart)):
        return "has `Settings` that do not derive from chatgptfree_mock.contract.settings.SettingsPart"
    without = [field.name for field in msgspec.structs.fields(settings) if field.required]
    if without:
        return f"has a setting `{without[0]}` without a default; give it one"
    return None
