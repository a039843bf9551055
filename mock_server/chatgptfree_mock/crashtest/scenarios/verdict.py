"""
The verdicts on a client's result for a scenario.

Pure: from the observed (exit code, output, requests, time) and the expected result to a verdict with its reason.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from chatgptfree_mock.control_characters import quoted
from chatgptfree_mock.crashtest.observed import Observed, violent_end
from chatgptfree_mock.crashtest.printed_text import excerpt, is_part, same_text

if TYPE_CHECKING:
    from chatgptfree_mock.scenario.expectation import Expect  # slow to import, and a recording has no scenario

_ERROR_WORDS = re.compile(
    r"<!doctype html|<html|\"status\":\s*\"error\"|\"success\":\s*false|\"error\":|link you followed has expired"
    r"|nonce verification failed|security check failed|session has expired|critical error on this website"
    r"|just a moment\.\.\.|attention required|bad gateway",
    re.IGNORECASE,
)

RULES = tuple(
    " ".join(rule.split())
    for rule in (
        """
        Answers delivered: where a scenario expects an answer, stdout has to be exactly that text (one line end after
        it is allowed) and the exit code 0.
        """,
        """
        Failures reported: where it expects an error, the exit code has to be other than 0, and stdout the text that
        came before the error, no more and no less. stderr is free.
        """,
        """
        A traceback, or a signal that ends the client, is a crash where an answer is expected. Where an error is
        expected it is right, with a note: the error was reported by a crash.
        """,
        """
        Exit code 0 with a part of the text or none is a silent loss; with the words of an error, a disguised error;
        with any other text, wrong.
        """,
        """
        Never asked: the client sent no request to {url}, or it got a faultless page and never sent the message. If it
        sends the message in no case of a run, though some expect an answer, nothing is judged: exit code 2. More
        requests than the scenario allows is a storm.
        """,
        """
        A client that has not ended within the time limit of the scenario (10 s unless it sets another; --timeout) is
        stopped: a hang. {timeout} is half of that limit, in seconds.
        """,
        """
        With --intercept, a client of which no request came through the proxy is not intercepted: it does not read the
        variables for that, or not all of them.
        """,
        """
        Not applicable, and in neither score: scenarios about a certain bot, for a command without {bot}; those in which
        the site falls silent and the client does not time out, for a command without {timeout}.
        """,
    )
)
"""The rules of the verdicts, in sentences for people."""


class Verdict(StrEnum):
    """What a client made of a scenario."""

    RIGHT = "right"
    """The answer is exactly what was expected, or the error was reported after exactly the text before it."""
    WRONG = "wrong"
    """Exit code 0, and another text than the expected one."""
    SILENT_LOSS = "silent loss"
    """Exit code 0, and a part of the text or nothing."""
    DISGUISED_ERROR = "disguised error"
    """Exit code 0, and the words of an error in place of an answer."""
    CRASH = "crash"
    """A traceback, a signal or an error where an answer was expected."""
    HANG = "hang"
    """The client had not ended within the time limit."""
    STORM = "storm"
    """The client made more requests than the scenario allows."""
    NEVER_ASKED = "never asked"
    """The client made no request to the site, or did not send the message although the page was in order."""
    NOT_INTERCEPTED = "not intercepted"
    """With `--intercept`: no request came through the proxy."""
    NOT_APPLICABLE = "not applicable"
    """The client was not given what the scenario is about, such as a bot or a time-out; not part of the score."""

    @property
    def counts_against(self) -> bool:
        """Return whether it is a failure of the client."""
        return self not in (Verdict.RIGHT, Verdict.NOT_APPLICABLE)

    @property
    def reached_nothing(self) -> bool:
        """Return whether no relevant request reached the mock."""
        return self in (Verdict.NEVER_ASKED, Verdict.NOT_INTERCEPTED)


class Judgement(Struct, frozen=True, kw_only=True):
    """A verdict and its explanation."""

    verdict: Verdict
    cause: str
    """The reason in words that are the same for every scenario with the same fault."""
    detail: str = ""
    """Details of this case."""
    note: str = ""
    """A remark without effect on the verdict."""

    @property
    def reason(self) -> str:
        """Return the cause with its detail."""
        return f"{self.cause} ({self.detail})" if self.detail else self.cause


def judge(expect: Expect, seen: Observed) -> Judgement:
    """Return the judgement of *seen* if *expect* is the expected result."""
    return (
        _never_asked(seen)
        or _stopped(expect, seen)
        or (_crash(seen) if expect.text is not None else None)
        or _storm(expect, seen)
        or (_for_text(expect, seen) if expect.text is not None else _for_error(expect, seen))
    )


def _never_asked(seen: Observed) -> Judgement | None:
    if seen.requests != 0:
        return None
    if seen.bypassed:
        return Judgement(verdict=Verdict.NOT_INTERCEPTED, cause=seen.bypassed)
    ended = "it had not ended in time" if seen.timed_out else f"exit code {seen.status}"
    words = _error_line(seen)
    printed = f"; stderr has {words!r}" if words else ""
    refused = "".join(f"; {line}" for line in seen.refused)
    return Judgement(verdict=Verdict.NEVER_ASKED, cause="it made no request to {url}", detail=ended + printed + refused)


def _error_line(seen: Observed) -> str:
    """Return the exception in a traceback, which Node follows by its version, or else the last line of stderr."""
    if (how := violent_end(seen)) and how[1]:
        return how[1]
    lines = seen.stderr.strip().splitlines()
    return excerpt(lines[-1].strip()) if lines else ""


def _stopped(expect: Expect, seen: Observed) -> Judgement | None:
    if seen.too_much_output:
        return _judged(Verdict.WRONG, "it printed more than any answer of the scenario holds, and was stopped")
    if not seen.timed_out:
        return None
    seconds = expect.seconds if seen.seconds is None else seen.seconds
    if seen.untimed and "timeout" in expect.kinds:
        return _judged(
            Verdict.NOT_APPLICABLE, f"no time-out came within {seconds:g} s, and the client was given no {{timeout}}"
        )
    return _judged(Verdict.HANG, f"it had not ended after {seconds:g} s, and was stopped")


def _crash(seen: Observed) -> Judgement | None:
    if seen.status != 0 and (how := violent_end(seen)):
        return _judged(Verdict.CRASH, *how)
    return None


def _last_words(seen: Observed) -> str:
    """Return the line of stderr with the error, which is also where the error of a function is; else the exit code."""
    return _error_line(seen) or f"exit code {seen.status}"


def _storm(expect: Expect, seen: Observed) -> Judgement | None:
    for what, made, most in (
        ("page", seen.pages, expect.pages),
        ("chat", seen.posts, expect.posts),
        ("stream", seen.streams, expect.posts),
    ):
        if most is not None and made > most:
            return _judged(Verdict.STORM, f"it made more {what} requests than are needed", f"{made}, not {most}")
    return None


def _for_text(expect: Expect, seen: Observed) -> Judgement:
    wanted, got = expect.delivered, seen.stdout
    if seen.status != 0:
        return _judged(Verdict.WRONG, "it gave up although an answer was available", _last_words(seen))
    if seen.binary:
        return _judged(Verdict.WRONG, _NO_TEXT)
    if same_text(got, wanted):
        return _judged(Verdict.RIGHT, "the whole answer")
    if disguise := _disguise(expect, got, wanted):
        return _judged(
            Verdict.DISGUISED_ERROR, "it printed an error text as the answer and exited with 0", repr(disguise)
        )
    if not got.strip():
        return _judged(Verdict.SILENT_LOSS, "it printed nothing and exited with 0")
    if is_part(_kept(got), wanted):
        lost = len(wanted) - len(_kept(got))
        return _judged(
            Verdict.SILENT_LOSS, "part of the answer is missing, and it exited with 0", f"{lost} of {len(wanted)}"
        )
    return _judged(Verdict.WRONG, "it printed another text", quoted(excerpt(got)))


_PAGE_KINDS = {"page", "challenge"}
"""Kinds of errors that a page alone can cause."""
_REQUESTS_SHOWN = 3
_NO_TEXT = "what it printed is not text: invalid UTF-8, or half of a surrogate pair"


def _for_error(expect: Expect, seen: Observed) -> Judgement:
    partial, got = expect.delivered, seen.stdout
    wanted = " or ".join(expect.kinds)
    if seen.status == 0 and seen.forbidden and got.strip():
        return _judged(Verdict.WRONG, seen.forbidden)
    if seen.status == 0:
        return _unreported(expect, got, partial, wanted)
    if seen.good_page and not (seen.sent or _PAGE_KINDS & {*expect.kinds}):
        return _judged(Verdict.NEVER_ASKED, "it gave up without sending the message", f"exit code {seen.status}")
    if seen.requests is not None and not (seen.pages or seen.posts or seen.streams or seen.forbidden):
        cause = "it requested neither the page nor an answer"
        return _judged(Verdict.NEVER_ASKED, cause, f"{_requested(seen)}exit code {seen.status}")
    if seen.kind is not None and seen.kind not in expect.kinds:
        return _judged(Verdict.WRONG, "it reported another kind of error", f"`{seen.kind}`, expected `{wanted}`")
    if seen.binary:
        return _judged(Verdict.WRONG, _NO_TEXT)
    if not same_text(got, partial):
        return _judged(Verdict.WRONG, *_difference(got, partial))
    how = violent_end(seen)
    note = f"{how[0]}: the error was reported by a crash" if how else ""
    return Judgement(verdict=Verdict.RIGHT, cause=f"an error ({wanted}), and all text that came before it", note=note)


def _requested(seen: Observed) -> str:
    """Return the first requests in words, as a wrong path of the client is seen there; empty without any."""
    listed = list(dict.fromkeys(seen.requested))
    more = " and others" if len(listed) > _REQUESTS_SHOWN else ""
    return f"only {', '.join(map(excerpt, listed[:_REQUESTS_SHOWN]))}{more}; " if listed else ""


def _unreported(expect: Expect, got: str, partial: str, wanted: str) -> Judgement:
    if disguise := _disguise(expect, got, partial):
        return _judged(
            Verdict.DISGUISED_ERROR, "it printed an error text as the answer and exited with 0", repr(disguise)
        )
    if same_text(got, partial) or is_part(_kept(got), partial):
        return _judged(Verdict.SILENT_LOSS, "it did not report the error, and exited with 0", f"expected: {wanted}")
    if got.startswith(partial):
        rest = excerpt(got[len(partial) :].strip())
        return _judged(Verdict.DISGUISED_ERROR, "it printed text that is not an answer, and exited with 0", repr(rest))
    return _judged(Verdict.WRONG, "it printed another text and exited with 0", quoted(excerpt(got)))


def _disguise(expect: Expect, got: str, wanted: str) -> str | None:
    for words in expect.disguises:
        if words in got and words not in wanted:
            return words
    found = _ERROR_WORDS.search(got)
    return found[0] if found and found[0] not in wanted else None


def _kept(got: str) -> str:
    """Return *got* without line ends around it, and without the marks (U+FFFD) of what was lost."""
    return got.strip("\r\n").replace("\ufffd", "")


def _difference(got: str, partial: str) -> tuple[str, str]:
    if not partial:
        return "it printed text before the error, but no text was expected", repr(excerpt(got))
    if is_part(_kept(got), partial):
        return "text that came before the error is missing", ""
    return "the text before the error is another one", ""


def _judged(verdict: Verdict, cause: str, detail: str = "") -> Judgement:
    return Judgement(verdict=verdict, cause=cause, detail=detail)
