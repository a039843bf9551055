"""The site to serve: a pack, its settings and a release, from arguments, settings and the project's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chatgptfree_mock.config.default_pack import DEFAULT_PACK, RECORDINGS_PACK
from chatgptfree_mock.config.releases import with_own_files
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.model import Cassette

if TYPE_CHECKING:
    from chatgptfree_mock.contract.pack import SitePack
    from chatgptfree_mock.contract.site_spec import SiteSpec

PACK: Final = "pack"
"""The key for the pack, next to the settings of a site."""
NO_TABLE: Final[Mapping[str, str]] = MappingProxyType({})


def choose_site(
    settings: msgspec.Struct | Mapping[str, Any] | None = None,
    *,
    pack: str | None = None,
    plugin: str | None = None,
    reply: str | Sequence[str] | None = None,
    cassettes: Sequence[Cassette] = (),
    table: Mapping[str, str] = NO_TABLE,
    file: str | None = None,
) -> SiteSpec:
    """
    Return the pack and the settings of the site that the arguments describe.

    Args:
        settings: a struct of the pack, or plain data, which may name the pack under the key `pack`; None for defaults.
        pack: the name of the pack; None (default) for that in *settings*, in *table*, or `aipower`.  Where that is not
            installed, *cassettes* alone are played by the pack `recorded`.
        plugin: the release; it has precedence over *settings* and *table*.  If nothing names one: that of *cassettes*.
        reply: the model's answer, a text or a list of deltas; None (default) for that in *settings*.
        cassettes: the recordings that the site answers from.
        table: the project's table in pyproject.toml; empty by default.
        file: the file from which *settings* were read, for error messages.

    Raises:
        SettingsError: a key, a value or a pack does not exist, or *pack* and *settings* name different packs.
        UnknownReleaseError: the release does not exist.
    """
    name = pack_name(settings, pack=pack, table=table)
    of_a_pack = pack or table.get(PACK) or table.get("plugin") or settings or plugin or reply is not None
    chosen = load_for_recordings(name) if cassettes and not of_a_pack else registry.load(name)
    return site_of_pack(
        chosen, settings, plugin=plugin, reply=reply, cassettes=cassettes, default=table.get("plugin"), file=file
    )


def site_of_pack(
    chosen: SitePack[Any],
    settings: msgspec.Struct | Mapping[str, Any] | None = None,
    *,
    plugin: str | None = None,
    reply: str | Sequence[str] | None = None,
    cassettes: Sequence[Cassette] = (),
    default: str | None = None,
    file: str | None = None,
) -> SiteSpec:
    """
    Return the site of the pack *chosen* that the arguments describe; see `choose_site`.

    *default* is the release if neither *plugin*, *settings* nor *cassettes* name one; None (default): that of the pack.

    Raises:
        SettingsError: a key or a value does not exist, or *settings* are those of another pack.
        UnknownReleaseError: the release does not exist.
    """
    from chatgptfree_mock.contract.site_spec import SiteSpec  # what only asks for a pack's name does without

    require_text("plugin", plugin)
    if settings is not None and not isinstance(settings, msgspec.Struct | Mapping):
        raise SettingsError(f"settings: give a mapping or a struct of the pack, not {settings!r:.60}")
    data = None
    if not isinstance(settings, msgspec.Struct):
        data = {key: value for key, value in (settings or {}).items() if key != PACK}
        settings = convert(data, chosen.Settings, file=file)
    spec = SiteSpec(pack=chosen, settings=settings)
    if plugin is not None and chosen.release_key:
        chosen.releases.check_range(plugin)
    elif _names_release(spec, data):
        chosen.releases.check_range(spec.release, place=f"$.{chosen.release_key}")
    elif plugin is None:
        plugin = chosen.default_release(cassettes, default or spec.release) if chosen.release_key else None
    if plugin is not None:
        spec = spec.on_release(plugin)
    return spec if reply is None else spec.with_reply(reply)


def pack_name(settings: object = None, *, pack: str | None = None, table: Mapping[str, str] = NO_TABLE) -> str:
    """
    Return the name of the pack: *pack*, else that in *settings*, else that in *table*, else the default.

    If the *table* or the project has releases or templates of the user's own, the name is a reference with their paths.

    Raises:
        SettingsError: *pack* and *settings* name different packs, or one of the two is not a text, or empty.
    """
    named = settings.get(PACK) if isinstance(settings, Mapping) else None
    for given in (pack, named):
        require_text(PACK, given)
    if pack is not None and named not in (None, pack, registry.base_name(pack)):
        raise SettingsError(
            f"the pack {registry.base_name(pack)} is asked for, but the settings are for the pack {named}"
        )
    default = table.get(PACK) or DEFAULT_PACK
    return with_own_files(registry.pack_reference(pack or named, default), table)


def require_text(name: str, value: object) -> None:
    """
    Check that the *value* of the argument *name* is None or a text with something in it.

    Raises:
        SettingsError: it is not.
    """
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise SettingsError(f"{name}: give a text, not {value!r:.60}")


def pack_of(table: Mapping[str, str]) -> SitePack[Any]:
    """
    Return the pack that a project's *table* names, else the default one.

    Raises:
        PackError: there is no such pack.
    """
    return registry.load(pack_name(table=table))


def load_for_recordings(reference: str) -> SitePack[Any]:
    """
    Return the pack for *reference*; if that is the default one and is not installed, the pack `recorded`.

    For a user who has recordings and has named no pack; a pack that was named has to exist.

    Raises:
        PackError: see `registry.load`.
        MissingError: see `registry.load`.
        SettingsError: see `registry.load`.
    """
    try:
        return registry.load(reference)
    except registry.NoSuchPackError:
        if registry.base_name(reference) != DEFAULT_PACK:
            raise
        return registry.load(RECORDINGS_PACK)


def _names_release(spec: SiteSpec, data: Mapping[str, Any] | None) -> bool:
    """Return whether the settings of *spec*, or the *data* that they were made from, name a release."""
    key = spec.pack.release_key
    if data is not None:
        return key in data
    return spec.release != type(spec)(pack=spec.pack).release
