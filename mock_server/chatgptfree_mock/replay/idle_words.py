"""The words of a delivery, except faults, that cannot act on a recorded response, and the reasons."""

from __future__ import annotations

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.tape.model import Response


def word_outcomes(response: Response, delivery: Delivery) -> dict[str, str | None]:
    """Return each word of *delivery* with the reason why it cannot act on *response*; None: it acts."""
    outcomes: dict[str, str | None] = {}
    chunks, pace = delivery.chunks, delivery.pace
    if not chunks.keeps_single_chunk:
        outcomes[f"chunks={chunks}"] = _reason(_lacking(response, delivery))
    if pace.asked and pace.follows_recording:
        timed = response.chunks or response.raw_chunks or response.ended is not None
        outcomes[f"pace={pace}"] = None if timed else _reason("recorded times")
    return outcomes


def _lacking(response: Response, delivery: Delivery) -> str:
    return delivery.chunks.lacking(response.body) if response.body else "body"


def _reason(lacking: str) -> str | None:
    return f"did not act: the answer has no {lacking}" if lacking else None
