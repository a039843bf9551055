"""Advice about requests without a recorded response."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording


def missing_exchanges(unknown: Iterable[str], plan: RecordingPlan, recording: PlayedRecording) -> list[str]:
    """Return a clause for each of the *unknown* requests, such as `GET /models`, with what to do."""
    paths = [urlsplit(exchange.interaction.request.uri).path for exchange in recording.exchanges]
    # An intercepted client has the site's own address, so no base is put before its paths.
    base = None if plan.intercept else plan.base
    return [f"it asked for {line}, which the recording does not have{_advice(line, paths, base)}" for line in unknown]


def _advice(line: str, recorded: Sequence[str], base: str | None) -> str:
    path = line.partition(" ")[2].partition("?")[0]
    if base and path.removeprefix(base) in recorded:
        return f"; it puts {base} before the path itself: leave out --base {base}"
    longer = min((each for each in recorded if each != path and each.endswith(path)), key=len, default=None)
    if longer is not None and base is not None and len(path) > len("/"):
        return f"; the recorded path is {longer}: give --base {longer.removesuffix(path)}{base}"
    return "; record a session that has it"
