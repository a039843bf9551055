"""What a client made of a variant: a test for each rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.printed_text import is_part
from chatgptfree_mock.crashtest.recording.verdict import (
    Attempt,
    VariantVerdict,
    comparable,
    judge_variant,
)
from chatgptfree_mock.variants.rule import VariantKind

TRUTH = "Hello there, how are you?\n"
ERROR = '{"error":{"message":"The service could not answer (500).","type":"server_error","code":500}}'
TRACEBACK = 'Traceback (most recent call last):\n  File "x"\nValueError: no\n'


def attempt(printed: str, status: int = 0, *, plays: int = 1, requests: int = 2, **more: object) -> Attempt:
    seen = Observed(status=status, stdout=printed, seconds=10, **more)  # type: ignore[arg-type]
    return Attempt(seen=seen, plays=plays, requests=requests)


@for_each(
    ("found", "verdict"),
    [
        pytest.param(attempt(TRUTH), "right", id="the same text"),
        pytest.param(attempt("Hello there, how are you?"), "right", id="without the last line end"),
        pytest.param(attempt(TRUTH + " \n\t"), "right", id="more white space at the end"),
        pytest.param(attempt(" " + TRUTH), "wrong", id="white space at the beginning"),
        pytest.param(attempt(TRUTH, 1), "crash", id="the whole text, and an exit code"),
        pytest.param(attempt("", -9), "crash", id="a signal"),
        pytest.param(attempt("Hello", stderr=TRACEBACK, status=1), "crash", id="a traceback"),
        pytest.param(attempt("Hello there"), "silent loss", id="the end is missing"),
        pytest.param(attempt("Hello how are you?"), "silent loss", id="a gap in the middle"),
        pytest.param(attempt(""), "silent loss", id="nothing"),
        pytest.param(attempt(TRUTH + TRUTH), "wrong", id="twice"),
        pytest.param(attempt("Hello there, how are we?"), "wrong", id="another text"),
        pytest.param(attempt(TRUTH, timed_out=True), "hang", id="it does not end"),
        pytest.param(attempt(TRUTH, plays=11, requests=12), "storm", id="eleven requests"),
        pytest.param(attempt(TRUTH, plays=10, requests=12), "right", id="ten requests"),
        pytest.param(attempt(TRUTH, plays=0, requests=0), "never asked", id="no request"),
    ],
)
def test_an_equivalent_has_to_give_the_truth(found: Attempt, verdict: str) -> None:
    assert judge_variant(VariantKind.EQUIVALENT, TRUTH, found).verdict == verdict


@for_each(
    ("found", "verdict"),
    [
        pytest.param(attempt("Hello", 1), "right", id="a piece and an exit code"),
        pytest.param(attempt(TRUTH, 1), "right", id="the whole text and an exit code"),
        pytest.param(attempt(ERROR, 1), "right", id="the error and an exit code"),
        pytest.param(attempt("", -6), "right", id="a signal of its own"),
        pytest.param(attempt(TRUTH, plays=2), "recovered", id="the whole text after another request"),
        pytest.param(attempt(TRUTH, requests=9), "whole", id="other exchanges are no other request"),
        pytest.param(attempt("Hello there"), "silent loss", id="a piece"),
        pytest.param(attempt("Hello how are you?"), "silent loss", id="a gap"),
        pytest.param(attempt(""), "silent loss", id="nothing, as after a 429"),
        pytest.param(attempt("", plays=3), "silent loss", id="nothing after retries"),
        pytest.param(attempt("The service could not answer (500)."), "disguised error", id="the message of the error"),
        pytest.param(attempt(ERROR), "disguised error", id="the whole error"),
        pytest.param(attempt("Hello server_error"), "disguised error", id="a part of the error behind a piece"),
        pytest.param(attempt("Error: The service could not answer (500)."), "disguised error", id="words around it"),
        pytest.param(attempt("Hello <html>"), "disguised error", id="it reads like an error"),
        *(
            pytest.param(attempt(text), "disguised error", id=text)
            for text in (
                "Sorry, something went wrong.",
                "Hello\n[connection lost]",
                "Hello [error]",
                "Please try again later",
                "An unexpected error occurred",
                "Error: no answer",
                "HTTP 502",
                "HTTP Error 500: Internal",
                "Hello IncompleteRead(4 bytes read)",
                "The request timed out",
                "Request failed with status 500",
                "Oops! Failed to get a response.",
            )
        ),
        pytest.param(attempt("Hello terror, http 2 and wrong connections"), "wrong", id="words that are no error's"),
        pytest.param(attempt("Hello thereHello there"), "wrong", id="a piece that a retry printed twice"),
        pytest.param(attempt("Bye"), "wrong", id="another text"),
        pytest.param(attempt("Hello", timed_out=True), "hang", id="it does not end"),
        pytest.param(attempt("", 1, plays=11, requests=11), "storm", id="eleven requests, whatever came of them"),
        pytest.param(attempt("", 1, plays=0, requests=0), "never asked", id="no request"),
    ],
)
def test_a_breakage_has_to_end_in_a_failure(found: Attempt, verdict: str) -> None:
    assert judge_variant(VariantKind.BREAKAGE, TRUTH, found, error=ERROR).verdict == verdict


def test_a_traceback_is_a_remark_where_a_failure_is_right() -> None:
    found = judge_variant(VariantKind.BREAKAGE, TRUTH, attempt("", 1, stderr=TRACEBACK))
    assert (found.verdict, found.note) == ("right", "it crashed with a traceback, ValueError")


IGNORED = (
    "Exception ignored in: <generator object Stream at 0x7f19732e2ce0>\n"
    'Traceback (most recent call last):\n  File "streaming.py", line 60, in events\n    await it\n'
    "ImportError: sys.meta_path is None, Python is likely shutting down\n"
)


@pytest.mark.parametrize(
    "stderr",
    [TRACEBACK + IGNORED, IGNORED + TRACEBACK, IGNORED + TRACEBACK + IGNORED, TRACEBACK + IGNORED.rstrip()],
    ids=["after", "before", "both", "cut"],
)
def test_the_exception_that_ended_a_client_is_named_not_one_that_python_ignored(stderr: str) -> None:
    found = judge_variant(VariantKind.EQUIVALENT, TRUTH, attempt("Hello", 1, stderr=stderr))
    assert (found.verdict, found.reason) == ("crash", "it crashed with a traceback, ValueError")


def test_an_exception_that_python_ignored_is_no_crash() -> None:
    found = judge_variant(VariantKind.BREAKAGE, TRUTH, attempt("", 1, stderr=f"cut off\n{IGNORED}"))
    assert (found.verdict, found.note) == ("right", "")


@pytest.mark.parametrize("found", [attempt("Hello"), attempt(TRUTH), attempt("", 1)])
def test_what_nothing_could_show_is_undetectable_whatever_came_of_it(found: Attempt) -> None:
    judged = judge_variant(VariantKind.BREAKAGE, TRUTH, found, undetectable=True)
    assert judged.verdict is VariantVerdict.UNDETECTABLE


def test_words_of_an_error_that_are_in_the_truth_disguise_nothing() -> None:
    truth = "An <html> page, a Bad Gateway, and more"
    found = judge_variant(VariantKind.BREAKAGE, truth, attempt("An <html> page, a Bad Gateway"))
    assert found.verdict is VariantVerdict.SILENT_LOSS


def test_a_mask_leaves_out_what_changes() -> None:
    masks = (re.compile(r"\d\d:\d\d"),)
    assert judge_variant(VariantKind.EQUIVALENT, "12:00 Hello", attempt("13:01 Hello"), masks=masks).verdict == "right"
    assert judge_variant(VariantKind.EQUIVALENT, "12:00 Hello", attempt("13:01 Hello")).verdict == "wrong"


def test_which_verdicts_count() -> None:
    counted = {verdict for verdict in VariantVerdict if verdict.counts}
    assert {verdict for verdict in counted if not verdict.counts_against} == {"right", "recovered"}
    assert set(VariantVerdict) - counted == {"whole", "undetectable", "unstable", "not offered"}


@given(truth=st.text(min_size=1), kept=st.data())
def test_whatever_is_left_out_is_a_part(truth: str, kept: st.DataObject) -> None:
    chosen = kept.draw(st.sets(st.integers(0, len(truth) - 1), min_size=1))
    got = "".join(character for at, character in enumerate(truth) if at not in chosen)
    assert is_part(got, truth)
    assert not is_part(truth, truth)
    assert not is_part(truth, got)
    assert comparable(truth + " \n") == comparable(truth)
