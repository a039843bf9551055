"""
The server that plays a recording to a client; every run has its own port and its own connections.

It runs on a thread of its own.  The data of a run (its requests, the time of the last bytes) is in its `Replay`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler

from chatgptfree_mock.clock import bind_to_real_time
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.replay import Disturbance, Replay
from chatgptfree_mock.crashtest.recording.replay_answers import AT_ONCE, BODY_LIMIT, ReplayAnswers, without_end
from chatgptfree_mock.server.listening import LOOPBACK, address_of
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.variants.wire_bytes import Answer, render
from chatgptfree_mock.wire.closing import close_connections
from chatgptfree_mock.wire.listener import Listener
from chatgptfree_mock.wire.listening_socket import listen

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.authority import Authority

_LINE_LIMIT: Final = 256 * 1024
_CLOSING: Final = 0.02
"""Seconds that a handler gets to end when its run is over."""


class _OpenRun(msgspec.Struct, kw_only=True):
    """A running run, with everything that has to be closed at its end."""

    connections: web.Server
    stop_listening: Callable[[], Awaitable[None]]
    closing: asyncio.Future[None] | None = None
    """The closing, once it has begun: an interrupted crash test and the thread of the client both ask for it."""


class ReplayServer:
    """
    Plays *recording*, one run at a time or several at once; a context manager.

    *intercept*: whether clients reach it by a forward proxy under the recorded names, or under the given ones.
    """

    def __init__(self, recording: PlayedRecording, *, intercept: bool | tuple[str, ...] = False) -> None:
        self.recording = recording
        self.background = BackgroundLoop()
        self._open: dict[int, _OpenRun] = {}
        self._hosts = recording.hosts if intercept is True else intercept or ()
        self._authority: Authority | None = None
        self._stack = ExitStack()
        self._origins = list({each.key.site: each.interaction.request.uri for each in recording.exchanges}.values())

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._hosts:
                from chatgptfree_mock.intercept.interception import temporary_authority  # slow to import

                self._authority = stack.enter_context(temporary_authority())
            stack.enter_context(self.background)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        for number in list(self._open):
            self.background.run(self._close(number))
        self._stack.close()

    def open(self, disturbed: Disturbance) -> Replay:
        """Begin a run in which *disturbed* replaces one exchange."""
        return self.background.run(self._listen(disturbed))

    def close(self, replay: Replay) -> None:
        """End a run: the port and all its connections are closed; no-op for one that has ended."""
        self.background.run(self._close(id(replay)))

    def undisturbed(self, index: int) -> Disturbance:
        """Return the exchange at *index* as it was recorded, sent at once."""
        recording = self.recording
        if index == recording.answer:
            answer = recording.recorded.answer()
        else:
            answer = Answer(response=without_end(recording.exchanges[index].interaction.response), delivery=AT_ONCE)
        return Disturbance(index=index, answer=answer, sent=render(answer))

    async def _listen(self, disturbed: Disturbance) -> Replay:
        loop = asyncio.get_running_loop()
        bind_to_real_time(loop)
        if self._authority is not None:
            return await self._intercept(disturbed, self._authority)
        listening = listen(LOOPBACK, 0)
        replay = Replay(url=address_of(LOOPBACK, listening.getsockname()[1]))
        play = ReplayAnswers(self.recording, self._origins, disturbed, replay)
        connections = web.Server(play.answer, request_factory=_request)
        listener = Listener(listening, partial(_ReplayConnection, connections, loop, play.noted))
        self._open[id(replay)] = _OpenRun(connections=connections, stop_listening=listener.stop)
        return replay

    async def _intercept(self, disturbed: Disturbance, authority: Authority) -> Replay:
        from chatgptfree_mock.intercept.interception import Interception

        replay = Replay(url="")
        # Recorded addresses stay unchanged, since the client asks for the sites by their own names.
        play = ReplayAnswers(self.recording, [], disturbed, replay, by_site=True)
        connections = web.Server(play.answer, request_factory=_request)
        serve = partial(_ReplayConnection, connections, asyncio.get_running_loop(), play.noted)
        interception = Interception(serve, self._hosts, fault=disturbed.tls, authority=authority)
        await interception.__aenter__()
        replay.interception, replay.url = interception, interception.origin

        async def stop_listening() -> None:
            await _read_what_came()
            await interception.__aexit__()

        self._open[id(replay)] = _OpenRun(connections=connections, stop_listening=stop_listening)
        return replay

    async def _close(self, number: int) -> None:
        run = self._open.get(number)
        if run is None:
            return
        if run.closing is None:
            run.closing = asyncio.ensure_future(self._end(number, run))
        await run.closing

    async def _end(self, number: int, run: _OpenRun) -> None:
        await run.stop_listening()
        if run.connections.connections:
            await _read_what_came()
        await close_connections(run.connections, _CLOSING)
        del self._open[number]


async def _read_what_came() -> None:
    """Let the loop read requests that were sent just before the client ended: it looks at its sockets in each step."""
    for _ in range(3):
        await asyncio.sleep(0)


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT)


class _ReplayConnection(RequestHandler):
    """A connection that reports when bytes come."""

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop, noted: Callable[[], None]) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None is what switches it off
            logger=SERVER_LOG,
            auto_decompress=False,
            max_line_size=_LINE_LIMIT,
            max_field_size=_LINE_LIMIT,
        )
        self._noted = noted

    __slots__ = ("_noted",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._noted()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._noted()
        super().data_received(data)
