"""A client that stops reading and goes on: every byte once, in order, and one timer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import cast

from aiohttp import HttpVersion11, web
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.clock import ManualClock, Timer
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.tape.model import End
from chatgptfree_mock.wire.sender import send

HIGH, LOW = 64 * 1024, 16 * 1024


class SlowTransport:
    """A transport whose client reads when the test lets it; it calls its protocol when asyncio's would."""

    def __init__(self) -> None:
        self.written = bytearray()
        self._waiting = 0
        self._paused = False
        self._closing = False
        self._protocol: asyncio.Protocol | None = None

    def write(self, data: bytes) -> None:
        self.written += data
        self._waiting += len(data)
        if self._waiting > HIGH and not self._paused:
            self._paused = True
            if self._protocol is not None:
                self._protocol.pause_writing()

    def take(self, size: int) -> None:
        self._waiting -= min(size, self._waiting)
        if self._paused and self._waiting <= LOW:
            self._paused = False
            if self._protocol is not None:
                self._protocol.resume_writing()

    def hang_up(self) -> None:
        self._closing = True
        if self._protocol is not None:
            self._protocol.connection_lost(None)

    def get_write_buffer_size(self) -> int:
        return self._waiting

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return LOW, HIGH

    def set_write_buffer_limits(self) -> None:
        """Keep those that there are."""

    def is_closing(self) -> bool:
        return self._closing

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self._protocol = protocol


class CountingClock(ManualClock):
    """A clock that knows how many of its timers run."""

    def __init__(self) -> None:
        super().__init__()
        self.running: set[int] = set()
        self._numbers = count()

    def call_at(self, deadline: float, call: Callable[[], None]) -> Timer:
        number = next(self._numbers)
        self.running.add(number)

        def fire() -> None:
            self.running.discard(number)
            call()

        return CountedTimer(super().call_at(deadline, fire), partial(self.running.discard, number))


@dataclass
class CountedTimer:
    """A timer that reports that it was cancelled."""

    timer: Timer
    report: Callable[[], None]

    def cancel(self) -> None:
        self.report()
        self.timer.cancel()


def paced(sizes: list[int], gaps: list[int]) -> Schedule:
    dues = [float(sum(gaps[: index + 1])) for index in range(len(sizes))]
    body = bytes(index % 251 for index in range(sum(sizes)))
    return Schedule(
        framing=Framing.CHUNKED,
        body=body,
        sizes=tuple(sizes),
        send_times=tuple(dues),
        head_time=dues[0],
        end_time=dues[-1] + 5,
    )


STEPS = st.lists(
    st.tuples(st.just("turn"), st.sampled_from([0, 5, 20, 60]))
    | st.tuples(st.just("take"), st.sampled_from([1000, 40_000, 150_000])),
    min_size=1,
    max_size=30,
)


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from([1, 50, 3000, 40_000]), st.sampled_from([0, 10, 40])), min_size=1, max_size=12
    ),
    earlier=st.sampled_from([(0, 0), (100_000, 0), (100_000, 50_000)]),
    steps=STEPS,
    hangs_up=st.booleans(),
)
def test_nothing_is_lost_or_doubled_and_one_timer_runs(
    pieces: list[tuple[int, int]], earlier: tuple[int, int], steps: list[tuple[str, int]], hangs_up: bool
) -> None:
    """Also behind an *earlier* answer, of which the client has only taken so much: requests may come in a row."""
    schedule = paced([size for size, _ in pieces], [gap for _, gap in pieces])

    async def run() -> None:
        clock, transport = CountingClock(), SlowTransport()
        before, taken = earlier
        transport.write(bytes(before))
        transport.take(taken)
        transport.written.clear()
        request = SimpleNamespace(
            transport=transport, protocol=asyncio.Protocol(), version=HttpVersion11, keep_alive=True, method="GET"
        )
        sending = asyncio.ensure_future(send(cast(web.BaseRequest, request), schedule, clock))
        await asyncio.sleep(0)
        for what, number in steps:
            clock.turn(number / 1000) if what == "turn" else transport.take(number)
            assert len(clock.running) <= 1
        if hangs_up:
            transport.hang_up()
        for _ in range(len(pieces) + 2):
            transport.take(1_000_000)
            clock.turn(1)
            await asyncio.sleep(0)
        sent = await asyncio.wait_for(sending, 5)
        assert len(clock.running) == 0
        frames = b"".join(schedule.frames(0, len(schedule.sizes), 0, framing=Framing.CHUNKED))
        whole = schedule.head() + frames + schedule.last(framing=Framing.CHUNKED)
        if sent.end is End.COMPLETE:
            assert (bytes(transport.written), sent.body) == (whole, schedule.body)
        else:
            assert sent.end is End.CLIENT_CLOSED
            assert whole.startswith(transport.written)

    asyncio.run(run())
