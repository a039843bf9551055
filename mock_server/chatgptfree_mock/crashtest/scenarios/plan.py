"""The plan of a crash test: the scenarios, the releases, the ways to cut answers, and the client."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress

import msgspec

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.scenario.library import Library, ScenarioEntry
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions

INSTANT = "instant"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run."""

    scenarios: list[str]
    folders: list[str]
    """The user's own folders of scenarios, besides the one that ships with the pack."""
    pack: str = DEFAULT_PACK
    """The site pack of scenarios that name none; its own scenarios are run as well."""
    release_files: list[str] = msgspec.field(default_factory=list)
    """The user's own releases, as the command names them; *pack* has them already."""
    templates: list[str] = msgspec.field(default_factory=list)
    """The user's own folders of templates, as the command names them; *pack* has them already."""
    strict_release: bool = False
    """Whether the command refuses unknown releases; *pack* does so already."""
    command: list[str] = msgspec.field(default_factory=list)
    callable: str | None = None
    plugins: str | None = None
    """The releases, such as `all` or `>=1.8.91`; by default each scenario's own."""
    chunks: list[str] = msgspec.field(default_factory=list)
    """The ways to cut answers, if a scenario allows that; by default as each scenario sets it."""
    default_chunks: str | None = None
    """The way to cut answers if *chunks* is empty and the scenario sets none."""
    pace: str = INSTANT
    timeout: float | None = None
    """A time limit in seconds for every case, instead of each scenario's own."""
    intercept: list[str] = msgspec.field(default_factory=list)
    """The hosts that are intercepted; without any, clients get the address of the mock."""
    here: str
    """The folder that the client is started in."""
    replay: ReplayOptions = DEFAULT_OPTIONS
    """The options for recordings that scenarios name."""

    @property
    def client(self) -> str:
        """Return the client in words."""
        return self.callable if self.callable is not None else shlex.join(self.command)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One test case: scenario x release x chunking."""

    entry: ScenarioEntry
    plugin: str
    chunks: str
    scenario: Scenario
    """The scenario with release, chunks and pace set."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the key of the case."""
        return (self.entry.name, self.plugin, self.chunks)

    @property
    def own_release(self) -> bool:
        """Return whether it runs on the release that the scenario names."""
        return self.plugin == self.entry.scenario.spec.release


def cases(plan: Plan, library: Library) -> Iterator[Case]:
    """Yield the plan's cases, scenario by scenario, release by release."""
    wanted = _wanted(plan, {library[name].scenario.pack for name in plan.scenarios})
    for name in plan.scenarios:
        entry = library[name]
        for plugin in _plugins(entry.scenario, wanted):
            for chunks in _ways(entry.scenario, plan):
                yield _case(entry, plugin, chunks, plan.pace)


def _wanted(plan: Plan, packs: Collection[str]) -> dict[str, Sequence[str]] | None:
    """Return the releases of the plan, by pack; None if each scenario runs on its own."""
    if plan.plugins is None:
        return None
    found: dict[str, Sequence[str]] = {}
    for pack in packs:
        # A specification that one pack does not know may name releases of another.
        with suppress(UnknownReleaseError) if len(packs) > 1 else nullcontext():
            found[pack] = registry.load(pack).releases.select(plan.plugins)
    if not found:
        raise UnknownReleaseError(f"`{plan.plugins}` names no release of {', '.join(sorted(packs))}")
    return found


def _plugins(scenario: Scenario, wanted: Mapping[str, Sequence[str]] | None) -> list[str]:
    if wanted is None:
        return [scenario.spec.release]
    return [name for name in wanted.get(scenario.pack, ()) if scenario.happens_on(name)]


def _ways(scenario: Scenario, plan: Plan) -> list[str]:
    chosen = [chunks for chunks in plan.chunks if scenario.may_be_cut(chunks)]
    return chosen or [scenario.default_chunks(plan.default_chunks) or scenario.delivery.chunks]


def _case(entry: ScenarioEntry, plugin: str, chunks: str, pace: str) -> Case:
    scenario = entry.scenario.varied(entry.name, plugin=plugin, chunks=chunks, pace=pace)
    return Case(entry=entry, plugin=plugin, chunks=chunks, scenario=scenario)
