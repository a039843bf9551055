"""What a crash test advises where the client asked for what the recording does not have."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import tapes

from chatgptfree_mock.crashtest.recording.missing_exchange import missing_exchanges
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording

LACKS = "it asked for {}, which the recording does not have"


@pytest.mark.parametrize(
    ("base", "asked", "advice"),
    [
        pytest.param(
            "", "POST /chat/completions", "the recorded path is /v1/chat/completions: give --base /v1", id="base"
        ),
        pytest.param(
            "", "POST /completions?a=/b", "the recorded path is /v1/chat/completions: give --base /v1/chat", id="query"
        ),
        pytest.param(
            "/chat",
            "POST /chat/completions",
            "the recorded path is /v1/chat/completions: give --base /v1/chat",
            id="longer",
        ),
        pytest.param(
            "/v1",
            "POST /v1/v1/chat/completions",
            "it puts /v1 before the path itself: leave out --base /v1",
            id="no base",
        ),
        pytest.param("", "GET /models", "record a session that has it", id="another path"),
        pytest.param("", "GET /", "record a session that has it", id="root"),
        pytest.param("", "GET /v1/chat/completions", "record a session that has it", id="another method"),
    ],
)
def test_the_advice(base: str, asked: str, advice: str, tmp_path: Path) -> None:
    recording = load_played_recording([str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))])
    plan = RecordingPlan(sources=(), base=base, here=tmp_path)
    assert missing_exchanges([asked], plan, recording) == [f"{LACKS.format(asked)}; {advice}"]


def test_an_intercepted_client_needs_no_base(tmp_path: Path) -> None:
    recording = load_played_recording([str(tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION))])
    plan = RecordingPlan(sources=(), intercept=True, here=tmp_path)
    line = "POST /chat/completions"
    assert missing_exchanges([line], plan, recording) == [f"{LACKS.format(line)}; record a session that has it"]
