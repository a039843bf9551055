"""
The faults of a delivery that had no effect on a response, and the reasons.

A fault acts at a place in the whole response.  It has no effect if another fault ends the response before that, if the
framing does not have the part that it breaks, or if the client left before.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.schedule import Framing, ResolvedFault, Schedule
from chatgptfree_mock.tape.model import End


def unfired(schedule: Schedule, *, framing: Framing, sent: int, head: bool, end: End) -> Iterator[tuple[Fault, str]]:
    """
    Yield each fault of *schedule* that had no effect, with the reason.

    *framing*: that for this client.  *sent*: the bytes of the body that were sent.  *head*: whether the head was sent.
    *end*: how the response ended.
    """
    for each in schedule.faults:
        reason = (
            _superseded(each.fault, schedule)
            or _without_target(each.fault, framing)
            or _not_reached(each, schedule, sent=sent, head=head, end=end)
        )
        if reason:
            yield each.fault, reason


def displaced(schedule: Schedule) -> Iterator[tuple[Fault, str]]:
    """Yield each fault of *schedule* that acts at the end because the response is too short for it, with the reason."""
    for each in schedule.faults:
        if each.shortage:
            yield each.fault, f"the response has only {each.shortage}"


def _superseded(fault: Fault, schedule: Schedule) -> str:
    ending = schedule.ended_by
    if fault.ends_response and fault is not ending:
        return f"`{ending}` ends the response before" if ending else "the response ends before"
    if ending is not None and fault.word.after_body and schedule.end is not End.COMPLETE:
        return f"`{ending}` ends the response before"
    return ""


def _without_target(fault: Fault, framing: Framing) -> str:
    if framing is Framing.NONE and fault.word.needs_body:
        return "the response has no body"
    if fault.word.framing == "chunks" and framing is not Framing.CHUNKED:
        return "the response is not sent in HTTP chunks"
    if fault.word.framing == "length" and framing is not Framing.LENGTH:
        return "the response announces no length"
    return ""


def _not_reached(resolved: ResolvedFault, schedule: Schedule, *, sent: int, head: bool, end: End) -> str:
    fault, offset = resolved.fault, resolved.offset
    left = end is End.CLIENT_CLOSED
    if fault.ends_response or fault.word.after_body:
        return f"the client left after {sent} bytes" if left else ""
    if schedule.head_time is None or offset < 0:
        return ""
    if not head:
        return "the client left before the head"
    in_a_chunk = min(offset + 1, max(len(schedule.body), 1))
    needed = {"delay-body": 1, "drip": offset + 1, "stall": offset, "garble-chunk": in_a_chunk}
    if sent < needed.get(fault.name, 0):
        return f"only {sent} bytes of the body were sent"
    return ""
