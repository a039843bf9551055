"""Each rule of a crash test from a recording, with a client that breaks it or lives by it."""

from __future__ import annotations

import json
import re
import sys
import threading
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from tests.support import tape_clients, tapes
from tests.support.time_limits import end_limits, open_stalls

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.recording import judged_run
from chatgptfree_mock.crashtest.recording.results import VariantResult
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict


class CrashTest:
    """Runs clients on one recording and keeps what was printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.tape = tapes.write(folder / "tape.yaml", tapes.COMPLETION)
        self.folder, self._capsys = folder, capsys
        self.code, self.out, self.err = 0, "", ""
        self.card: dict[str, Any] = {}

    def __call__(self, client: str, *options: str, tape: Path | None = None) -> dict[str, str]:
        """Run *client* and return the verdict of each variant."""
        card = self.folder / "card.json"
        # On a busy machine a client may take long without hanging.
        patience = [] if {"--timeout", "--stall"} & {*options} else ["--timeout", "60"]
        base = [] if "--base" in options else ["--base", "/v1"]
        words = ["--cassette", str(tape or self.tape), "--json", str(card), *base, *options, *patience]
        self.code = run(["crashtest", *words, "--callable", f"tests.support.tape_clients:{client}"])
        self.out, self.err = self._capsys.readouterr()
        self.card = json.loads(card.read_bytes()) if card.exists() else {}
        return {one["variant"]: one["verdict"] for one in self.card.get("results", [])}

    def reason(self, variant: str) -> str:
        return next(str(one["reason"]) for one in self.card["results"] if one["variant"] == variant)


@pytest.fixture
def crash_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CrashTest:
    return CrashTest(tmp_path, capsys)


def only(*names: str) -> list[str]:
    return [word for name in names for word in ("--variant", name)]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (
            "usual",
            {
                "chunks/bytes": "right",
                "coding/gzip": "not offered",
                "events/no-space": "crash",
                "cut/chunked-half": "right",
                "cut/length-last-byte": "whole",
            },
        ),
        (
            "careless",
            {
                "events/no-space": "silent loss",
                "cut/chunked-half": "silent loss",
                "cut/ended-half": "silent loss",
                "status/429": "silent loss",
                "status/500": "silent loss",
            },
        ),
        ("gappy", {"json/cut-in-an-event": "silent loss"}),
        ("disguising", {"status/500": "disguised error", "status/502-html": "disguised error"}),
        (
            "retrying",
            {"cut/before-the-head/once": "recovered", "status/500": "right", "status/429/once": "recovered"},
        ),
        ("retrying_aloud", {"cut/half-the-body/once": "wrong"}),
        ("storming", {"status/500": "storm"}),
    ],
)
def test_what_is_made_of_a_variant(client: str, expected: dict[str, str], crash_test: CrashTest) -> None:
    assert crash_test(client, *only(*expected)) == expected
    uncounted = {"right", "recovered", "whole", "not offered"}
    assert crash_test.code == (0 if set(expected.values()) <= uncounted else 1)


def test_the_page_is_varied_where_the_answer_needs_it(crash_test: CrashTest) -> None:
    page = tapes.write(crash_test.folder / "page.yaml", tapes.PAGE, tapes.PAGE_ANSWER)
    names = ("page/chunks/bytes", "page/cut/chunked-half", "page/status/500", "page/status/429/once")
    found = crash_test("page_reader", *only(*names), "--base", "", tape=page)
    assert found == dict.fromkeys(names, "right")
    assert crash_test.card["truth"] == "Hello from the page é!"
    other = json.loads(json.dumps(tapes.PAGE_ANSWER).replace("a1b2c3d4e5", "f6f6f6f6f6"))
    unneeded = tapes.write(crash_test.folder / "unneeded.yaml", tapes.PAGE, other)
    crash_test("page_reader", *only("page/*"), "--base", "", tape=unneeded)
    assert (crash_test.code, "repeats no value of a page, so no page is varied" in crash_test.err) == (2, True)


def test_a_coding_is_offered_by_the_request_for_what_is_varied(crash_test: CrashTest) -> None:
    page = tapes.write(crash_test.folder / "page.yaml", tapes.PAGE, tapes.PAGE_ANSWER)
    found = crash_test("page_reader_of_gzip", *only("coding/gzip", "page/coding/gzip"), "--base", "", tape=page)
    assert found == {"coding/gzip": "right", "page/coding/gzip": "not offered"}


def test_a_gap_in_the_middle_is_named(crash_test: CrashTest) -> None:
    crash_test("gappy", *only("json/cut-in-an-event"))
    assert crash_test.reason("json/cut-in-an-event").startswith("something inside is missing (")


def test_a_failing_variant_shows_where_it_leaves_the_recording(crash_test: CrashTest) -> None:
    page = crash_test.folder / "report.html"
    crash_test("careless", *only("cut/chunked-half", "status/500", "chunks/bytes"), "--html", str(page))
    sent = {one["variant"]: one["exchanges"] for one in crash_test.card["results"]}
    assert sent["chunks/bytes"] == []  # it is right
    (cut,) = sent["cut/chunked-half"]
    ((what, byte),) = cut["faults"]  # in the head: it is sent in chunks, and was recorded with a length
    assert (cut["ended"], what, 0 < byte < sum(cut["chunks"])) == ("truncated", "not as recorded", True)
    (status,) = sent["status/500"]
    assert status["faults"] == [["not as recorded", len("HTTP/1.1 ")]]
    text = page.read_text(encoding="utf-8")
    assert f"truncated at byte {sum(cut['chunks'])}" in text
    assert "chatgptfree-mock crashtest --cassette" in text


def test_a_hang_is_ended_and_counts(crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    monkeypatch.setattr(tape_clients, "WAITING", waiting)
    end_limits(monkeypatch, lambda _: waiting.is_set())
    found = crash_test("hanging", *only("cut/chunked-half"))
    assert found == {"cut/chunked-half": "hang"}
    assert crash_test.reason("cut/chunked-half") == "nothing happened for 60 s, and it had not ended"


def test_a_stall_has_a_line_of_its_own_and_counts_only_with_a_limit(
    crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalled_at = open_stalls(monkeypatch)
    end_limits(monkeypatch, lambda url: (run := stalled_at(url)) is not None and run.plays > 0)
    assert crash_test("usual", *only("cut/stall")) == {"cut/stall": "hang"}
    assert crash_test.code == 0
    line = next(line for line in crash_test.out.splitlines() if line.startswith("cut/stall: "))
    assert re.fullmatch(r"cut/stall: hang: nothing happened for 60 s, and .* \(after \d+\.\d s\); in no figure", line)
    assert "failures reported: 0 of 0" in crash_test.out
    assert crash_test("usual", *only("cut/stall"), "--stall", "50") == {"cut/stall": "hang"}
    assert crash_test.code == 1
    assert "hang: 1 × nothing happened for 50 s, and it had not ended" in crash_test.out
    assert "    cut/stall\n" in crash_test.out
    assert "failures reported: 0 of 1" in crash_test.out


def test_the_limit_of_a_stall_begins_with_the_question(crash_test: CrashTest, tmp_path: Path) -> None:
    # Three clients begin: two give the reference output; the third has no second in which to start.
    slow = 'import sys, urllib.request as r; print(r.urlopen(sys.argv[1] + "/chat/completions", b"{}").read())'
    words = ["crashtest", "--cassette", str(crash_test.tape), "--base", "/v1", "--json", str(tmp_path / "card.json")]
    words += [*only("cut/stall"), "--timeout", "60", "--stall", "0.001", "--", sys.executable, "-c", slow, "{url}"]
    assert run(words) == 1
    (found,) = json.loads((tmp_path / "card.json").read_bytes())["results"]
    assert found["verdict"] == "hang"
    assert found["reason"].startswith("nothing happened for 0.001 s, and it had not ended")


def test_a_client_that_fails_on_an_empty_stream_is_told_that_it_is_empty(crash_test: CrashTest) -> None:
    request = tapes.COMPLETION["request"]
    empty = tapes.exchange("POST", request["uri"], "", sent=request["body"], kind="text/event-stream")
    crash_test("usual", tape=tapes.write(crash_test.folder / "empty.yaml", empty))
    assert crash_test.code == 2
    assert "does not work on the recording: " in crash_test.err
    assert f"; the recorded answer #1 POST {request['uri']} is empty: record one with text" in crash_test.err


def test_a_client_that_is_ended_before_its_first_request_may_be_slow_to_start(
    crash_test: CrashTest, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["crashtest", "--cassette", str(crash_test.tape), *only("status/500"), "--timeout", "0.01"]
    problem = "never asked: it was ended after 0.01 s, before its first request; --timeout SECONDS waits longer for a"
    assert run([*words, "--", "sleep", "600"]) == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    ("client", "problem"),
    [
        ("counting", "unstable: two runs of the undisturbed replay differ at character "),
        ("silent", "does not work on the recording: it printed nothing"),
        ("broken", "does not work on the recording: exit code 1\nstderr ends with:\n  RuntimeError: I am broken"),
        ("idle", "never asked: the client made no request to {url}"),
        ("asking_elsewhere", "never asked: the client made no request for the answer, only GET /v1/models"),
        (
            "needing_models",
            "does not work on the recording: exit code 1; it asked for GET /v1/models, which the recording ",
        ),
    ],
)
def test_without_a_reference_output_nothing_is_judged(client: str, problem: str, crash_test: CrashTest) -> None:
    assert crash_test(client, *only("chunks/bytes")) == {}
    assert crash_test.code == 2
    assert crash_test.err.startswith(f"chatgptfree-mock: {problem}")
    assert crash_test.card["problem"].startswith(problem)


def test_a_mask_leaves_out_what_changes(crash_test: CrashTest) -> None:
    assert crash_test("counting", *only("chunks/bytes"), "--mask", r"run \d+") == {"chunks/bytes": "right"}
    assert crash_test.code == 0


def test_a_client_that_changes_after_the_reference_output_is_unstable(
    crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, runs = tape_clients.usual, iter(range(99))
    # The reference output takes two runs; the third is the equivalent, and right; the fourth is undisturbed again.
    monkeypatch.setattr(
        tape_clients, "usual", lambda url, message: usual(url, message) + ("!" if next(runs) > 2 else "")
    )
    crash_test("usual", *only("chunks/bytes"))
    assert (crash_test.code, crash_test.card["problem"][:8]) == (2, "unstable")


def test_a_failed_equivalent_that_is_right_the_second_time_is_unstable(
    crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, runs = tape_clients.usual, iter(range(99))
    monkeypatch.setattr(tape_clients, "usual", lambda url, message: usual(url, message)[3 * (next(runs) == 2) :])
    crash_test("usual", *only("chunks/bytes"))
    assert crash_test.code == 2
    assert "unstable: two runs of chunks/bytes were judged differently: silent loss (" in crash_test.err


@pytest.mark.parametrize(
    ("hangs_at", "problem"),
    [
        pytest.param(2, "unstable: two runs of chunks/bytes were judged differently: never asked (", id="a variant"),
        pytest.param(
            3, "unstable: in a run of the undisturbed replay nothing happened for 60 s", id="the reference output"
        ),
    ],
)
def test_a_client_that_is_slow_at_times_is_unstable_and_the_time_limit_is_named(
    hangs_at: int, problem: str, crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, runs, held = tape_clients.usual, iter(range(99)), threading.Event()
    waiting = threading.Event()

    def at_times(url: str, message: str) -> str:
        if next(runs) != hangs_at:
            return usual(url, message)
        waiting.set()
        return str(held.wait())

    def is_over(_: str) -> bool:
        over = waiting.is_set()
        waiting.clear()
        return over

    monkeypatch.setattr(tape_clients, "usual", at_times)
    end_limits(monkeypatch, is_over)
    crash_test("usual", *only("chunks/bytes"))
    held.set()
    assert crash_test.code == 2
    assert problem in crash_test.err
    assert "--timeout SECONDS waits longer" in crash_test.err


def test_a_client_that_prints_the_wire_is_not_held_to_another_wire(crash_test: CrashTest) -> None:
    found = crash_test("wire", *only("events/*", "json/*", "chunks/bytes", "chunks/bytes+events/crlf"))
    assert found == {"chunks/bytes": "right"}
    assert "left out, the client prints the lines of the body as they come: " in crash_test.out


def test_the_reference_output_and_the_message_are_printed_first_with_what_else_it_could_be(
    crash_test: CrashTest,
) -> None:
    two = json.loads(json.dumps(tapes.COMPLETION))
    two["request"]["body"] = json.dumps(
        {"prompt": "Another?", "messages": [{"role": "user", "content": "Who are you?"}]}
    )
    tape = tapes.write(crash_test.folder / "two.yaml", two)
    crash_test("usual", *only("chunks/bytes"), tape=tape)
    head = crash_test.out.splitlines()[:3]
    assert head[1].startswith("message              'Who are you?' (POST /v1/chat/completions, messages[0].content)")
    assert head[1].endswith("; not taken: 'Another?' (POST /v1/chat/completions, prompt)")
    assert head[2] == "reference output     'Hello there, I am a robot é👋. And you?'"


def test_a_body_that_differs_from_the_recording_is_a_remark(crash_test: CrashTest) -> None:
    assert crash_test("echoing", *only("chunks/bytes"), "--message", "{url} and {message}")["chunks/bytes"] == "right"
    assert "differs from the recording: POST /v1/chat/completions: $.messages[0]." in crash_test.out
    assert crash_test.card["truth"].startswith("{url} and {message}: Hello")


def test_the_same_verdict_in_a_family_is_one_group_with_one_command(crash_test: CrashTest) -> None:
    crash_test("careless", *only("cut/chunked-*"), "--end-mark", "[DONE]")
    lines = crash_test.out.splitlines()
    found = [place for place, line in enumerate(lines) if line.startswith("silent loss: ")]
    assert [lines[place].partition(" × ")[2] for place in found] == [
        "nothing was printed, and the exit code is 0",
    ]
    assert lines[found[0] + 1] == "             16 × the end is missing, and the exit code is 0"
    assert lines[found[0] + 2].startswith("    cut/chunked-no-body, ")
    assert lines[found[0] + 3] == (
        f"    again: chatgptfree-mock crashtest --cassette {crash_test.tape} --variant cut/chunked-no-body --base /v1"
        " --end-mark '[DONE]' --timeout 60 --callable tests.support.tape_clients:careless"
    )
    assert any(line.startswith("loses silently ") and "cut (" in line for line in lines[:6])


def test_a_combination_is_in_the_family_of_its_spelling(crash_test: CrashTest) -> None:
    crash_test("careless", *only("chunks/bytes", "chunks/bytes+events/no-space", "events/no-space"))
    lines = crash_test.out.splitlines()
    assert "    chunks/bytes+events/no-space, events/no-space" in lines
    assert "survives             all that ran of chunks (1)" in lines


@pytest.mark.parametrize(
    ("variant", "family"),
    [
        ("chunks/bytes", "chunks"),
        ("coding/gzip+json/ascii", "json"),
        ("page/cut/half", "page"),
        ("page/chunks/bytes+json/ascii", "page"),
    ],
)
def test_the_family_of_a_variant(variant: str, family: str) -> None:
    result = VariantResult(
        variant=variant, kind="equivalent", grade=1, source="", verdict=VariantVerdict.RIGHT, reason=""
    )
    assert result.group == family


def test_the_run_stops_after_a_number_of_failures_and_can_be_resumed(crash_test: CrashTest) -> None:
    found = crash_test("careless", *only("status/4*"), "--max-failures", "2", "--resume")
    assert f"--resume: there are no results in {crash_test.folder / 'card.json'} yet" in crash_test.err
    assert len(found) == 2
    assert "interrupted: 2 of " in crash_test.out
    assert crash_test.code == 1
    first = json.loads((crash_test.folder / "card.json").read_bytes())["results"]
    first[0]["reason"] = "as it was found before"
    kept = json.loads((crash_test.folder / "card.json").read_bytes()) | {"results": first}
    (crash_test.folder / "card.json").write_text(json.dumps(kept))
    found = crash_test("careless", *only("status/4*"), "--resume")
    assert len(found) == crash_test.card["planned"] > 5
    assert crash_test.reason(first[0]["variant"]) == "as it was found before"
    crash_test("usual", *only("status/4*"), "--resume")
    assert crash_test.code == 2
    assert "these results are of another client; leave out --resume to start over" in crash_test.err


def test_a_recording_with_another_page_before_the_same_answer_is_not_resumed(crash_test: CrashTest) -> None:
    crash_test("careless", *only("status/4*"), "--max-failures", "1")
    more = tapes.write(crash_test.folder / "more.yaml", tapes.PAGE, tapes.COMPLETION)
    crash_test("careless", *only("status/4*"), "--resume", tape=more)
    assert crash_test.code == 2
    assert "these results are of another recording; leave out --resume to start over" in crash_test.err


def test_a_baseline_fails_on_what_is_worse_only(crash_test: CrashTest) -> None:
    crash_test("careless", *only("status/500"))
    before = crash_test.folder / "before.json"
    before.write_bytes((crash_test.folder / "card.json").read_bytes())
    crash_test("careless", *only("status/500"), "--baseline", str(before))
    assert (crash_test.code, "0 worse than" in crash_test.out) == (0, True)
    crash_test("careless", *only("status/50*"), "--baseline", str(before))
    assert crash_test.code == 1
    all_of_them = len(crash_test.card["results"])
    before.write_bytes((crash_test.folder / "card.json").read_bytes())
    crash_test("careless", *only("status/500"), "--baseline", str(before))
    assert re.search(r"^before: .*failures reported: 0 of 1$", crash_test.out, re.MULTILINE)
    assert crash_test.out.endswith("\nfailures reported: 0 of 1\n")
    left_out = f"not compared: {all_of_them - 1} results of {before}, which were not run again"
    assert left_out in crash_test.out.replace("\n", " ")


def test_the_documents_hold_what_was_found(crash_test: CrashTest) -> None:
    xml, page = crash_test.folder / "junit.xml", crash_test.folder / "report.html"
    summary = ("--markdown", str(crash_test.folder / "summary.md"))
    crash_test(
        "careless",
        *only("status/500", "chunks/bytes", "coding/gzip"),
        "--junit",
        str(xml),
        "--html",
        str(page),
        *summary,
    )
    cases = {case.get("name"): [child.tag for child in case] for case in ET.parse(xml).iter("testcase")}
    assert cases == {"chunks/bytes": [], "coding/gzip": ["skipped"], "status/500": ["failure"]}
    text = page.read_text()
    assert "silent loss" in text
    assert "Hello there, I am a robot" in text
    assert "--variant status/500" in text
    markdown = (crash_test.folder / "summary.md").read_text()
    assert "| failures reported | 0 | 1 |" in markdown
    assert "`status/500`" in markdown
    assert "--variant status/500" in markdown


def test_several_at_once_find_the_same(crash_test: CrashTest) -> None:
    alone = crash_test("careless", *only("cut/*-half", "chunks/*"))
    assert crash_test("careless", *only("cut/*-half", "chunks/*"), "-n", "4") == alone


def test_a_run_with_another_reference_output_is_not_resumed(crash_test: CrashTest) -> None:
    before = crash_test("echoing", *only("status/500"))
    assert crash_test("echoing", *only("status/500"), "--resume", "--message", "Another?") == before
    assert crash_test.code == 2
    assert "the run to resume had another reference output; leave out --resume to start over" in crash_test.err


def test_a_run_that_would_lose_results_is_not_resumed(crash_test: CrashTest) -> None:
    before = crash_test("usual", *only("status/500", "status/404"))
    assert crash_test("usual", *only("status/500"), "--resume") == before
    assert crash_test.code == 2
    assert (
        "1 results of the run to resume are not of this one, such as status/404; give its --variant" in crash_test.err
    )


def test_with_a_pattern_only_what_it_matches_is_named_as_left_out(crash_test: CrashTest) -> None:
    crash_test("usual", *only("status/4*", "events/*"), "-v")
    families = {name.partition("/")[0] for name, _ in crash_test.card["left_out"]}
    assert families == {"events"}, crash_test.err


def test_an_option_that_changes_nothing_is_named(crash_test: CrashTest) -> None:
    crash_test("usual", *only("status/500"), "--all", "--stall", "3", "--mask", "robot", "--mask", "took [0-9]+ s")
    remarks = [line for line in crash_test.out.splitlines() if line.startswith("`--")]
    assert remarks == [
        "`--all` has no effect with --variant, which runs all variants of that name",
        "`--stall 3` has no effect: cut/stall was not run",
        "`--mask took [0-9]+ s` matches nothing in the reference output",
    ]


def test_settings_of_the_project_that_cannot_act_are_named(
    crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    (crash_test.folder / "pyproject.toml").write_text('[tool.chatgptfree_mock]\nchunks = "bytes"\n')
    monkeypatch.chdir(crash_test.folder)
    crash_test("usual", *only("status/500"))
    assert "`chunks` in [tool.chatgptfree_mock] has no effect with --cassette" in crash_test.out


def test_a_fault_of_the_crash_test_itself_is_never_a_shorter_report(
    crash_test: CrashTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise IndexError("a bug")

    monkeypatch.setattr(judged_run, "judge_variant", broken)
    with pytest.raises(IndexError, match="a bug"):
        crash_test("careless", *only("chunks/bytes"))
