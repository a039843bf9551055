"""
The verdicts on a client's result for a variant.

Pure: from the reference output, the kind of the variant and the client's result to a verdict with its reason.  Only
the final output counts, without white space at its end; nothing else is normalised.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from chatgptfree_mock.crashtest.observed import Observed, violent_end
from chatgptfree_mock.crashtest.printed_text import common_length, excerpt, is_part
from chatgptfree_mock.variants.rule import VariantKind

MOST_REQUESTS: Final = 10
"""More requests than this for the disturbed exchange are a storm."""
_ERROR_WORDS: Final = (
    r"<!doctype html|<html|\"error\"\s*:|\"success\"\s*:\s*false|internal server error|bad gateway|too many requests"
    r"|service unavailable|gateway timeout|critical error on this website"
    r"|went wrong|try again|\ban? (?:\w+ )?error\b|\berror:|\berror \d{3}\b|\[error\]"
    r"|\bhttp(?:/[\d.]+| error)? [45]\d\d\b|\btimed out\b|\brate limit|\bincompleteread\("
    r"|(?:connection|network|stream) (?:was |has been )?(?:error|lost|closed|reset|refused|aborted|failed)\b"
    r"|\bfailed (?:to|with)\b|\bstatus(?: code)?:? [45]\d\d\b|\boops\b|traceback \(most recent call last\)"
)
"""A pattern that is compiled when it is first used, which takes a while."""


class VariantVerdict(StrEnum):
    """What a client made of a variant."""

    RIGHT = "right"
    """The reference output, or an error for a broken answer."""
    RECOVERED = "recovered"
    """The whole reference output of a broken answer, after another request."""
    WRONG = "wrong"
    """Another text than the reference output, and exit code 0 for a broken answer."""
    SILENT_LOSS = "silent loss"
    """A part of the reference output or nothing, and for a broken answer exit code 0."""
    DISGUISED_ERROR = "disguised error"
    """The words of an error as an answer, and exit code 0."""
    CRASH = "crash"
    """An error for a legal way to send the same answer."""
    HANG = "hang"
    """Nothing moved for the time limit."""
    STORM = "storm"
    """More than ten requests for the disturbed exchange."""
    NEVER_ASKED = "never asked"
    """The client made no request to the site."""
    WHOLE = "whole"
    """The whole reference output of a broken answer, of which nothing was lost."""
    UNDETECTABLE = "undetectable"
    """Nothing in the recording could show that the answer was cut."""
    UNSTABLE = "unstable"
    """Two runs of the same variant were judged differently."""
    NOT_OFFERED = "not offered"
    """The client's headers do not allow the coding."""

    @property
    def is_right(self) -> bool:
        """Return whether it counts for the client."""
        return self in (VariantVerdict.RIGHT, VariantVerdict.RECOVERED)

    @property
    def counts(self) -> bool:
        """Return whether results with this verdict are part of the score."""
        return self not in _UNCOUNTED

    @property
    def counts_against(self) -> bool:
        """Return whether it is a failure of the client."""
        return self.counts and not self.is_right


_UNCOUNTED: Final = frozenset(
    {
        VariantVerdict.WHOLE,
        VariantVerdict.UNDETECTABLE,
        VariantVerdict.UNSTABLE,
        VariantVerdict.NOT_OFFERED,
    }
)


class Attempt(Struct, frozen=True, kw_only=True):
    """
    One run of a client: the observation *seen*, and its numbers of requests.

    *plays*: its requests for the disturbed exchange.  *requests*: all of its requests.
    """

    seen: Observed
    plays: int
    requests: int


class VariantJudgement(Struct, frozen=True, kw_only=True):
    """A verdict, the *reason* for it, and a *note* without effect on it."""

    verdict: VariantVerdict
    reason: str
    note: str = ""


def comparable(text: str, masks: tuple[re.Pattern[str], ...] = ()) -> str:
    """Return *text* as it is compared: without what a mask matches, and without white space at its end."""
    for mask in masks:
        text = mask.sub("", text)
    return text.rstrip()


def judge_variant(
    kind: VariantKind,
    reference: str,
    attempt: Attempt,
    *,
    error: str = "",
    undetectable: bool = False,
    forbidden: str = "",
    masks: tuple[re.Pattern[str], ...] = (),
) -> VariantJudgement:
    """
    Return the judgement of *attempt* on a variant of this *kind*.

    *reference*: the text of the undisturbed replay.  *error*: the text of the error in place of the answer.
    *undetectable*: whether nothing in the recording could show the breakage.  *forbidden*: for a breakage, why even the
    whole answer is wrong.  *masks*: what is left out of both texts.
    """
    seen, reference, got = attempt.seen, comparable(reference, masks), comparable(attempt.seen.stdout, masks)
    if attempt.plays > MOST_REQUESTS:
        return _judged(VariantVerdict.STORM, f"more than {MOST_REQUESTS} requests for the same exchange")
    if attempt.requests == 0:
        ended = f", and it had not ended after {seen.seconds:g} s" if seen.timed_out else ""
        return _judged(VariantVerdict.NEVER_ASKED, f"no request at all{ended}")
    if seen.timed_out:
        return _judged(VariantVerdict.HANG, f"nothing happened for {seen.seconds:g} s, and it had not ended")
    if undetectable:
        return _judged(VariantVerdict.UNDETECTABLE, "nothing in this recording could show the cut")
    if kind is VariantKind.EQUIVALENT:
        return _of_equivalent(reference, got, seen)
    if forbidden and got == reference and seen.status == 0:
        return _judged(VariantVerdict.WRONG, forbidden)
    return _of_breakage(reference, got, attempt, error)


def _of_equivalent(reference: str, got: str, seen: Observed) -> VariantJudgement:
    if seen.status != 0:
        return _judged(VariantVerdict.CRASH, _exit(seen))
    if got == reference:
        return _judged(VariantVerdict.RIGHT, "the whole answer")
    if is_part(got, reference):
        return _judged(VariantVerdict.SILENT_LOSS, _lost(got, reference))
    return _judged(VariantVerdict.WRONG, "another text, and exit code 0")


def _of_breakage(reference: str, got: str, attempt: Attempt, error: str) -> VariantJudgement:
    if attempt.seen.status != 0:
        how = violent_end(attempt.seen)
        return VariantJudgement(
            verdict=VariantVerdict.RIGHT, reason="a failure was reported", note=how[0] if how else ""
        )
    if got == reference:
        if attempt.plays > 1:
            return _judged(VariantVerdict.RECOVERED, "the whole answer, after another request")
        return _judged(VariantVerdict.WHOLE, "the whole answer: nothing was lost")
    if disguise := disguised(got, reference, error):
        return _judged(VariantVerdict.DISGUISED_ERROR, f"an error was printed as the answer: {excerpt(disguise)!r}")
    if is_part(got, reference):
        return _judged(VariantVerdict.SILENT_LOSS, _lost(got, reference))
    return _judged(VariantVerdict.WRONG, "another text, and exit code 0")


def disguised(got: str, reference: str, error: str) -> str:
    """Return the part of *got* that *reference* lacks and that is of the *error* or reads like one, else nothing."""
    rest = got[common_length(got, reference) :].strip()
    if rest and rest in error:
        return rest
    for sentence in _sentences(error):
        if sentence in got and sentence not in reference:
            return sentence
    return next((found[0] for found in re.finditer(_ERROR_WORDS, got, re.IGNORECASE) if found[0] not in reference), "")


def _sentences(error: str) -> list[str]:
    """Return the texts of several words in *error*."""
    return re.findall(r"\w+(?: [\w(),.]+){2,}", error)


def _lost(got: str, reference: str) -> str:
    if not got:
        return "nothing was printed, and the exit code is 0"
    place = "the end" if reference.startswith(got) else "something inside"
    return f"{place} is missing ({len(reference) - len(got)} of {len(reference)} characters), and the exit code is 0"


def _exit(seen: Observed) -> str:
    how = violent_end(seen)
    return how[0] if how else f"it gave up with exit code {seen.status}"


def _judged(verdict: VariantVerdict, reason: str) -> VariantJudgement:
    return VariantJudgement(verdict=verdict, reason=reason)
