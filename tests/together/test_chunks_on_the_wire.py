"""Every recorded answer, replayed over a real socket, comes in the HTTP chunks in which it was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from tests.support.raw_client import RawClient
from tests.support.stage import serving

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.wire.sender import SendResult, send, sent_response

RELEASES = sorted(folder.name for folder in (cassette_folder() / "recorded").iterdir())
CASES = [case for release in RELEASES for case in sorted((cassette_folder() / "recorded" / release).glob("*.yaml"))]
INSTANT = Delivery.parse(pace="instant")


def the_response(case: Path) -> Response:
    return load(case).interactions[-1].response


@asynccontextmanager
async def playing(cases: list[Path]) -> AsyncIterator[tuple[str, asyncio.Queue[SendResult]]]:
    """Serve each case under its index."""
    all_sent: asyncio.Queue[SendResult] = asyncio.Queue()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = the_response(cases[int(request.path[1:])])
        sent = await send(request, build_schedule(response, INSTANT), SystemClock())
        all_sent.put_nowait(sent)
        return sent_response(sent)

    async with serving(answer) as url:
        yield url, all_sent


@pytest.mark.asyncio
@pytest.mark.parametrize("release", RELEASES)
async def test_every_chunk_arrives_with_its_recorded_size(release: str) -> None:
    cases = [case for case in CASES if case.parent.name == release and the_response(case).end is End.COMPLETE]
    async with playing(cases) as (url, all_sent):
        for index, case in enumerate(cases):
            recorded = the_response(case)
            async with RawClient(url) as client:
                answer = await client.get(f"/{index}")
            sizes = [size for _, size in recorded.chunks] or [len(recorded.body)]
            assert (case.name, answer.end) == (case.name, "complete")
            assert (answer.status, answer.body) == (recorded.status, recorded.body)
            assert [len(chunk) for chunk in answer.chunks] == [size for size in sizes if size]
            assert (await all_sent.get()).body == recorded.body


@pytest.mark.asyncio
async def test_what_the_recording_client_left_stays_open_behind_its_last_chunk() -> None:
    cases = [case for case in CASES if the_response(case).end is End.CLIENT_CLOSED]
    assert cases
    async with playing(cases) as (url, all_sent):
        for index, case in enumerate(cases):
            recorded = the_response(case)
            last = recorded.body[-recorded.chunks[-1][1] :]
            async with RawClient(url) as client:
                client.writer.write(f"GET /{index} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                await client.reader.readuntil(b"%x\r\n%b\r\n" % (len(last), last))
                assert all_sent.empty()
            sent = await all_sent.get()
            assert (case.name, sent.end, sent.body) == (case.name, End.STALLED, recorded.body)
