"""Since when a client fails: from results on many releases to one sentence."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.support.crashtest import open_case_server, plan, planned

from chatgptfree_mock.crashtest.scenarios import runner
from chatgptfree_mock.crashtest.scenarios.regressions import turning_points
from chatgptfree_mock.crashtest.scenarios.results import Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict

R, S, C = Verdict.RIGHT, Verdict.SILENT_LOSS, Verdict.CRASH
RELEASES = ("1.8.89", "1.8.90", "1.8.91", "1.8.92", "1.8.93")

# It knows a refused nonce only as the 200 JSON of old, and never looks at the status.
NAIVE = """
import json, re, sys, urllib.error, urllib.parse, urllib.request
url, message = sys.argv[1:]
def ask():
    page = urllib.request.urlopen(url).read().decode()
    nonce = re.search(r'data-nonce="(.*?)"', page)[1]
    form = {"action": "wpaicg_chat_shortcode_message", "_wpnonce": nonce, "message": message, "bot_id": "0"}
    try:
        return urllib.request.urlopen(url + "wp-admin/admin-ajax.php", urllib.parse.urlencode(form).encode()).read()
    except urllib.error.HTTPError as refused:
        return refused.read()
answer = ask()
if answer.startswith(b"{") and json.loads(answer).get("status") == "error":
    answer = ask()
for line in answer.decode().splitlines():
    if line.startswith("data: {"):
        text = json.loads(line[6:])["choices"][0]["delta"].get("content", "")
        sys.stdout.buffer.write(text.encode())
"""


def results(*verdicts: Verdict, scenario: str = "nonce/x", chunks: str = "bytes") -> list[Result]:
    return [
        Result(scenario=scenario, title="", plugin=plugin, chunks=chunks, verdict=verdict, reason="")
        for plugin, verdict in zip(RELEASES, verdicts, strict=False)
    ]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        pytest.param((R, R, R), [], id="always right"),
        pytest.param((R, R, S, S), [(S, "1.8.90", "1.8.91", None)], id="right, then never again"),
        pytest.param((R, S, S, R), [(S, "1.8.89", "1.8.90", "1.8.91")], id="wrong for a while"),
        pytest.param((S, S, S), [(S, None, "1.8.89", None)], id="never right"),
        pytest.param((S, R, R), [(S, None, "1.8.89", "1.8.89")], id="right only later"),
        pytest.param(
            (R, S, R, C, C), [(S, "1.8.89", "1.8.90", "1.8.90"), (C, "1.8.91", "1.8.92", None)], id="several turns"
        ),
        pytest.param(
            (R, S, C, R), [(S, "1.8.89", "1.8.90", "1.8.90"), (C, None, "1.8.91", "1.8.91")], id="wrong in another way"
        ),
    ],
)
def test_turning_points(
    verdicts: tuple[Verdict, ...], expected: list[tuple[Verdict, str | None, str, str | None]]
) -> None:
    found = turning_points(results(*verdicts))
    assert [(point.verdict, point.right_up_to, point.since, point.until) for point in found] == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((S, S), ["silent loss on all releases asked"]),
        ((S, R), ["silent loss on 1.8.89"]),
        ((S, S, C), ["silent loss from 1.8.89 to 1.8.90", "crash since 1.8.91"]),
        ((R, S, S, R), ["right up to 1.8.89; silent loss from 1.8.90 to 1.8.91"]),
    ],
)
def test_a_turning_point_names_its_releases(verdicts: tuple[Verdict, ...], expected: list[str]) -> None:
    assert [point.summary for point in turning_points(results(*verdicts))] == expected


def test_order_comes_from_the_releases_and_scenarios_are_kept_apart() -> None:
    mixed = [*results(R, R, S)[::-1], *results(R, S, R, scenario="nonce/y"), *results(S, S, chunks="whole")]
    assert [(point.scenario, point.chunks, point.since) for point in turning_points(mixed)] == [
        ("nonce/x", "bytes", "1.8.91"),
        ("nonce/x", "whole", "1.8.89"),
        ("nonce/y", "bytes", "1.8.90"),
    ]


def test_with_one_release_alone_no_turning_point_is_reported() -> None:
    assert turning_points([*results(S), *results(S, S, scenario="nonce/y")[1:]]) == []


def test_releases_that_were_not_tried_are_not_turning_points() -> None:
    tried = [result for result in results(R, R, R, S, S) if result.plugin in ("1.8.89", "1.8.93")]
    (point,) = turning_points(tried)
    assert (point.right_up_to, point.since) == ("1.8.89", "1.8.93")
    assert any(change.startswith("A refused nonce gets 403") for change in point.changes)


def test_many_changes_are_listed_in_part_with_the_command_for_the_rest() -> None:
    first, last = results(R, S)
    last = Result(scenario="nonce/x", title="", plugin="2.3", chunks="bytes", verdict=C, reason="")
    (point,) = turning_points([first, last])
    assert str(point).endswith("more (chatgptfree-mock releases 1.8.89 2.3)")
    assert ".;" not in str(point)


def test_for_a_client_right_up_to_1_8_90_the_changes_of_1_8_91_are_listed(tmp_path: Path) -> None:
    (tmp_path / "naive.py").write_text(NAIVE, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "naive.py"), "{url}", "{message}"]
    asked = plan(["nonce/expired-403"], plugins=">=1.8.88,<=1.8.93", command=command)
    with open_case_server() as server:
        found = [runner.run(case, asked, server, None) for case in planned(asked)]
    (point,) = turning_points(found)
    assert str(point).startswith(
        "nonce/expired-403 (utf8): right up to 1.8.90; silent loss since 1.8.91: "
        'A refused nonce gets 403 and the HTML text "The link you followed has expired."'
    )
