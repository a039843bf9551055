"""
What became of a scenario in the hands of a client: the seven verdicts.

Pure: the observed (exit code, output, requests, time) and the expected in, a verdict with its reason out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from chatgptfree_mock.scenario.model import Expect

_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\)|^\s+at .+\(?.*:\d+:\d+\)?$|^panic: |^Exception in thread "
    r"|^thread '.*' panicked|^Unhandled exception|^\S+:\d+:in [`'].*\(\S*Error\)|^PHP Fatal error|^goroutine \d+ \[",
    re.MULTILINE,
)
_ERROR_WORDS = re.compile(
    r"<!doctype html|<html|\"status\":\s*\"error\"|\"success\":\s*false|\"error\":|link you followed has expired"
    r"|nonce verification failed|security check failed|session has expired|critical error on this website"
    r"|just a moment\.\.\.|attention required|bad gateway",
    re.IGNORECASE,
)


class Verdict(StrEnum):
    """What a client made of a scenario."""

    RIGHT = "right"
    WRONG = "wrong"
    SILENT_LOSS = "silent loss"
    DISGUISED_ERROR = "disguised error"
    CRASH = "crash"
    HANG = "hang"
    STORM = "storm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a client did. *status* is its exit code (negative: killed by that signal)."""

    status: int
    stdout: str
    stderr: str = ""
    timed_out: bool = False
    too_much_output: bool = False
    binary: bool = False
    """stdout was no UTF-8."""
    kind: str | None = None
    """The kind of error, where the client tells it (a callable that raises an error with `kind`)."""
    pages: int = 0
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict and the sentence that explains it."""

    verdict: Verdict
    reason: str


def judge(expect: Expect, seen: Observed) -> Judgement:
    """Return what *seen* means where *expect* was asked for."""
    return (
        _hang(expect, seen)
        or _crash(seen)
        or _storm(expect, seen)
        or (_for_text(expect, seen) if expect.text is not None else _for_error(expect, seen))
    )


def _hang(expect: Expect, seen: Observed) -> Judgement | None:
    if seen.too_much_output:
        return _say(Verdict.WRONG, "it printed more than any answer of this scenario holds, and was stopped")
    if seen.timed_out:
        return _say(Verdict.HANG, f"it had not ended after {expect.seconds:g} s, and was stopped")
    return None


def _crash(seen: Observed) -> Judgement | None:
    if seen.status < 0:
        return _say(Verdict.CRASH, f"it was killed by signal {-seen.status}")
    if seen.status != 0 and (found := _TRACEBACK.search(seen.stderr)):
        return _say(Verdict.CRASH, f"it printed a traceback ({found[0].strip()[:60]} …)")
    return None


def _storm(expect: Expect, seen: Observed) -> Judgement | None:
    for what, made, most in (("page", seen.pages, expect.pages), ("chat", seen.posts, expect.posts)):
        if most is not None and made > most:
            return _say(Verdict.STORM, f"it made {made} {what} requests where {most} are enough")
    return None


def _for_text(expect: Expect, seen: Observed) -> Judgement:
    wanted, got = expect.delivered, seen.stdout
    if seen.status != 0:
        return _say(Verdict.WRONG, f"it gave up with exit code {seen.status}, but the site had answered")
    if same_text(got, wanted):
        return _say(Verdict.RIGHT, "the whole answer")
    if seen.binary:
        return _say(Verdict.WRONG, "it printed bytes that are no UTF-8")
    if disguise := _disguise(expect, got, wanted):
        return _say(Verdict.DISGUISED_ERROR, f"it printed an error text as the answer ({disguise!r}) and exited with 0")
    if not got.strip():
        return _say(Verdict.SILENT_LOSS, "it printed nothing and exited with 0")
    if _is_part(got.strip("\r\n"), wanted):
        lost = len(wanted) - len(_kept(got.strip("\r\n")))
        return _say(Verdict.SILENT_LOSS, f"{lost} of {len(wanted)} characters are missing, and it exited with 0")
    return _say(Verdict.WRONG, "it printed another text")


def _for_error(expect: Expect, seen: Observed) -> Judgement:
    partial, got = expect.delivered, seen.stdout
    wanted = " or ".join(expect.kinds)
    if seen.status == 0:
        if disguise := _disguise(expect, got, partial):
            return _say(
                Verdict.DISGUISED_ERROR, f"it printed an error text as the answer ({disguise!r}) and exited with 0"
            )
        if same_text(got, partial) or _is_part(got.strip("\r\n"), partial):
            return _say(Verdict.SILENT_LOSS, f"the answer was not whole ({wanted}), and it exited with 0")
        if got.startswith(partial):
            rest = got[len(partial) :].strip()
            return _say(Verdict.DISGUISED_ERROR, f"it printed {_short(rest)!r}, which is no answer, and exited with 0")
        return _say(Verdict.WRONG, "it printed another text and exited with 0")
    if seen.kind is not None and seen.kind not in expect.kinds:
        return _say(Verdict.WRONG, f"it took the error for `{seen.kind}`; it is `{wanted}`")
    if not same_text(got, partial):
        return _say(Verdict.WRONG, _difference(got, partial))
    return _say(Verdict.RIGHT, f"an error ({wanted}), and all text that came before it")


def same_text(got: str, wanted: str) -> bool:
    """Say whether *got* is *wanted*, but for one line end that a program prints after its output."""
    return got == wanted or got in (wanted + "\n", wanted + "\r\n")


def _disguise(expect: Expect, got: str, wanted: str) -> str | None:
    for words in expect.disguises:
        if words in got and words not in wanted:
            return words
    found = _ERROR_WORDS.search(got)
    return found[0] if found and found[0] not in wanted else None


def _is_part(got: str, wanted: str) -> bool:
    """Say whether *got* is *wanted* with pieces missing (U+FFFD stands for what was lost)."""
    kept, rest = _kept(got), iter(wanted)
    return len(kept) < len(wanted) and all(character in rest for character in kept)


def _kept(got: str) -> str:
    return got.replace("�", "")


def _difference(got: str, partial: str) -> str:
    if not partial:
        return f"it printed {_short(got)!r} before the error, where nothing was to come"
    if _is_part(got.strip("\r\n"), partial):
        return "of the text before the error some is missing"
    return "the text before the error is another one"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _say(verdict: Verdict, reason: str) -> Judgement:
    return Judgement(verdict=verdict, reason=reason)
