"""What a client did, and what that is called."""

from __future__ import annotations

import pytest

from chatgptfree_mock.crashtest.verdict import Observed, Verdict, judge
from chatgptfree_mock.scenario.model import Expect

ANSWER = Expect(text="Hello 👋 world", pages=2, posts=2)
BROKEN = Expect(error="interrupted", partial="Hel")
REFUSED = Expect(error=["refused", "upstream"], disguises=["You are not allowed"])


@pytest.mark.parametrize(
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
        pytest.param(REFUSED, Observed(status=3, stdout=""), Verdict.RIGHT, id="any exit code but 0 tells of an error"),
        pytest.param(
            REFUSED, Observed(status=1, stdout="oops"), Verdict.WRONG, id="text where none was to come is wrong"
        ),
    ],
)
def test_verdicts(expect: Expect, seen: Observed, verdict: Verdict) -> None:
    assert judge(expect, seen).verdict is verdict
