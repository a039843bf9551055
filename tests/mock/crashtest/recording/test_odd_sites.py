"""Recordings of sites that answer in unusual ways: a client that is right by construction raises no false alarm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import odd_sites, tapes
from tests.support.odd_sites import JSON, QUESTION, SITE, SSE, UNREAD, WORKING
from tests.support.time_limits import short_patience_at_stalls

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording

TRUTH = "".join(odd_sites.DELTAS)
UNCOUNTED = {"right", "recovered", "whole", "undetectable", "not offered"}
FEW = ["--variant", "chunks/*", "--variant", "cut/[!s]*", "--variant", "status/*"]
"""Without the stall, which only waits."""
SITES = {**WORKING, **UNREAD}


def crash_test(name: str, folder: Path, *options: str) -> dict[str, Any]:
    client, exchanges = SITES[name]
    tape, card = tapes.write(folder / "tape.yaml", *exchanges), folder / "card.json"
    words = ["--cassette", str(tape), "--grade", "1,2,3", "-n", "8", "--message", QUESTION, "--json", str(card)]
    code = run(["crashtest", *words, *options, "--callable", f"tests.support.odd_sites:{client.__name__}"])
    found: dict[str, Any] = json.loads(card.read_text())
    assert (code, found["problem"]) == (0, ""), found
    assert found["truth"] == TRUTH
    alarms = {each["variant"]: each["reason"] for each in found["results"] if each["verdict"] not in UNCOUNTED}
    assert not alarms
    return found


@pytest.mark.parametrize("name", SITES)
def test_no_false_alarm(name: str, tmp_path: Path) -> None:
    scores = crash_test(name, tmp_path, *FEW)["scores"]
    assert all(score["right"] == score["of"] > 10 for score in scores.values())


@pytest.mark.other_clients
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SITES)
def test_no_false_alarm_on_all_variants(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short_patience_at_stalls(monkeypatch)
    scores = crash_test(name, tmp_path, "--all")["scores"]
    assert all(score["right"] == score["of"] > 40 for score in scores.values())


@pytest.mark.parametrize("name", WORKING)
def test_the_message_is_found(name: str, tmp_path: Path) -> None:
    message = load_played_recording([tapes.write(tmp_path / "tape.yaml", *WORKING[name][1])]).message(None)
    assert message is not None
    assert message.value == QUESTION


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("answer by polling", "#3 GET https://odd.example.com/jobs/j-5f3a9c1e77"),
        ("answer behind a redirect", "#2 GET https://odd.example.com/answers/1"),
    ],
)
def test_the_answer_is_where_the_text_is(name: str, answer: str, tmp_path: Path) -> None:
    assert crash_test(name, tmp_path, "--variant", "cut/close-half")["answer"] == answer


JOB: dict[str, Any] = {"job": "j-5f3a9c1e77", "state": "queued"}


@pytest.mark.parametrize(
    ("asked", "path", "fetched", "answer"),
    [
        pytest.param(JOB, "/jobs/j-5f3a9c1e77", {"result": "Hello there"}, 1, id="the text of a job"),
        pytest.param(JOB, "/jobs/j-5f3a9c1e77", {"result": "42"}, 0, id="no text of several words"),
        pytest.param(JOB, "/jobs/others", {"result": "Hello there"}, 0, id="another job"),
        pytest.param(
            {**JOB, "answer": "Hello there"}, "/jobs/j-5f3a9c1e77", {"title": "A greeting to you"}, 0, id="a title"
        ),
    ],
)
def test_a_later_answer_is_that_of_a_job_only(
    asked: dict[str, Any], path: str, fetched: dict[str, Any], answer: int, tmp_path: Path
) -> None:
    exchanges = [
        tapes.exchange(
            "POST", f"{SITE}/jobs", json.dumps(asked), kind="application/json", sent='{"message": "Hi you"}'
        ),
        tapes.exchange("GET", SITE + path, json.dumps(fetched), kind="application/json"),
    ]
    assert load_played_recording([tapes.write(tmp_path / "tape.yaml", *exchanges)]).answer == answer


@pytest.mark.parametrize("name", UNREAD)
def test_a_format_that_is_not_read_is_named(name: str, tmp_path: Path) -> None:
    (remark,) = crash_test(name, tmp_path, "--variant", "cut/close-half", "--variant", "cut/chunked-half")["remarks"]
    media_type = UNREAD[name][1][0]["response"]["headers"]["Content-Type"][0]
    assert remark.startswith(f"the answer is {media_type}, whose contents are not read")


def test_a_stream_of_comments_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = tapes.exchange("POST", f"{SITE}/ask", ": ping\r\n\r\n: ping\r\n\r\n", kind=SSE)
    words = ["--cassette", str(tapes.write(tmp_path / "tape.yaml", tape)), "--", "true"]
    assert run(["crashtest", *words]) == 2
    assert "is not whole: it has comments alone, and no event with data (--anyway" in capsys.readouterr().err


def test_a_question_in_the_path_has_to_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uri = f"{SITE}/ask/Who%20are%20you%2C%20dear%20robot%3F"
    tape = tapes.write(tmp_path / "tape.yaml", tapes.exchange("GET", uri, json.dumps({"answer": TRUTH}), kind=JSON))
    words = [
        "crashtest",
        "--cassette",
        str(tape),
        "--variant",
        "cut/[!s]*",
        "--callable",
        "tests.support.odd_sites:in_path",
    ]
    assert run(words) == 2
    assert "none was found in the requests; give one with --message" in capsys.readouterr().out
    assert run([*words, "--message", QUESTION]) == 0
