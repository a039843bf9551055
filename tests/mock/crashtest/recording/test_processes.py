"""Clients that are processes: what they are given, what is lost by a loop of curl and awk, and how they are ended."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.support import tapes

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.recording import judged_run, session
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.verdict import VariantJudgement, VariantVerdict, judge_variant

ASK = 'curl -sN "$CRASHTEST_URL/chat/completions" -d "{}"'
AWK = r"""awk -F'"content": "' '/^data: \{/ && NF > 1 { sub(/".*/, "", $2); printf "%s", $2 }'"""


@pytest.fixture
def tape(tmp_path: Path) -> str:
    return str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))


def test_values_are_put_into_arguments_and_never_into_each_other(tape: str, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    message = "{url} {message} $(date) \"é'"
    shown = f'{ASK} >/dev/null; printf "%s|%s|%s" "$1" "$2" "$CRASHTEST_MESSAGE"'
    words = [
        "--cassette",
        tape,
        "--base",
        "/v1",
        "--message",
        message,
        "--variant",
        "chunks/bytes",
        "--json",
        str(card),
    ]
    assert run(["crashtest", *words, "--", "sh", "-c", shown, "x", "a{message}b", "c{url}d"]) == 0
    # The stand-in for the real address ends with the path that --base names.
    assert json.loads(card.read_bytes())["truth"] == f"a{message}b|c{{url}}/v1d|{message}"


def test_a_loop_of_curl_and_awk_loses_in_silence(tape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = tmp_path / "card.json"
    names = ("chunks/bytes", "events/no-space", "cut/chunked-half", "cut/before-the-head", "status/429", "status/500")
    variants = [word for name in names for word in ("--variant", name)]
    words = ["--cassette", tape, "--base", "/v1", *variants, "--json", str(card)]
    assert run(["crashtest", *words, "--", "sh", "-c", f"{ASK} | {AWK}"]) == 1
    found = {one["variant"]: one["verdict"] for one in json.loads(card.read_bytes())["results"]}
    assert found == {name: "right" if name == "chunks/bytes" else "silent loss" for name in names}
    printed = capsys.readouterr().out
    assert "loses silently       5 variants: events (1), cut (2), status (2)" in printed
    assert "failures reported: 0 of 4" in printed


def test_a_client_that_never_asks_shows_its_last_lines(tape: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["crashtest", "--cassette", tape, "--", "sh", "-c", "echo a >&2; echo no such host >&2; exit 3"]
    assert run(words) == 2
    printed = capsys.readouterr().err
    assert printed == (
        "chatgptfree-mock: never asked: the client made no request to {url}; if its address is fixed, "
        "--intercept answers under the site's own name\nstderr ends with:\n  a\n  no such host\n"
    )


def test_ctrl_c_keeps_what_was_done_and_leaves_no_client(tape: str, tmp_path: Path) -> None:
    card, held = tmp_path / "card.json", tmp_path / "held"
    os.mkfifo(held)
    # The third run, of the first variant, waits at a pipe that this test opens; after that it waits for its end.
    client = (
        f'echo >> {tmp_path}/runs; {ASK}; if [ "$(wc -l < {tmp_path}/runs)" = 4 ]; then echo $$ > {held}; sleep 600; fi'
    )
    words = [
        "--cassette",
        tape,
        "--base",
        "/v1",
        "--variant",
        "chunks/*",
        "--json",
        str(card),
        "--",
        "sh",
        "-c",
        client,
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "chatgptfree_mock", "crashtest", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    waiting = int(held.read_text())
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    found = json.loads(card.read_bytes())
    assert found["interrupted"]
    assert [one["verdict"] for one in found["results"]] == ["right"]
    with pytest.raises(ProcessLookupError):
        os.kill(waiting, 0)


def test_a_client_that_max_failures_ends_is_not_unstable(tape: str, tmp_path: Path) -> None:
    card, held, seen = tmp_path / "card.json", tmp_path / "held", tmp_path / "seen"
    os.mkfifo(held)
    # The failed equivalent is repeated beside an undisturbed run; the failure that ends all is found while that runs.
    client = f"""
        echo >> {tmp_path}/runs; {ASK} > {seen}$$
        if ! grep -q "data: " {seen}$$; then exit 0; fi
        if ! grep -q DONE {seen}$$; then read line < {held}; exit 0; fi
        if [ "$(wc -l < {tmp_path}/runs)" -gt 2 ]; then echo go > {held}; sleep 600; fi
        {AWK} {seen}$$
    """
    words = ["--cassette", tape, "--base", "/v1", "--variant", "events/no-space", "--variant", "cut/chunked-half"]
    # Three at once, so that the client that waits runs beside both undisturbed runs.
    words += ["-n", "3", "--max-failures", "1", "--json", str(card), "--timeout", "600"]
    assert run(["crashtest", *words, "--", "sh", "-c", client]) == 1
    found = json.loads(card.read_bytes())
    assert (found["problem"], [one["variant"] for one in found["results"]]) == ("", ["cut/chunked-half"])


def test_a_verdict_is_shown_while_a_later_client_runs(tape: str, tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    # The fourth run, of the second variant, waits at a pipe that this test opens when it has read the first verdict.
    client = f'echo >> {tmp_path}/runs; {ASK}; if [ "$(wc -l < {tmp_path}/runs)" = 4 ]; then read line < {held}; fi'
    words = ["--cassette", tape, "--base", "/v1", "--variant", "status/500", "--variant", "status/502-html"]
    process = subprocess.Popen(
        [sys.executable, "-m", "chatgptfree_mock", "crashtest", *words, "--timeout", "600", "--", "sh", "-c", client],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as shown:
        line = next(each for each in shown if not each.startswith("no verdict yet"))
        assert line.startswith("disguised error: status/")
        held.write_text("go on\n")
    assert process.wait() == 1


def test_the_next_client_starts_while_another_is_judged_and_never_more_than_allowed(
    tape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, running, lock = itertools.count(1), set[int](), threading.Lock()
    most, both_run = [0], threading.Event()
    two = threading.Barrier(2, both_run.set)

    def client(url: str, message: str) -> str:
        number = next(begun)
        with lock:
            running.add(number)
            most[0] = max(most[0], len(running))
        answer = urllib.request.urlopen(f"{url}/v1/chat/completions", b"{}").read()
        if number in (4, 5):
            two.wait(60)  # the third, the first with a variant, has ended and is being judged
        with lock:
            running.discard(number)
        return "the answer" if answer else ""

    def judge_late(*given: Any, **more: Any) -> VariantJudgement:
        assert both_run.wait(60)
        return judge_variant(*given, **more)

    monkeypatch.setattr(judged_run, "judge_variant", judge_late)
    plan = RecordingPlan(sources=(tape,), callable="x:y", globs=("chunks/*",), jobs=2, here=Path.cwd())
    with Interruption() as interruption:
        card = session.run(
            plan, load_played_recording([tape]), client, interruption=interruption, report=lambda *_: None
        )
    assert {result.verdict for result in card.results} == {VariantVerdict.RIGHT}
    assert most == [2]


def test_the_last_undisturbed_run_does_not_wait_for_the_last_variant(tape: str) -> None:
    begun, two = itertools.count(1), threading.Barrier(2)

    def client(url: str, message: str) -> str:
        answer = urllib.request.urlopen(f"{url}/v1/chat/completions", b"{}").read()
        if next(begun) > 2:  # the variant and the run behind it
            two.wait(60)
        return "the answer" if answer else ""

    plan = RecordingPlan(sources=(tape,), callable="x:y", globs=("chunks/bytes",), jobs=2, here=Path.cwd())
    with Interruption() as interruption:
        card = session.run(
            plan, load_played_recording([tape]), client, interruption=interruption, report=lambda *_: None
        )
    assert (card.problem, [result.verdict for result in card.results]) == ("", [VariantVerdict.RIGHT])
    assert next(begun) == 5


def test_each_result_is_reported_before_the_next_client_ends(tape: str) -> None:
    reported: list[str] = []
    seen_by_clients: list[list[str]] = []

    def client(url: str, message: str) -> str:
        seen_by_clients.append(list(reported))
        return "the answer" if urllib.request.urlopen(f"{url}/v1/chat/completions", b"{}").read() else ""

    recording = load_played_recording([tape])
    plan = RecordingPlan(sources=(tape,), callable="x:y", globs=("chunks/bytes", "chunks/halves"), here=Path.cwd())
    with Interruption() as interruption:
        session.run(
            plan,
            recording,
            client,
            interruption=interruption,
            report=lambda result, total: reported.append(f"{result.variant} of {total}"),
        )
    first, second = reported
    assert seen_by_clients == [[], [], [], [first], [first, second]]
    assert {first, second} == {"chunks/bytes of 2", "chunks/halves of 2"}
