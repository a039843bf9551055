"""The lines that are printed while no verdict is there yet."""

from __future__ import annotations

import threading
from itertools import chain, repeat

import pytest

from chatgptfree_mock.crashtest.first_runs import line_after, waiting_notices


def test_a_notice_is_written_each_time_that_one_is_due() -> None:
    written: list[str] = []
    third = threading.Event()

    def write(line: str) -> None:
        written.append(line)
        if len(written) == 3:
            third.set()

    never = repeat(1e6)  # seconds that no test waits for
    with waiting_notices(write, after=chain((0.0, 0.0, 0.0), never)):
        assert third.wait(300)
    assert written == ["no verdict yet after 0 s: the client runs undisturbed first, twice"] * 3


@pytest.mark.parametrize("by_call", [True, False], ids=["with the first verdict", "with the crash test"])
def test_it_ends(*, by_call: bool) -> None:
    before = set(threading.enumerate())
    with waiting_notices(lambda _: None, after=repeat(1e6)) as ended:
        (thread,) = set(threading.enumerate()) - before
        if by_call:
            ended()
            thread.join(300)
            assert not thread.is_alive()
    assert not thread.is_alive()


def test_whole_seconds_have_no_point() -> None:
    assert line_after(2.0) == "no verdict yet after 2 s: the client runs undisturbed first, twice"
