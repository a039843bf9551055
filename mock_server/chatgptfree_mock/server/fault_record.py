"""
The faults that a site was configured with: which have struck, and why the others have not.

A fault that strikes once has done what was asked.  One that never does is a mistake in a test, so it is reported.
"""

from __future__ import annotations

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.outcome import unfired
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.wire.sender import SendResult


class FaultRecord:
    """The faults of one site; *delivery* is how its answers are delivered from now on."""

    def __init__(self, delivery: Delivery) -> None:
        self._expected: dict[Fault, str | None] = {}
        """Each fault with the latest reason why it did not strike; None: it did."""
        self.expect(delivery)

    def expect(self, delivery: Delivery) -> None:
        """Take in the faults of another *delivery*; those before are still to be accounted for."""
        for fault in delivery.faults:
            self._expected.setdefault(fault, "no answer that it applies to was asked for")

    def note(self, sent: SendResult) -> tuple[str, ...]:
        """Take in what was sent, and return a warning for each fault that was meant for it and did not strike."""
        if not sent.schedule.faults:
            return ()
        head = sent.head_ms is not None
        missed = dict(unfired(sent.schedule, framing=sent.framing, sent=sent.size, head=head, end=sent.end))
        for fault in (each.fault for each in sent.schedule.faults):
            if fault not in missed:
                self._expected[fault] = None
            elif self._expected.get(fault, "") is not None:
                self._expected[fault] = missed[fault]
        return tuple(f"warning: {_line(fault, reason)}" for fault, reason in missed.items())

    def interrupted(self, schedule: Schedule) -> None:
        """Take in that the server stopped in the middle of an answer: a stall has held it until then."""
        for fault in (each.fault for each in schedule.faults):
            if fault.name == "stall":
                self._expected[fault] = None
            elif self._expected.get(fault, "") is not None:
                self._expected[fault] = "the server stopped before"

    def warnings(self) -> tuple[str, ...]:
        """Return a line for each fault that has not struck so far."""
        return tuple(_line(fault, reason) for fault, reason in self._expected.items() if reason is not None)


def _line(fault: Fault, reason: str) -> str:
    return f"the fault `{fault}` did not strike: {reason}"
