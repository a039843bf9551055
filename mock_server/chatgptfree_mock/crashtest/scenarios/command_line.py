"""A crash test of scenarios: the command ``crashtest`` without a recording."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from chatgptfree_mock.config.project import project_settings, replay_of, scenario_folders
from chatgptfree_mock.config.releases import table_with
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.crashtest import baseline, function
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.options import SharedOptions
from chatgptfree_mock.crashtest.outputs import Contents, complain, progress
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.scenarios import documents, regressions, results, session, terminal_report
from chatgptfree_mock.crashtest.scenarios.plan import INSTANT, Case, Plan, cases
from chatgptfree_mock.crashtest.scenarios.regressions import TurningPoint
from chatgptfree_mock.crashtest.scenarios.results import Card
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import intercepted_hosts
from chatgptfree_mock.intercept.hosts import InterceptedHosts
from chatgptfree_mock.replay.chunking import ALL_CHUNKS
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import Library, shipped

_SHOWN: Final = 4


def crash_test(given: Mapping[str, Any], shared: SharedOptions) -> int:
    """
    Run the crash test by the options *given*, print the report and write the files, and return the exit code.

    *shared*: the options that every crash test has.

    Raises:
        MockError: an option, a scenario or a release cannot be used.
    """
    with shared.interruption as interruption:
        table = table_with(
            project_settings(),
            releases=given["release_files"],
            templates=given["templates"],
            strict=given["strict_release"],
        )
        folders = (*scenario_folders(table), *given["folders"])
        found = shipped(folders, pack_name(pack=given["pack"], table=table))
        names, broken = _readable(found, _names(found, given["globs"]))
        plan = _plan(given, shared, table, scenarios=names, folders=folders)
        client = shared.client(needs_url=not plan.intercept)
        shared.files.check()
        before = shared.files.read_baseline(results.parse)
        planned = list(cases(plan, found))
        if not planned:
            raise SettingsError("nothing to do: no scenario can happen on these releases")
        remarks = [*_remarks(plan, planned, table), *_idle(given, plan, planned)]
        card, silent = _run(plan, planned, client, shared.jobs, interruption)
        points = regressions.turning_points(card.results) if plan.plugins else []
        problems = shared.files.write(_contents(card, points, shared.facts))
        if before is not None:
            remarks += baseline.remarks(card, before, shared.files.baseline)
        # After the terminal was closed nobody reads a table.
        with contextlib.suppress(OSError):
            terminal_report.show(Console(emoji=False), card, points, remarks, verbose=shared.verbose)
            complain([*problems, *_first([f"left out: {one}" for one in broken]), *silent])
    return shared.exit_code(baseline.counted(card, before), bad=broken or problems or silent)


def _plan(
    given: Mapping[str, Any],
    shared: SharedOptions,
    table: Mapping[str, str],
    *,
    scenarios: list[str],
    folders: Sequence[Path],
) -> Plan:
    pack = pack_name(pack=given["pack"], table=table)
    plan = Plan(
        scenarios=scenarios,
        folders=[str(folder.resolve()) for folder in folders],
        pack=pack,
        release_files=list(map(str, given["release_files"])),
        templates=list(map(str, given["templates"])),
        strict_release=given["strict_release"],
        command=list(shared.words),
        callable=shared.callable,
        plugins=given["plugins"],
        chunks=_chunk_words(given["chunks"]),
        default_chunks=table.get("chunks"),
        pace=given["pace"] or table.get("pace", INSTANT),
        timeout=shared.timeout,
        here=str(Path.cwd()),
        intercept=_hosts(shared.intercept, pack),
        replay=replay_of(table),
    )
    Delivery.parse(pace=plan.pace)
    return plan


def _contents(card: Card, points: Sequence[TurningPoint], facts: RunFacts) -> Contents:
    return {
        "html": lambda: documents.html(card, points, facts),
        "junit": lambda: documents.junit(card),
        "json": lambda: results.dump(card),
        "markdown": lambda: documents.markdown(card),
    }


def _remarks(plan: Plan, planned: Sequence[Case], table: Mapping[str, str]) -> list[str]:
    remarks = [*registry.load(plan.pack).releases.notices(plan.plugins or ""), *_left_out(plan, planned)]
    if "plugin" in table and plan.plugins is None:
        remarks.append("`plugin` in [tool.chatgptfree_mock] has no effect: each scenario names its own; use --plugin")
    return remarks


def _run(
    plan: Plan, planned: Sequence[Case], client: function.Client | None, jobs: int, interruption: Interruption
) -> tuple[Card, list[str]]:
    """Run the plan, or only its preflight if the client never asks, and then print an error."""
    try:
        with interruption.raising():
            first = session.preflight(plan, planned, client)
    except KeyboardInterrupt:
        if interruption.number is None:
            raise
        return results.card(plan.client, [], [case.key for case in planned], interrupted=True), []
    if first is not None and first.verdict.reached_nothing and not first.exchanges:
        card = Card(client=plan.client, results=[first])
        return card, [f"nothing else was run: {first.reason}"]
    with progress(len(planned)) as show:
        card = session.run(plan, planned, client=client, jobs=jobs, interruption=interruption, report=show, first=first)
    return card, _never_asked(card)


def _never_asked(card: Card) -> list[str]:
    """Return a sentence if the client made no request, or never sent the message, in any case; else nothing."""
    applied = [result for result in card.results if result.verdict is not Verdict.NOT_APPLICABLE]
    if applied and all(result.verdict.reached_nothing for result in applied):
        return [applied[0].reason]  # a single case has no preflight that would show it
    unsent = [] if any(result.sent for result in applied) else applied
    return [result.reason for result in unsent if result.verdict is Verdict.NEVER_ASKED][:1]


def _left_out(plan: Plan, planned: Sequence[Case]) -> list[str]:
    """Return a sentence for each scenario and release that was selected and cannot be run."""
    remarks = []
    if absent := [name for name in plan.scenarios if name not in {case.entry.name for case in planned}]:
        remarks.append(f"{len(absent)} scenarios cannot happen on these releases: {_some(absent)}")
    entries = {case.entry.name: case.entry for case in planned}
    if uncut := [name for name, each in entries.items() if not all(map(each.scenario.may_be_cut, plan.chunks))]:
        remarks.append(f"{len(uncut)} scenarios are never cut in other ways (`recut: false`): {_some(uncut)}")
    return remarks


def _idle(given: Mapping[str, Any], plan: Plan, planned: Sequence[Case]) -> list[str]:
    """Return a sentence for each option that was *given* and changes nothing in a case, or not in all of them."""
    remarks = []
    paced = dict.fromkeys(case.entry.name for case in planned if case.scenario.delivery.pace != plan.pace)
    if paced and given["pace"] is not None:
        remarks.append(f"{len(paced)} scenarios have a pace of their own: {_some(list(paced))}")
    if given["release_files"]:
        releases = registry.load(plan.pack).releases
        own = set(releases.names).difference(registry.load(registry.base_name(plan.pack)).releases.names)
        tried = {releases.name_of(case.plugin) for case in planned if case.scenario.pack == plan.pack}
        if own and own.isdisjoint(tried):
            remarks.append(f"`--releases` has no effect: no case is on {_some(sorted(own))}; name it with --plugin")
    return remarks


def _some(names: Sequence[str]) -> str:
    return ", ".join(_first(names))


def _first(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"… and {more} more"] if more > 0 else list(lines)


def _names(found: Library, globs: Sequence[str]) -> list[str]:
    if not globs:
        return found.matching("*")
    for glob in globs:
        if glob.startswith("tls/"):
            raise SettingsError(
                f"`{glob}`: no such scenario; with a recording, "
                "`--cassette PATH --intercept --variant 'tls/*'` tries TLS faults"
            )
    wanted = {name for glob in globs for name in found.matching(glob)}
    return [name for name in found.names if name in wanted]


def _readable(found: Library, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the scenarios that can be read, which are still run, and the errors in the others."""
    good: list[str] = []
    broken: list[str] = []
    for name in names:
        try:
            found[name]
        except SettingsError as exc:
            broken.append(str(exc))
        else:
            good.append(name)
    if broken and not good:
        raise SettingsError(broken[0])
    return good, broken


def _hosts(words: Sequence[str], pack: str) -> list[str]:
    """
    Return the hosts of ``--intercept``, by default the imitated host of *pack* and those below it.

    Raises:
        InterceptError: one of them is not a host, or there is none.
    """
    hosts = intercepted_hosts(words)
    if hosts is False:
        return []
    return list(InterceptedHosts(registry.load(pack).hosts if hosts is True else hosts).names)


def _chunk_words(chunks: str) -> list[str]:
    words = [word.strip() for word in chunks.split(";") if word.strip()]
    chosen = dict.fromkeys(each for word in words for each in (ALL_CHUNKS if word == "all" else (word,)))
    for each in chosen:
        Delivery.parse(chunks=each)
    return list(chosen)
