"""
The faults that a site was configured with: which have struck, and why the others have not.

A fault that strikes once has done what was asked.  One that never does is a mistake in a test, so it is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.outcome import displaced, unfired
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.wire.sender import SendResult

_NOT_ASKED: Final = "did not strike: no answer that it applies to was asked for"


class FaultRecord:
    """The faults of one site; *delivery* is how its answers are delivered from now on."""

    def __init__(self, delivery: Delivery) -> None:
        self._expected: dict[Fault, str | None] = {}
        """The last outcome of each fault, in words; None: it struck at the place asked for."""
        self.expect(delivery)

    def expect(self, delivery: Delivery) -> None:
        """Take in the faults of another *delivery*; those before are still to be accounted for."""
        for fault in delivery.faults:
            self._expected.setdefault(fault, _NOT_ASKED)

    def note(self, sent: SendResult) -> tuple[str, ...]:
        """Record what was sent, and return a warning for each fault that did not strike at the place asked for."""
        if not sent.schedule.faults:
            return ()
        outcomes = _outcomes(sent)
        for fault, outcome in outcomes.items():
            if outcome is None or self._expected.get(fault, "") is not None:
                self._expected[fault] = outcome
        return tuple(f"warning: {_line(fault, outcome)}" for fault, outcome in outcomes.items() if outcome)

    def interrupted(self, schedule: Schedule) -> None:
        """Take in that the server stopped in the middle of an answer: a stall has held it until then."""
        for fault in (each.fault for each in schedule.faults):
            if fault.name == "stall":
                self._expected[fault] = None
            elif self._expected.get(fault, "") is not None:
                self._expected[fault] = "did not strike: the server stopped before"

    def outcomes(self) -> dict[str, str | None]:
        """Return each fault in words with its last outcome; None if it struck at the place asked for."""
        return {str(fault): reason for fault, reason in self._expected.items()}

    def warnings(self) -> tuple[str, ...]:
        """Return a line for each fault that has not struck so far at the place asked for."""
        return fault_warnings([self.outcomes()])


def struck(sent: SendResult) -> tuple[tuple[str, int], ...]:
    """Return the faults that had an effect on what was *sent*, in words, and their places in bytes of the body."""
    if not sent.schedule.faults:
        return ()
    missed = _missed(sent)
    return tuple((str(each.fault), each.offset) for each in sent.schedule.faults if each.fault not in missed)


def _outcomes(sent: SendResult) -> dict[Fault, str | None]:
    """Return the outcome of each fault, in words; None: it struck at the place asked for."""
    missed, moved = _missed(sent), dict(displaced(sent.schedule))
    outcomes: dict[Fault, str | None] = {}
    for fault in (each.fault for each in sent.schedule.faults):
        if fault in missed:
            outcomes[fault] = f"did not strike: {missed[fault]}"
        else:
            outcomes[fault] = f"struck at the end: {moved[fault]}" if fault in moved else None
    return outcomes


def _missed(sent: SendResult) -> dict[Fault, str]:
    head = sent.head_ms is not None
    return dict(unfired(sent.schedule, framing=sent.framing, sent=sent.size, head=head, end=sent.end))


def fault_warnings(outcomes: Sequence[Mapping[str, str | None]]) -> tuple[str, ...]:
    """
    Return a line for each fault that has struck in none of several processes at the place asked for.

    *outcomes*: of each process what `FaultRecord.outcomes` gives.  The line is that of a process which had a use for
    the fault, if there is one.
    """
    lines = []
    for fault in dict.fromkeys(name for each in outcomes for name in each):
        reasons = [each[fault] for each in outcomes if fault in each]
        missed = [reason for reason in reasons if reason is not None]
        if len(missed) == len(reasons):
            lines.append(_line(fault, next((reason for reason in missed if reason != _NOT_ASKED), _NOT_ASKED)))
    return tuple(lines)


def _line(fault: Fault | str, outcome: str) -> str:
    return f"the fault `{fault}` {outcome}"
