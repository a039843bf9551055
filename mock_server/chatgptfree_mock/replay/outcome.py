"""
Which faults of a delivery had an effect on an answer, and why the others had none.

A fault strikes at a place of the whole answer.  It does not where another fault ends the answer before, where the
framing leaves it nothing to spoil, or where the client has left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.tape.model import End

_CHUNKED_ONLY: Final = frozenset({"garble-chunk", "drop-final-chunk", "chunk-extensions", "trailers"})
_WITH_A_BODY: Final = frozenset(
    {"truncate", "end", "delay-body", "drip", "wrong-length", "close-delimited", "gzip", "gzip-cut", "extra-bytes"}
)
_AT_THE_END: Final = frozenset({"trailers", "extra-bytes"})


def unfired(performance: Schedule, *, framing: Framing, sent: int, head: bool, end: End) -> Iterator[tuple[Fault, str]]:
    """
    Yield each fault of *performance* that had no effect, with the reason.

    *framing* is the one towards this client, *sent* the bytes of the body that went out, *head* whether the head did,
    *end* how the answer ended.
    """
    for fault, offset in performance.strikes:
        reason = (
            _superseded(fault, performance)
            or _shapeless(fault, framing)
            or _not_reached(fault, offset, performance, sent=sent, head=head, end=end)
        )
        if reason:
            yield fault, reason


def _superseded(fault: Fault, performance: Schedule) -> str:
    ending = performance.ended_by
    if fault.ends_the_answer and fault is not ending:
        return f"`{ending}` ends the answer before" if ending else "the answer ends before"
    if ending is not None and fault.name in _AT_THE_END and performance.finish is not End.COMPLETE:
        return f"`{ending}` ends the answer before"
    return ""


def _shapeless(fault: Fault, framing: Framing) -> str:
    if framing is Framing.NONE and (fault.name in _WITH_A_BODY or fault.name in _CHUNKED_ONLY):
        return "the answer has no body"
    if fault.name in _CHUNKED_ONLY and framing is not Framing.CHUNKED:
        return "the answer is not sent in HTTP chunks"
    if fault.name == "wrong-length" and framing is not Framing.LENGTH:
        return "the answer announces no length"
    return ""


def _not_reached(fault: Fault, offset: int, performance: Schedule, *, sent: int, head: bool, end: End) -> str:
    left = end is End.CLIENT_CLOSED
    if fault.ends_the_answer or fault.name in _AT_THE_END:
        return f"the client left after {sent} bytes" if left else ""
    if performance.head_due is None or offset < 0:
        return ""
    if not head:
        return "the client left before the head"
    in_a_piece = min(offset + 1, max(len(performance.body), 1))
    needed = {"delay-body": 1, "drip": offset + 1, "stall": offset, "garble-chunk": in_a_piece}
    if sent < needed.get(fault.name, 0):
        return f"only {sent} bytes of the body went out"
    return ""
