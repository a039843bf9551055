"""One case tried: its scene is set, the client is run, what it did is judged."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from chatgptfree_mock.crashtest import command, function
from chatgptfree_mock.crashtest.plan import INSTANT, Case, Plan
from chatgptfree_mock.crashtest.results import Result
from chatgptfree_mock.crashtest.stage import Stage
from chatgptfree_mock.crashtest.verdict import Verdict, judge

_KEPT: Final = 4000


def run(case: Case, plan: Plan, stage: Stage, client: function.Client | None = None) -> Result:
    """Try *case* with *client*, or with the plan's command, and return what became of it."""
    scenario = case.scenario
    seconds = plan.seconds if plan.seconds is not None else scenario.expect.seconds
    expected = scenario.expect.delivered
    scene = stage.open(case)
    if client is not None:
        seen = function.run(client, scene.url, scenario.message, seconds=seconds, bot=scenario.bot)
    else:
        values = {
            "url": scene.url,
            "message": scenario.message,
            "timeout": f"{seconds / 2:g}",
            "bot": scenario.bot or "",
        }
        words = command.fill(plan.command, values)
        seen = command.run(words, seconds=seconds, expected_bytes=len(expected.encode()), folder=Path(plan.here))
    counts, exchanges = stage.end(scene)
    seen = replace(seen, pages=counts.pages, posts=counts.posts)
    expect = scenario.expect if case.own_release else msgspec.structs.replace(scenario.expect, pages=None, posts=None)
    found = judge(expect, seen)
    return Result(
        scenario=case.entry.name,
        title=scenario.title,
        plugin=case.plugin,
        chunks=case.chunks,
        verdict=found.verdict,
        reason=found.reason,
        expected=expected[:_KEPT],
        printed=_anywhere(seen.stdout[:_KEPT], scene.url),
        stderr=_anywhere(seen.stderr[-_KEPT:], scene.url),
        exchanges=exchanges if found.verdict is not Verdict.RIGHT else [],
        reproduce=_again(case, plan),
    )


def _anywhere(text: str, url: str) -> str:
    """Return *text* without the port of this run, so that two runs say the same."""
    return text.replace(url, "{url}").replace(urlsplit(url).netloc, "{host}")


def _again(case: Case, plan: Plan) -> str:
    words = ["chatgptfree-mock", "crashtest", "--scenario", case.entry.name]
    for folder in plan.folders[1:]:
        words += ["--scenarios", os.path.relpath(folder, plan.here)]
    if not case.own_release:
        words += ["--plugin", case.plugin]
    if case.chunks != case.entry.scenario.delivery.chunks:
        words += ["--chunks", case.chunks]
    if plan.pace != INSTANT:
        words += ["--pace", plan.pace]
    if plan.seconds is not None:
        words += ["--seconds", f"{plan.seconds:g}"]
    if plan.callable is not None:
        return shlex.join([*words, "--callable", plan.callable])
    return shlex.join([*words, "--", *plan.command])
