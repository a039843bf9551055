"""The client's output on the undisturbed replay, which the output on every variant is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatgptfree_mock.crashtest.printed_text import common_length
from chatgptfree_mock.crashtest.recording.client_run import ClientRun
from chatgptfree_mock.crashtest.recording.missing_exchange import missing_exchanges
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.replay import Replay
from chatgptfree_mock.crashtest.recording.verdict import comparable
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.intercept.environment import advice

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception

_LINES: Final = 6
_SHOWN: Final = 120
WAIT_LONGER: Final = "--timeout SECONDS waits longer for a client that is slow to start"


_FIXED: Final = "if its address is fixed, --intercept answers under the site's own name"


class NoReferenceOutputError(MockError):
    """The client cannot be judged with this recording; the text is the reason."""


def check_reference_output(run: ClientRun, plan: RecordingPlan, recording: PlayedRecording) -> None:
    """
    Check that the output of *run*, of the undisturbed replay of *recording*, can be the reference output.

    Raises:
        NoReferenceOutputError: the client never asked, failed, did not end, or printed nothing.
    """
    replay = run.replay
    missing = missing_exchanges(dict.fromkeys(replay.unknown), plan, recording)
    if not replay.request_lines and replay.interception is not None:
        raise NoReferenceOutputError(_not_intercepted(run, replay.interception, plan))
    if not replay.request_lines:
        cause = _ended(run) or f"the client made no request to {{url}}; {_FIXED}"
        raise NoReferenceOutputError(f"never asked: {cause}{_last_lines(run)}")
    if (why := _unusable(run)) is not None:
        clauses = [why, *missing, *_partly_intercepted(run.replay, plan), *_empty(recording)]
        raise NoReferenceOutputError(f"does not work on the recording: {'; '.join(clauses)}{_last_lines(run)}")
    if not replay.plays:
        only = f"never asked: the client made no request for the answer, only {', '.join(replay.request_lines)}"
        raise NoReferenceOutputError("; ".join([only, *missing]))


def _unusable(run: ClientRun) -> str | None:
    """Return why the output of *run* cannot be the reference output; None if it can."""
    seen, replay = run.attempt.seen, run.replay
    if seen.timed_out and not replay.is_storm:
        return f"nothing happened for {seen.seconds:g} s, and it had not ended"
    if replay.is_storm:
        return f"it asked for the answer {replay.plays} times"
    if seen.too_much_output:
        return "it printed far more than the recorded answer holds"
    if seen.status != 0:
        return f"exit code {seen.status}" if seen.status > 0 else f"signal {-seen.status}"
    return None if seen.stdout.strip() else "it printed nothing"


def _not_intercepted(run: ClientRun, interception: Interception, plan: RecordingPlan) -> str:
    reasons = [_ended(run)] if run.attempt.seen.timed_out else []
    if bypassed := interception.bypassed(plan.command):
        return f"not intercepted: {'; '.join([bypassed, *reasons])}{_last_lines(run)}"
    reasons = [*interception.proxy.refused, *reasons] or ["it connected to the proxy, and sent no request"]
    return f"never asked: {'; '.join(reasons)}{_last_lines(run)}"


def _ended(run: ClientRun) -> str:
    """Return a clause about a client that was ended before its first request; empty for one that ended by itself."""
    seen = run.attempt.seen
    return f"it was ended after {seen.seconds:g} s, before its first request; {WAIT_LONGER}" if seen.timed_out else ""


def _partly_intercepted(replay: Replay, plan: RecordingPlan) -> list[str]:
    """Return a clause about a client whose request for the answer, unlike others, did not come through the proxy."""
    if replay.interception is None or replay.plays:
        return []
    came = ", ".join(replay.request_lines)
    return [f"through the proxy came {came} only, and no request for the answer; {advice(plan.command)}"]


def _empty(recording: PlayedRecording) -> list[str]:
    """Return a clause about a recorded answer without a byte, which few clients take for an answer."""
    return (
        []
        if recording.recorded.body
        else [f"the recorded answer {recording.answer_name} is empty: record one with text"]
    )


def check_same_output(first: ClientRun, again: ClientRun, plan: RecordingPlan) -> None:
    """
    Check that another undisturbed run gives the same output.

    Raises:
        NoReferenceOutputError: its output is another one: the client is unstable.
    """
    reference, other = comparable(first.printed, plan.masks), comparable(again.printed, plan.masks)
    if again.attempt.seen.timed_out:
        raise NoReferenceOutputError(
            f"unstable: in a run of the undisturbed replay nothing happened for {again.attempt.seen.seconds:g} s, and "
            f"it had not ended; {WAIT_LONGER}"
        )
    if again.attempt.seen.status != 0:
        raise NoReferenceOutputError(
            f"unstable: a run of the undisturbed replay ended with exit code {again.attempt.seen.status}"
        )
    if reference != other:
        place = common_length(reference, other)
        raise NoReferenceOutputError(
            f"unstable: two runs of the undisturbed replay differ at character {place + 1}: "
            f"{_around(reference, place)} and {_around(other, place)}; leave out what changes with --mask REGEX"
        )


def _around(text: str, place: int) -> str:
    return repr(text[max(place - 20, 0) : place + 40])


def _last_lines(run: ClientRun) -> str:
    """Return the last lines of stderr."""
    lines = [line.rstrip() for line in run.attempt.seen.stderr.splitlines() if line.strip()][-_LINES:]
    return "".join(f"\n{line}" for line in ["stderr ends with:", *(f"  {line[:_SHOWN]}" for line in lines)] if lines)
