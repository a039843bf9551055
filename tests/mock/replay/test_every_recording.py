"""Every recorded answer under every chunking: the bytes stay, and none comes before it was there."""

from __future__ import annotations

from itertools import accumulate

import pytest

from chatgptfree_mock.replay.chunking import CHUNK_WORDS
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.model import Response

WORDS = [word.replace("N[,N…]", "7,1000").replace("N", "13").replace("SEED", "3") for word in CHUNK_WORDS]


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, Response]]:
    cassettes = sorted((cassette_folder() / "recorded").rglob("*.yaml"))
    return [(f"{path.parent.name}/{path.stem}", load(path).interactions[-1].response) for path in cassettes]


@pytest.mark.parametrize("word", WORDS)
def test_the_bytes_stay_and_keep_their_times(word: str, answers: list[tuple[str, Response]]) -> None:
    assert len(answers) == 625
    for name, answer in answers:
        schedule = build_schedule(answer, Delivery.parse(chunks=word))
        assert (name, schedule.body, sum(schedule.sizes)) == (name, answer.body, len(answer.body))
        recorded = list(
            zip(accumulate(size for _, size in answer.chunks), (ms for ms, _ in answer.chunks), strict=True)
        )
        last = dict(zip(accumulate(schedule.sizes), schedule.send_times, strict=True))
        assert all(last[end] == ms for end, ms in recorded if end in last)
