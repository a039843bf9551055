"""
The outcomes of a site's faults and delivery words: those that have acted, and why the others have not.

A fault that was applied once has acted, and so has a word such as `chunks=events` that has cut one answer.  One that
never acts is a mistake in a test, so it is reported.  Words are judged by recorded answers alone.

A server may get other faults with each test, for weeks: of each site the latest `MOST` are kept.  Those that have acted
are dropped first, as they are not reported; of the others the number that was dropped is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.idle_words import word_outcomes
from chatgptfree_mock.replay.outcome import displaced, unfired
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.wire.sender import SendResult

K = TypeVar("K")

MOST: Final = 1000
"""How many faults, and how many words, a record keeps."""
_NOT_ASKED: Final = "was not applied: no answer that it fits was requested"


class FaultRecord:
    """The outcomes of faults and words of one site with the *delivery*."""

    def __init__(self, delivery: Delivery) -> None:
        self._expected: dict[Fault, str | None] = {}
        """The last outcome of each fault, in words; None: it was applied at its place."""
        self._words: dict[str, str | None] = {}
        """The last outcome of each word that searches an answer; None: it had an effect."""
        self._dropped = 0
        """How many of them are not kept any more although they have not acted."""
        self.expect(delivery)

    def expect(self, delivery: Delivery) -> None:
        """Add the faults of another *delivery*; those of earlier ones are still reported."""
        for fault in delivery.faults:
            self._expected.setdefault(fault, _NOT_ASKED)
        self._dropped += _drop_surplus(self._expected)

    def note(self, sent: SendResult) -> tuple[str, ...]:
        """Record a sent response, and return a warning for each fault that was not applied at its place."""
        outcomes = _outcomes(sent)
        for fault, outcome in outcomes.items():
            if outcome is None or self._expected.get(fault, "") is not None:
                self._expected[fault] = outcome
        self._dropped += _drop_surplus(self._expected)
        return tuple(f"warning: {_of_fault(fault)} {outcome}" for fault, outcome in outcomes.items() if outcome)

    def note_words(self, response: Response, delivery: Delivery) -> tuple[str, ...]:
        """Record that the recorded *response* is sent, and return a warning for each word that cannot act on it."""
        outcomes = word_outcomes(response, delivery)
        for word, outcome in outcomes.items():
            is_better = bool(response.body) and self._words.get(word) is not None
            if outcome is None or word not in self._words or is_better:
                self._words[word] = outcome
        self._dropped += _drop_surplus(self._words)
        return tuple(f"warning: {_of_word(word)} {outcome}" for word, outcome in outcomes.items() if outcome)

    def interrupted(self, schedule: Schedule) -> None:
        """Record that the server stopped during an answer, so that a stall has lasted until then."""
        for fault in (each.fault for each in schedule.faults):
            if fault.name == "stall":
                self._expected[fault] = None
            elif self._expected.get(fault, "") is not None:
                self._expected[fault] = "was not applied: the server stopped before"

    def outcomes(self) -> dict[str, str | None]:
        """Return the last outcome of each fault and word, by name; None if it acted."""
        of_faults = {_of_fault(fault): reason for fault, reason in self._expected.items()}
        of_words = {_of_word(word): reason for word, reason in self._words.items()}
        dropped: dict[str, str | None] = {}
        if self._dropped:
            dropped[f"{self._dropped} earlier faults or words"] = f"did not act; only the latest {MOST} are named"
        return dropped | of_faults | of_words

    def warnings(self) -> tuple[str, ...]:
        """Return a line for each fault that was not applied at its place so far, and each word without effect."""
        return merged_warnings([self.outcomes()])


def _drop_surplus(outcomes: dict[K, str | None]) -> int:
    """Remove the oldest of more than `MOST` outcomes, those that acted first; return how many of the others went."""
    surplus = len(outcomes) - MOST
    if surplus <= 0:
        return 0
    acted = [each for each, outcome in outcomes.items() if outcome is None][:surplus]
    others = [each for each, outcome in outcomes.items() if outcome is not None][: surplus - len(acted)]
    for each in (*acted, *others):
        del outcomes[each]
    return len(others)


def applied_faults(sent: SendResult) -> tuple[tuple[str, int], ...]:
    """Return the faults that had an effect on what was *sent*, in words, and their places in bytes of the body."""
    missed = _missed(sent)
    return tuple((str(each.fault), each.offset) for each in sent.schedule.faults if each.fault not in missed)


def _outcomes(sent: SendResult) -> dict[Fault, str | None]:
    """Return the outcome of each fault, in words; None: it was applied at its place."""
    missed, moved = _missed(sent), dict(displaced(sent.schedule))
    outcomes: dict[Fault, str | None] = {}
    for fault in (each.fault for each in sent.schedule.faults):
        if fault in missed:
            outcomes[fault] = f"was not applied: {missed[fault]}"
        else:
            outcomes[fault] = f"was applied at the end: {moved[fault]}" if fault in moved else None
    return outcomes


def _missed(sent: SendResult) -> dict[Fault, str]:
    head = sent.head_ms is not None
    return dict(unfired(sent.schedule, framing=sent.framing, sent=sent.size, head=head, end=sent.end))


def merged_warnings(outcomes: Sequence[Mapping[str, str | None]]) -> tuple[str, ...]:
    """
    Return a line for each fault or word that has acted in none of several processes.

    *outcomes*: the result of `FaultRecord.outcomes` in each process.  The line comes from a process with an answer that
    the fault applies to, if there is one.
    """
    lines = []
    for called in dict.fromkeys(name for each in outcomes for name in each):
        reasons = [each[called] for each in outcomes if called in each]
        missed = [reason for reason in reasons if reason is not None]
        if len(missed) == len(reasons):
            reason = next((reason for reason in missed if reason != _NOT_ASKED), _NOT_ASKED)
            lines.append(f"{called} {reason}")
    return tuple(lines)


def _of_fault(fault: Fault) -> str:
    return f"the fault `{fault}`"


def _of_word(word: str) -> str:
    return f"`{word}`"
