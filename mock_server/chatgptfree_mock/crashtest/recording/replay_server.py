"""
The server that plays a story to a client; every run has its own port and its own connections.

It runs on a thread of its own.  The data of a run (its requests, the time of the last bytes) is in its `Replay`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.clock import SystemClock, bind_to_real_time
from chatgptfree_mock.contract.reply import text_response
from chatgptfree_mock.crashtest.recording.position import Position
from chatgptfree_mock.crashtest.recording.story import Story
from chatgptfree_mock.crashtest.recording.token_play import TokenPlay, TokenVariant
from chatgptfree_mock.crashtest.variant_verdict import MOST_REQUESTS
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server.listening import LOOPBACK, address_of, listen
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.tape.encoded_body import negotiated
from chatgptfree_mock.tape.model import End, Headers, Request, Response
from chatgptfree_mock.tape.own_addresses import OwnAddresses
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import Rule
from chatgptfree_mock.variants.wire_bytes import Answer, WireBytes, render
from chatgptfree_mock.wire.closing import close_connections, last_response
from chatgptfree_mock.wire.listener import Listener
from chatgptfree_mock.wire.request_body import BodyTooLargeError, read_body
from chatgptfree_mock.wire.sender import send, sent_response

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.authority import Authority
    from chatgptfree_mock.intercept.interception import Interception

_AT_ONCE: Final = Delivery.parse(pace="instant")
_BODY_LIMIT: Final = 64 * 1024 * 1024
_LINE_LIMIT: Final = 256 * 1024
_CLOSING: Final = 0.02
"""Seconds that a handler gets to end when its run is over."""


class Disturbance(Struct, frozen=True, kw_only=True):
    """
    The replacement of the exchange at *index*: an *answer*, or its *sent* bytes for HTTP/1.1; maybe only *once*.

    *rule* makes the answer anew in each run, where the response holds addresses of the site: they have to lead here.
    *tls*: what is wrong with the TLS of an intercepted client.  *tokens*: other values for those that come back.
    """

    index: int
    answer: Answer
    sent: WireBytes
    once: bool = False
    rule: Rule | None = None
    tls: TlsFault | None = None
    tokens: TokenVariant | None = None


@dataclass(slots=True, kw_only=True)
class Replay:
    """
    One run of a client: its requests so far.

    *url*: where the recorded origin is.  *plays*: requests for the disturbed exchange.  *asked*: a line for each
    request, and *known* the requests with the indexes of their exchanges.  *unknown*: requests that it lacks.
    *tokens*: what is given out and refused in this run.
    *accepts*: the `Accept-Encoding` of the first request for the disturbed exchange.  *moved*: the event loop's time at
    which a byte or a connection last came or went, None before the first.  *interception*: the proxy of the run, if the
    client is intercepted.
    """

    url: str
    plays: int = 0
    asked: list[str] = field(default_factory=list)
    known: list[tuple[int, Request]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    accepts: str | None = None
    moved: float | None = None
    asked_at: float = 0.0
    """The time of the last request."""
    interception: Interception | None = None
    tokens: TokenPlay | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables by which an intercepted client finds the proxy; nothing for others."""
        return {} if self.interception is None else self.interception.environment

    @property
    def requests(self) -> int:
        """Return the number of requests of the client; a failed handshake counts as well."""
        connections = 0 if self.interception is None else self.interception.proxy.connections
        return len(self.asked) or connections

    @property
    def is_storm(self) -> bool:
        """Return whether the client made so many requests that it is ended."""
        return max(self.plays, 0 if self.asked else self.requests) > MOST_REQUESTS


@dataclass(slots=True, kw_only=True)
class _OpenRun:
    """A running run, with everything that has to be closed at its end."""

    connections: web.Server
    stop_listening: Callable[[], Awaitable[None]]


class ReplayServer:
    """
    Plays *story*, one run at a time or several at once; a context manager.

    *intercept*: whether clients reach it by a forward proxy under the recorded names, or under the given ones.
    """

    def __init__(self, story: Story, *, intercept: bool | tuple[str, ...] = False) -> None:
        self.story = story
        self.background = BackgroundLoop()
        self._open: dict[int, _OpenRun] = {}
        self._hosts = story.hosts if intercept is True else intercept or ()
        self._authority: Authority | None = None
        self._stack = ExitStack()
        self._origins = list({each.key.site: each.interaction.request.uri for each in story.exchanges}.values())

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
        """End a run: the port and all its connections are closed."""
        self.background.run(self._close(id(replay)))

    def undisturbed(self, index: int) -> Disturbance:
        """Return the exchange at *index* as it was recorded, sent at once."""
        story = self.story
        if index == story.answer:
            answer = story.recorded.answer()
        else:
            answer = Answer(response=_whole(story.exchanges[index].interaction.response), delivery=_AT_ONCE)
        return Disturbance(index=index, answer=answer, sent=render(answer))

    async def _listen(self, disturbed: Disturbance) -> Replay:
        loop = asyncio.get_running_loop()
        bind_to_real_time(loop)
        if self._authority is not None:
            return await self._intercept(disturbed, self._authority)
        listening = listen(LOOPBACK, 0)
        replay = Replay(url=address_of(LOOPBACK, listening.getsockname()[1]))
        play = _Play(self.story, self._origins, disturbed, replay)
        connections = web.Server(play.answer, request_factory=_request)
        listener = Listener(listening, partial(_ReplayConnection, connections, loop, play.noted))
        self._open[id(replay)] = _OpenRun(connections=connections, stop_listening=listener.stop)
        return replay

    async def _intercept(self, disturbed: Disturbance, authority: Authority) -> Replay:
        from chatgptfree_mock.intercept.interception import Interception

        replay = Replay(url="")
        # Recorded addresses stay unchanged, since the client asks for the sites by their own names.
        play = _Play(self.story, [], disturbed, replay, by_site=True)
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
        run = self._open.pop(number)
        await run.stop_listening()
        if run.connections.connections:
            await _read_what_came()
        await close_connections(run.connections, _CLOSING)


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
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_BODY_LIMIT)


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


class _Play:
    """The answers to one run of a client; *by_site*: whether its requests name the recorded sites."""

    def __init__(
        self, story: Story, origins: list[str], disturbed: Disturbance, replay: Replay, *, by_site: bool = False
    ) -> None:
        self._story, self._disturbed, self._replay = story, disturbed, replay
        self._position = Position(story.exchanges, by_site=by_site)
        self._clock = SystemClock()
        self._origins = origins
        self._tokens = replay.tokens = None if disturbed.tokens is None else TokenPlay(disturbed.tokens)
        self._answer, self._sent = self._made_here(disturbed)

    def _made_here(self, disturbed: Disturbance) -> tuple[Answer, WireBytes]:
        if disturbed.rule is None:
            return disturbed.answer, disturbed.sent
        here = self._with_own_addresses(self._story.exchanges[disturbed.index].interaction.response)
        answer = disturbed.rule.rewrite(RecordedAnswer(here)) or disturbed.answer
        return answer, render(answer)

    def noted(self) -> None:
        """Record that bytes were sent or received."""
        self._replay.moved = self._clock.monotonic()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request* from the story."""
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._replay.interception is not None:
            refusal = self._replay.interception.proxy.refusal(request.method, request.raw_path)
            if refusal is not None:
                return web.Response(status=403, text=f"{refusal}\n")
        try:
            asked = _asked(request, await read_body(request, _BODY_LIMIT))
        except BodyTooLargeError:
            return last_response(413, f"more than {_BODY_LIMIT} bytes")
        except (web.RequestPayloadError, ConnectionResetError):
            return last_response(400, "the body is cut off, or its framing is invalid")
        self._replay.asked_at = self._clock.monotonic()
        result = await send(request, self._schedule(asked, request), self._clock)
        self.noted()
        return sent_response(result)

    def _schedule(self, asked: Request, request: web.BaseRequest) -> Schedule:
        replay = self._replay
        line = f"{asked.method} {request.path_qs}"
        replay.asked.append(line)
        index = self._position.next(asked if self._tokens is None else self._tokens.as_recorded(asked))
        if index is None:
            replay.unknown.append(line)
            return build_schedule(text_response(404, f"the recording has no exchange for {line}"), _AT_ONCE)
        replay.known.append((index, asked))
        if self._tokens is not None:
            return self._with_tokens(self._tokens, index, asked, request)
        if index == self._disturbed.index:
            return self._disturb(request)
        return self._undisturbed(index, request)

    def _with_tokens(self, tokens: TokenPlay, index: int, asked: Request, request: web.BaseRequest) -> Schedule:
        refused = tokens.refusal(index, asked)
        self._replay.plays += index == self._disturbed.index or refused is not None
        if refused is None:
            return self._undisturbed(index, request)
        self._position.take_back()
        refusal = self._story.refusals.of(refused, asked, self._replay.url, self._clock.time())
        return self._prepared(refusal.response, request)

    def _disturb(self, request: web.BaseRequest) -> Schedule:
        replay, disturbed = self._replay, self._disturbed
        replay.plays += 1
        if replay.accepts is None:
            replay.accepts = request.headers.get("Accept-Encoding", "")
        if disturbed.once and replay.plays > 1:
            return self._undisturbed(disturbed.index, request)
        http11 = request.version >= HttpVersion11
        return self._sent if http11 else render(self._answer, http11=False)

    def _undisturbed(self, index: int, request: web.BaseRequest) -> Schedule:
        response = self._story.exchanges[index].interaction.response
        if self._tokens is not None:
            response = self._tokens.response(index, response)
        if index == self._story.answer:
            recorded = self._story.recorded if self._tokens is None else RecordedAnswer(response)
            return render(recorded.answer(), http11=request.version >= HttpVersion11)
        return self._prepared(response, request)

    def _prepared(self, response: Response, request: web.BaseRequest) -> Schedule:
        """Return how a whole response is sent to the client of *request*."""
        response = self._with_own_addresses(_whole(response))
        accepted = request.headers.get("Accept-Encoding", "")
        return build_schedule(negotiated(response, accepted, method=request.method), _AT_ONCE)

    def _with_own_addresses(self, response: Response) -> Response:
        for origin in self._origins:
            response = OwnAddresses(origin, self._replay.url, "pages").response(response)
        return response


def _whole(response: Response) -> Response:
    """Return *response* without the end that it was recorded with: only the answer is ever broken."""
    return replace(response, end=End.COMPLETE, ended=None)


def _asked(request: web.BaseRequest, body: bytes) -> Request:
    headers: Headers = tuple((name, value) for name, value in request.headers.items())
    uri = f"{request.scheme}://{request.headers.get('Host') or 'mock'}{request.path_qs}"
    return Request(method=request.method, uri=uri, headers=headers, body=body or None)
