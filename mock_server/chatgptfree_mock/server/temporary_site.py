"""A site on a running server for the time of a test, described by the options of a marker or of `chat_server`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatgptfree_mock.config.site import PACK, pack_name, require_text, site_of_pack
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import DELIVERY_KEYS, Delivery
from chatgptfree_mock.scenario.library import Library, shipped
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.server.app import CONFIG, builder
from chatgptfree_mock.server.control import SCENARIO_SITES
from chatgptfree_mock.server.mock_server import MockServer, intercepted
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.running_site import RunningSite
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.files import Gathered, gather
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import OPTIONS as REPLAY
from chatgptfree_mock.tape.replay_options import ReplayOptions, refuse_without_recordings

if TYPE_CHECKING:
    from chatgptfree_mock.server.intercepted_site import InterceptedSite

_INTERCEPT = ("intercept", "tls_fault")
OPTIONS = (
    *("pack", "plugin", "reply", "settings", "cassette", "strict", "scenario"),
    *(*REPLAY, *DELIVERY_KEYS, *_INTERCEPT),
)
_OF_SPEC = ("pack", "settings", "plugin", "reply")
_WITH_CASSETTE = ("strict", *REPLAY)
_NOT_WITH_SCENARIO = ("reply", "settings", "cassette", "seed", *_WITH_CASSETTE)


@contextmanager
def open_site(server: MockServer, name: str, options: Mapping[str, Any]) -> Iterator[RunningSite]:
    """
    Open a site called *name* on *server*, which runs on another thread; remove it when the block ends.

    Raises:
        MockError: an option or its value does not exist.
    """
    for option in options:
        if option not in OPTIONS:
            raise SettingsError(f"no such option of a site: `{option}`{_hint(option, server, options)}")
    given = {option: value for option, value in options.items() if value is not None}
    for option in ("pack", "plugin"):
        require_text(option, given.get(option))
    gathered = gather(given.get("cassette"), strict=given.get("strict", False))
    given |= _tls_of_scenario(server, given)
    opened = _play(server, name, given) if "scenario" in given else _add(server, name, given, gathered)
    with opened as mounted, _proxy(server, mounted, gathered.cassettes, given) as proxy:
        yield RunningSite(server, mounted, proxy)


def _hint(option: str, server: MockServer, options: Mapping[str, Any]) -> str:
    """Return a hint for an unknown *option*: a setting, a word of the delivery, or the nearest option."""
    if option == "delivery":
        return f"; it is given word by word: {', '.join(DELIVERY_KEYS)}"
    root, settings = server.sites.root.spec, options.get("settings")
    pack = registry.load(pack_name(settings, pack=options.get("pack"), table={PACK: root.pack.name}))
    if option in pack.Settings.__struct_fields__:
        return f'; it is a setting: settings={{"{option}": …}}'
    return nearest_or_all(option, OPTIONS)


@contextmanager
def _proxy(
    server: MockServer, mounted: MountedSite, cassettes: Iterable[Cassette], given: Mapping[str, Any]
) -> Iterator[InterceptedSite | None]:
    proxy = intercepted(server.app, mounted, cassettes, given.get("intercept", False), given.get("tls_fault"))
    if proxy is None:
        yield None
        return
    loop = server.running_loop()
    asyncio.run_coroutine_threadsafe(proxy.start(), loop).result()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result()


@contextmanager
def _add(server: MockServer, name: str, given: Mapping[str, Any], gathered: Gathered) -> Iterator[MountedSite]:
    spec = _spec(server.sites.root.spec, given, gathered.cassettes)
    of_replay = {option: given[option] for option in _WITH_CASSETTE if option in given}
    refuse_without_recordings(of_replay, recorded="cassette" in given or bool(spec.files))
    delivery = Delivery.parse(**{word: given[word] for word in DELIVERY_KEYS if word in given})
    options = ReplayOptions.parse({name: given[name] for name in REPLAY if name in given})
    build = builder(server.app[CONFIG], gathered.cassettes, options)
    mounted = server.sites.add(spec, delivery, name=name, build=build, notes=gathered.notes)
    try:
        yield mounted
    finally:
        server.sites.drop(name)


def _spec(root: SiteSpec, given: Mapping[str, Any], cassettes: Sequence[Cassette]) -> SiteSpec:
    """Return the spec of the site; its defaults are those of the server's *root* site."""
    if not cassettes and given.keys().isdisjoint(_OF_SPEC):
        return root
    settings, plugin, default, chosen = given.get("settings"), given.get("plugin"), None, root.pack
    named = "pack" in given or (isinstance(settings, Mapping) and PACK in settings)
    # Without a name the files of the project are not looked for again: the root site has found them.
    pack = pack_name(settings, pack=given.get("pack"), table={PACK: root.pack.name}) if named else root.pack.name
    if pack != root.pack.name:
        chosen = registry.load(pack)
    else:
        default = root.release
        if settings is None:
            settings = root.settings
            plugin = root.pack.default_release(cassettes, root.release) if plugin is None else plugin
    return site_of_pack(chosen, settings, plugin=plugin, reply=given.get("reply"), cassettes=cassettes, default=default)


@contextmanager
def _play(server: MockServer, run_id: str, given: Mapping[str, Any]) -> Iterator[MountedSite]:
    wrong = [option for option in _NOT_WITH_SCENARIO if option in given]
    if wrong:
        raise SettingsError(f"a scenario describes its site itself; leave out {', '.join(wrong)}")
    scenario_sites = server.app[SCENARIO_SITES]
    name = str(given["scenario"])
    scenario = _library(server, given.get("pack"))[name].scenario
    if registry.pack_reference(given.get("pack"), scenario.pack) != scenario.pack:
        raise SettingsError(f"the scenario {name} is for the pack {registry.base_name(scenario.pack)}; leave out pack")
    mounted, _ = scenario_sites.start(name, run_id, _variant(name, scenario, given))
    try:
        yield mounted
    finally:
        scenario_sites.drop(name, run_id)


def _tls_of_scenario(server: MockServer, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the TLS fault of the scenario as an option; nothing if it has none."""
    if "scenario" not in given:
        return {}
    name = str(given["scenario"])
    own = _library(server, given.get("pack"))[name].scenario.delivery.tls
    if own is None:
        return {}
    if "tls_fault" in given:
        raise SettingsError(f"{name} sets its own TLS fault ({own}); leave out tls_fault")
    if not given.get("intercept"):
        raise SettingsError(f"the scenario {name} breaks TLS ({own}), which needs intercept=True")
    return {"tls_fault": own}


def _library(server: MockServer, pack: str | None) -> Library:
    default = server.sites.root.spec.pack.name
    if registry.pack_reference(pack, default) == default:
        return server.app[SCENARIO_SITES].library
    return shipped(server.app[CONFIG].scenarios, registry.pack_reference(pack, default))


def _variant(name: str, scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    for word, own in (("pace", scenario.has_pace), ("fault", bool(scenario.delivery.fault))):
        if own and word in given:
            raise SettingsError(f"{name} sets its own {word} ({getattr(scenario.delivery, word)}); leave out {word}")
    changed = scenario.varied(name, plugin=given.get("plugin"), chunks=given.get("chunks"), pace=given.get("pace"))
    return replace(changed, delivery=replace(changed.delivery, fault=given["fault"])) if "fault" in given else changed
