"""Run one case: open its site, run the client, judge the result."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.crashtest import command, command_words, function
from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.printed_text import without_port
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.crashtest.scenarios.plan import INSTANT, Case, Plan
from chatgptfree_mock.crashtest.scenarios.results import Result
from chatgptfree_mock.crashtest.scenarios.server import CaseRun, CaseServer
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict, judge
from chatgptfree_mock.scenario.expectation import Expect
from chatgptfree_mock.tape.model import End

_KEPT: Final = 4000
_MOST_ELSEWHERE: Final = 10
"""Page fetches, and requests to the chat, that are not yet a storm on a release other than the scenario's own."""


def run(case: Case, plan: Plan, server: CaseServer, client: function.Client | None = None) -> Result:
    """
    Run *case* with *client*, or with the plan's command, and return the result.

    Raises:
        SettingsError: the command can't be started.
    """
    scenario = case.scenario
    if reason := _unfit(case, plan, client):
        return _not_applicable(case, plan, reason)
    seconds = plan.timeout if plan.timeout is not None else scenario.expect.seconds
    case_run = server.open(case)
    try:
        seen = _ask(case_run, plan, server, client, seconds)
    except command.UnfitArgumentError as exc:
        server.end(case_run)
        return _not_applicable(case, plan, str(exc))
    seen, exchanges = _with_requests(seen, case_run, plan, server, client)
    found = judge(_expected(case), seen)
    kept = found.verdict.counts_against or found.note
    # An intercepted site has the same address in each run.
    plain: Callable[[str], str] = str if plan.intercept else partial(without_port, url=case_run.url)
    return replace(
        _result(case, plan, found.verdict, plain(found.reason), plain(found.cause)),
        sent=seen.sent,
        note="; ".join(filter(None, [found.note, *(() if found.verdict.reached_nothing else seen.refused)])),
        unused=list(map(plain, case_run.mounted.warnings())),
        printed=plain(seen.stdout[:_KEPT]),
        stderr=plain(seen.stderr[-_KEPT:]),
        exchanges=exchanges if kept else [],
    )


def _with_requests(
    seen: Observed, case_run: CaseRun, plan: Plan, server: CaseServer, client: function.Client | None
) -> tuple[Observed, list[CaseExchange]]:
    """End *case_run*; return *seen* with what the server observed, and the exchanges."""
    scenario = case_run.case.scenario
    forbidden = "" if scenario.delivery.tls is None else scenario.delivery.tls.forbids
    counts, requests, exchanges = server.end(case_run, timed_out=seen.timed_out)
    seen = replace(
        seen,
        pages=counts.pages,
        posts=counts.posts,
        streams=counts.streams,
        sent=counts.messages > 0,
        requests=max(requests, server.connections) if forbidden else requests,
        requested=tuple(each.request for each in exchanges),
        forbidden=forbidden,
        good_page=not forbidden
        and all(map(_is_whole, exchanges))
        and all(each.to != "page" for each in scenario.responses),
        bypassed=server.bypassed(plan.command),
        refused=server.refused,
        untimed=not _takes(plan, client, "timeout") and bool(exchanges) and exchanges[-1].ended != End.COMPLETE,
    )
    return seen, exchanges


def _unfit(case: Case, plan: Plan, client: function.Client | None) -> str:
    """Return why *client*, or the command of *plan*, cannot be judged by *case*; empty if it can."""
    bot, tls = case.scenario.bot, case.scenario.delivery.tls
    if bot is not None and not _takes(plan, client, "bot"):
        return f"it is about the bot {bot}, and the client takes no {{bot}}"
    if tls is not None and not plan.intercept:
        return f"it breaks TLS ({tls}), which needs --intercept"
    return ""


def _is_whole(exchange: CaseExchange) -> bool:
    return exchange.ended == End.COMPLETE and not exchange.faults and int(exchange.response.split()[0]) < 400


def _takes(plan: Plan, client: function.Client | None, name: str) -> bool:
    return command_words.takes(plan.command, name) if client is None else function.takes(client, name)


def _ask(case_run: CaseRun, plan: Plan, server: CaseServer, client: function.Client | None, seconds: float) -> Observed:
    scenario = case_run.case.scenario
    expected_bytes = len(scenario.expect.delivered.encode())
    if client is not None:
        return function.run(
            client, case_run.url, scenario.message, seconds=seconds, bot=scenario.bot, expected_bytes=expected_bytes
        )
    values = {
        "url": case_run.url,
        "message": scenario.message,
        "timeout": f"{seconds / 2:g}",
        "bot": scenario.bot or "",
    }
    return command.run(
        command_words.fill(plan.command, values),
        seconds=seconds,
        expected_bytes=expected_bytes,
        folder=Path(plan.here),
        guard=server.guard,
        variables=server.environment,
    )


def _expected(case: Case) -> Expect:
    """Return what is expected; on other releases than its own a client may need some more requests."""
    expect = case.scenario.expect
    if case.own_release:
        return expect
    most = {
        what: max(_MOST_ELSEWHERE, enough)
        for what, enough in (("pages", expect.pages), ("posts", expect.posts))
        if enough is not None
    }
    return replace(expect, **most)


def _not_applicable(case: Case, plan: Plan, reason: str) -> Result:
    return _result(case, plan, Verdict.NOT_APPLICABLE, reason, reason)


def _result(case: Case, plan: Plan, verdict: Verdict, reason: str, cause: str) -> Result:
    """Return a result of *case* without data of a client."""
    scenario = case.scenario
    return Result(
        scenario=case.entry.name,
        title=scenario.title,
        pack=scenario.pack,
        plugin=case.plugin,
        chunks=case.chunks,
        verdict=verdict,
        reason=reason,
        cause=cause,
        kinds=list(scenario.expect.kinds),
        expected=scenario.expect.delivered[:_KEPT],
        again=_again(case, plan),
    )


def _again(case: Case, plan: Plan) -> str:
    words = ["chatgptfree-mock", "crashtest", "--scenario", case.entry.name]
    pack = registry.base_name(plan.pack)  # releases and templates of a project are found by themselves
    if pack != DEFAULT_PACK:
        words += ["--pack", pack]
    for file in plan.release_files:
        words += ["--releases", file]
    for folder in plan.templates:
        words += ["--templates", folder]
    if plan.strict_release:
        words += ["--strict-release"]
    for folder in plan.folders:
        words += ["--scenarios", os.path.relpath(folder, plan.here)]
    if not case.own_release:
        words += ["--plugin", case.plugin]
    if case.chunks != case.entry.scenario.delivery.chunks:
        words += ["--chunks", case.chunks]
    if plan.intercept:
        default = tuple(plan.intercept) == registry.load(plan.pack).hosts
        words += ["--intercept"] if default else ["--intercept", ",".join(plan.intercept)]
    if plan.pace != INSTANT:
        words += ["--pace", plan.pace]
    if plan.timeout is not None:
        words += ["--timeout", f"{plan.timeout:g}"]
    if plan.callable is not None:
        return shlex.join([*words, "--callable", plan.callable])
    return shlex.join([*words, "--", *plan.command])
