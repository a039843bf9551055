"""The lines that are printed while no verdict is there yet."""

from __future__ import annotations

import threading
from itertools import chain, repeat

import pytest

from chatgptfree_mock.crashtest.first_runs import line_after, said_while_waiting


def test_who_waits_for_the_first_runs_is_told_so_again_and_again() -> None:
    said: list[str] = []
    third = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        if len(said) == 3:
            third.set()

    never = repeat(1e6)  # seconds that no test waits for
    with said_while_waiting(say, after=chain((0.0, 0.0, 0.0), never)):
        assert third.wait(300)
    assert said == ["no verdict yet after 0 s: the client runs undisturbed first, twice"] * 3


@pytest.mark.parametrize("by_call", [True, False], ids=["with the first verdict", "with the crash test"])
def test_it_ends(*, by_call: bool) -> None:
    before = set(threading.enumerate())
    with said_while_waiting(lambda _: None, after=repeat(1e6)) as ended:
        (thread,) = set(threading.enumerate()) - before
        if by_call:
            ended()
            thread.join(300)
            assert not thread.is_alive()
    assert not thread.is_alive()


def test_seconds_are_written_as_people_do() -> None:
    assert line_after(2.0) == "no verdict yet after 2 s: the client runs undisturbed first, twice"
