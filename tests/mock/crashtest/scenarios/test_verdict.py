"""What a client did, and what that is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict, judge
from chatgptfree_mock.scenario.expectation import Expect

ANSWER = Expect(text="Hello 👋 world", pages=2, posts=2)
BROKEN = Expect(error="interrupted", partial="Hel")
SILENCE = Expect(error=["timeout", "interrupted"])
REFUSED = Expect(error=["refused", "upstream"], disguises=["You are not allowed"])


@for_each(
    ("expect", "seen", "verdict"),
    [
        pytest.param(ANSWER, Observed(status=0, stdout="Hello 👋 world"), Verdict.RIGHT, id="the exact text is right"),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello 👋 world\n"), Verdict.RIGHT, id="one line end is forgiven"
        ),
        pytest.param(ANSWER, Observed(status=0, stdout="Hello 👋 world\n\n"), Verdict.WRONG, id="two are not"),
        pytest.param(
            ANSWER, Observed(status=0, stdout=""), Verdict.SILENT_LOSS, id="nothing, exit 0, is a silent loss"
        ),
        pytest.param(ANSWER, Observed(status=0, stdout="\n"), Verdict.SILENT_LOSS, id="an empty line is nothing"),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello"), Verdict.SILENT_LOSS, id="half an answer is a silent loss"
        ),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello  world"), Verdict.SILENT_LOSS, id="a gap is a silent loss"
        ),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello ���� world"), Verdict.SILENT_LOSS, id="U+FFFD is a lost character"
        ),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello 👋 worldHello 👋 world"), Verdict.WRONG, id="twice is wrong"
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout='{"status":"error","msg":"Nonce verification failed"}'),
            Verdict.DISGUISED_ERROR,
            id="an error object as the answer is a disguised error",
        ),
        pytest.param(ANSWER, Observed(status=1, stdout="", stderr="no nonce"), Verdict.WRONG, id="giving up is wrong"),
        pytest.param(
            ANSWER,
            Observed(status=1, stdout="", stderr="Traceback (most recent call last):\n  File"),
            Verdict.CRASH,
            id="a Python traceback is a crash",
        ),
        pytest.param(
            ANSWER,
            Observed(status=1, stdout="", stderr="TypeError: x\n    at main (file:///c.mjs:3:9)\n"),
            Verdict.CRASH,
            id="a Node stack is a crash",
        ),
        pytest.param(ANSWER, Observed(status=-11, stdout=""), Verdict.CRASH, id="killed by a signal is a crash"),
        pytest.param(ANSWER, Observed(status=-9, stdout="", timed_out=True), Verdict.HANG, id="no end is a hang"),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello 👋 world", posts=3), Verdict.STORM, id="too many posts are a storm"
        ),
        pytest.param(
            ANSWER, Observed(status=0, stdout="Hello 👋 world", pages=3), Verdict.STORM, id="too many pages are a storm"
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout="Hello 👋 world", streams=3),
            Verdict.STORM,
            id="too many requests for the stream are a storm",
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout="Hello 👋 world", pages=1, posts=1, streams=2),
            Verdict.RIGHT,
            id="a stream for each message is no storm",
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout="Hello \ufffd world", binary=True),
            Verdict.WRONG,
            id="bytes that are no text are wrong",
        ),
        pytest.param(
            Expect(text="Hello \ufffd"),
            Observed(status=0, stdout="Hello \ufffd", binary=True),
            Verdict.WRONG,
            id="bytes that are no text are no U+FFFD",
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout="Hello 👋 world", requests=0),
            Verdict.NEVER_ASKED,
            id="the right answer without a request was never asked for",
        ),
        pytest.param(
            REFUSED,
            Observed(status=2, stdout="", requests=0),
            Verdict.NEVER_ASKED,
            id="an exit at once reports nothing",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", timed_out=True, requests=0),
            Verdict.NEVER_ASKED,
            id="no request and no end",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", pages=1, requests=1, good_page=True),
            Verdict.NEVER_ASKED,
            id="giving up behind a good page reports nothing",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", pages=1, posts=1, requests=2, good_page=True),
            Verdict.NEVER_ASKED,
            id="a request of the chat without the message reports nothing either",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", requests=2),
            Verdict.NEVER_ASKED,
            id="requests for neither the page nor an answer report nothing",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", requests=2, forbidden="the certificate is another one's"),
            Verdict.RIGHT,
            id="a handshake is all that a wrong certificate allows",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", pages=1, requests=1),
            Verdict.RIGHT,
            id="giving up behind a bad page is a report",
        ),
        pytest.param(
            REFUSED,
            Observed(status=1, stdout="", pages=1, posts=1, sent=True, requests=2, good_page=True),
            Verdict.RIGHT,
            id="giving up behind a refusal is a report",
        ),
        pytest.param(
            Expect(error=["page", "upstream"]),
            Observed(status=1, stdout="", pages=1, requests=1, good_page=True),
            Verdict.RIGHT,
            id="where the page is at fault, nothing has to be sent",
        ),
        pytest.param(
            SILENCE,
            Observed(status=-9, stdout="", timed_out=True, requests=1),
            Verdict.HANG,
            id="no time-out is a hang",
        ),
        pytest.param(
            SILENCE,
            Observed(status=-9, stdout="", timed_out=True, requests=1, untimed=True),
            Verdict.NOT_APPLICABLE,
            id="no time-out where none was asked for",
        ),
        pytest.param(
            BROKEN,
            Observed(status=-9, stdout="", timed_out=True, requests=1, untimed=True),
            Verdict.HANG,
            id="without a time-out, no end is a hang where the site did not fall silent",
        ),
        pytest.param(
            ANSWER,
            Observed(status=0, stdout="x", too_much_output=True),
            Verdict.WRONG,
            id="gigabytes of output are wrong",
        ),
        pytest.param(
            BROKEN, Observed(status=1, stdout="Hel"), Verdict.RIGHT, id="the partial text and an error are right"
        ),
        pytest.param(
            BROKEN, Observed(status=1, stdout=""), Verdict.WRONG, id="an error without the partial text is wrong"
        ),
        pytest.param(BROKEN, Observed(status=0, stdout="Hel"), Verdict.SILENT_LOSS, id="half an answer as a whole one"),
        pytest.param(
            BROKEN, Observed(status=1, stdout="Hel", kind="interrupted"), Verdict.RIGHT, id="the right kind of error"
        ),
        pytest.param(BROKEN, Observed(status=1, stdout="Hel", kind="nonce"), Verdict.WRONG, id="another kind of error"),
        pytest.param(
            REFUSED,
            Observed(status=0, stdout="You are not allowed to access this feature."),
            Verdict.DISGUISED_ERROR,
            id="the refusal as the answer is a disguised error",
        ),
        pytest.param(
            REFUSED, Observed(status=0, stdout="banana"), Verdict.DISGUISED_ERROR, id="no text can be an answer"
        ),
        pytest.param(
            REFUSED, Observed(status=0, stdout=""), Verdict.SILENT_LOSS, id="an error swallowed is a silent loss"
        ),
        pytest.param(REFUSED, Observed(status=3, stdout=""), Verdict.RIGHT, id="any exit code but 0 reports an error"),
        pytest.param(
            REFUSED, Observed(status=1, stdout="oops"), Verdict.WRONG, id="text where none was to come is wrong"
        ),
    ],
)
def test_verdicts(expect: Expect, seen: Observed, verdict: Verdict) -> None:
    assert judge(expect, seen).verdict is verdict


@pytest.mark.parametrize(
    ("seen", "note"),
    [
        pytest.param(Observed(status=1, stdout="Hel", stderr="it failed"), "", id="a sentence"),
        pytest.param(
            Observed(status=1, stdout="Hel", stderr="Traceback (most recent call last):\n  File\nKeyError: 'data'\n"),
            "it crashed with a traceback, KeyError: the error was reported by a crash",
            id="a traceback",
        ),
        pytest.param(
            Observed(status=-11, stdout="Hel"),
            "it was killed by SIGSEGV: the error was reported by a crash",
            id="a signal",
        ),
    ],
)
def test_an_error_reported_in_an_ugly_way_is_right_with_a_note(seen: Observed, note: str) -> None:
    found = judge(BROKEN, seen)
    assert (found.verdict, found.note) == (Verdict.RIGHT, note)


def test_a_traceback_with_exit_code_0_does_not_report_an_error() -> None:
    seen = Observed(status=0, stdout="Hel", stderr="Traceback (most recent call last):\n  File\nKeyError: 'data'\n")
    assert judge(BROKEN, seen).verdict is Verdict.SILENT_LOSS


def test_a_traceback_does_not_excuse_lost_text() -> None:
    seen = Observed(status=1, stdout="", stderr="Traceback (most recent call last):\n  File\nKeyError: 'data'\n")
    assert judge(BROKEN, seen).verdict is Verdict.WRONG


def test_the_time_limit_of_the_run_is_the_one_in_the_reason() -> None:
    assert "after 3 s" in judge(ANSWER, Observed(status=-9, stdout="", timed_out=True, seconds=3)).reason


@pytest.mark.parametrize(
    ("printed", "shown"),
    [("Bye\x1b[2J", r"'Bye\x1b[2J'"), (100 * "x", f"'{59 * 'x'}…'")],
    ids=["escaped", "clipped"],
)
def test_another_text_is_in_the_reason(printed: str, shown: str) -> None:
    found = judge(ANSWER, Observed(status=0, stdout=printed))
    assert (found.verdict, found.reason) == (Verdict.WRONG, f"it printed another text ({shown})")


def test_the_same_fault_has_the_same_cause_whatever_is_missing() -> None:
    half, most = (judge(ANSWER, Observed(status=0, stdout=text)) for text in ("Hello", "Hello 👋 wor"))
    assert half.cause == most.cause
    assert half.reason != most.reason


@given(
    expect=st.sampled_from([ANSWER, BROKEN, REFUSED, SILENCE]),
    status=st.integers(-64, 255),
    stdout=st.sampled_from(["", "Hel", "Hello 👋 world", "You are not allowed"]),
    stderr=st.sampled_from(["", "Traceback (most recent call last):\nKeyError: 1"]),
    timed_out=st.booleans(),
    binary=st.booleans(),
)
def test_nothing_is_right_that_never_asked(
    expect: Expect, status: int, stdout: str, stderr: str, *, timed_out: bool, binary: bool
) -> None:
    seen = Observed(status=status, stdout=stdout, stderr=stderr, timed_out=timed_out, binary=binary, requests=0)
    assert judge(expect, seen).verdict is Verdict.NEVER_ASKED


NODE = """node:internal/modules/cjs/loader:1210
  throw err;
  ^

Error: Cannot find module 'ask.mjs'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)
    at node:internal/main/run_main_module:28:49 {
  code: 'MODULE_NOT_FOUND'
}

Node.js v20.20.2
"""
"""What Node prints of an error that nobody catches: its version comes last."""


@pytest.mark.parametrize(
    ("stderr", "shown"),
    [
        (NODE, "; stderr has \"Error: Cannot find module 'ask.mjs'\""),
        ("one\nno such file\n", "; stderr has 'no such file'"),
        ("", ""),
    ],
)
def test_a_client_that_never_asked_is_shown_with_its_error(stderr: str, shown: str) -> None:
    found = judge(ANSWER, Observed(status=1, stdout="", stderr=stderr, requests=0))
    assert (found.verdict, found.detail) == (Verdict.NEVER_ASKED, f"exit code 1{shown}")


def test_an_error_without_a_name_of_its_own_is_named() -> None:
    found = judge(ANSWER, Observed(status=1, stdout="", stderr=NODE, requests=1))
    assert (found.cause, found.detail) == ("it crashed with a traceback, Error", "Error: Cannot find module 'ask.mjs'")


@pytest.mark.parametrize(
    ("stderr", "shown"),
    [
        ("HTTPError: HTTP Error 403: Forbidden", "HTTPError: HTTP Error 403: Forbidden"),
        ("one\nno nonce\n", "no nonce"),
        ("", "exit code 1"),
    ],
)
def test_who_gave_up_is_shown_with_its_last_words(stderr: str, shown: str) -> None:
    found = judge(ANSWER, Observed(status=1, stdout="", stderr=stderr))
    assert found.reason == f"it gave up although an answer was available ({shown})"


@pytest.mark.parametrize(
    ("requested", "words"),
    [
        (("GET //",), "only GET //; exit code 1"),
        (("GET //", "GET //"), "only GET //; exit code 1"),
        (("GET /a", "GET /b", "GET /c", "GET /d"), "only GET /a, GET /b, GET /c and others; exit code 1"),
    ],
)
def test_requests_for_something_else_are_named(requested: tuple[str, ...], words: str) -> None:
    found = judge(REFUSED, Observed(status=1, stdout="", requests=len(requested), requested=requested))
    assert (found.verdict, found.detail) == (Verdict.NEVER_ASKED, words)
