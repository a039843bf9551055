"""
The recording proxy: a server on this machine that forwards to one site and nowhere else.

Each request is answered from the file, forwarded and recorded, or refused, by the cassette's mode.  A failure on
the way to the site is answered with 502 and shown in the view; it is not recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Protocol, Self

from aiohttp import web
from msgspec.structs import replace

from chatgptfree_mock.clock import Clock
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.captured_response import CapturedResponse
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.relay import Relay
from chatgptfree_mock.recorder.upstream import UpstreamConnection, UpstreamError, on_the_wire, passed_on
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.tape.matching import Mismatch
from chatgptfree_mock.tape.model import End, Interaction, Request, Response, header_of
from chatgptfree_mock.tape.origin import NoSiteError, Origin, leads_elsewhere
from chatgptfree_mock.tape.replay_options import RewriteScope
from chatgptfree_mock.tape.url_rewriting import Rewriting, is_rewritten, to_client
from chatgptfree_mock.wire.closing import ClosingServerRunner, last_response
from chatgptfree_mock.wire.connection import AlreadySent, Connection, while_connected
from chatgptfree_mock.wire.listening_socket import BACKLOG, listen
from chatgptfree_mock.wire.request_body import BodyTooLargeError, read_body
from chatgptfree_mock.wire.sender import send, sent_response

REQUEST_LIMIT = 64 * 1024 * 1024
"""The largest request body, in bytes, that is read and passed on."""
_HEADER_LIMIT = 256 * 1024
_AT_ONCE = 64 * 1024
"""The largest request in bytes that is searched on the event loop, which takes some milliseconds."""


class RecorderView(Protocol):
    """Shows the progress of a recording."""

    def began(self, number: int, method: str, target: str) -> None:
        """Show that an exchange has begun."""
        ...

    def receiving(self, number: int, captured: CapturedResponse) -> None:
        """Show *captured* from now on while it grows."""
        ...

    def ended(self, number: int, what: str) -> None:
        """Show how an exchange has ended."""
        ...

    def problem(self, text: str) -> None:
        """Show a notice."""
        ...


class Recorder:
    """A running proxy for one site, as an async context manager with `url`."""

    def __init__(
        self,
        upstream: UpstreamConnection,
        cassette: CassetteFile,
        *,
        view: RecorderView,
        clock: Clock,
        host: str = "127.0.0.1",
        port: int = 0,
        stall_after: float = 10.0,
        request_limit: int = REQUEST_LIMIT,
        rewrite: RewriteScope = "pages",
    ) -> None:
        self._request_limit = request_limit
        self._rewrite, self._led_past = rewrite, False
        self._upstream, self._cassette, self._view, self._clock = upstream, cassette, view, clock
        self._site = upstream.site
        self._host, self._port, self._stall_after = host, port, stall_after
        self._numbers: Iterator[int] = count(1)
        self._saving: set[asyncio.Task[None]] = set()
        self._large = asyncio.Lock()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = web.Server(
            self._answer,
            access_log=None,
            logger=SERVER_LOG,
            auto_decompress=False,
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
        )
        self._runner = ClosingServerRunner(self._server, shutdown_timeout=0.01)
        listening = listen(self._host, self._port)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=BACKLOG).start()
        self._port = self._runner.addresses[0][1]
        self.url = str(Origin("http", self._host, self._port))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop; unfinished exchanges are recorded as far as they are."""
        await self._runner.cleanup()
        if self._saving:
            await asyncio.wait(self._saving)

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for another connection, such as an intercepted one; only while the proxy runs."""
        return self._server()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        number = next(self._numbers)
        self._view.began(number, request.method, request.raw_path)
        proxy = self._as_seen_by(request)
        if refusal := self._refusal(request):
            self._view.ended(number, refusal)
            return web.Response(status=403, text=f"{refusal}\n")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return self._no_websocket(number, request)
        connection = Connection(request)
        if request.headers.get("Expect", "").lower() == "100-continue" and connection.http11:
            connection.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await read_body(request, self._request_limit)
        except BodyTooLargeError:
            return self._too_large(number)
        except (web.RequestPayloadError, ConnectionError):
            self._view.ended(number, "the client broke off its request")
            return last_response(400, "the body of the request is cut off, or its framing is invalid")
        forwarded, found = await self._looked_up(request, body, proxy)
        if isinstance(found, Interaction):
            return await self._replay(number, request, found.response, proxy)
        if found is not None and not self._cassette.records:
            return self._nothing_recorded(number, found)
        return await self._forward(number, request, forwarded, proxy)

    async def _looked_up(
        self, request: web.BaseRequest, body: bytes, proxy: Origin
    ) -> tuple[Request, Interaction | Mismatch | None]:
        """Return the request for the site, and its recorded answer; on a thread if the request is large."""

        def look_up() -> tuple[Request, Interaction | Mismatch | None]:
            forwarded = passed_on(request, body, proxy=proxy, site=self._site)
            return forwarded, self._cassette.find(forwarded) if self._cassette.replays else None

        if len(body) <= _AT_ONCE:
            return look_up()
        async with self._large:  # one at a time, since each changes how often a recording was played
            return await asyncio.to_thread(look_up)

    def _no_websocket(self, number: int, request: web.BaseRequest) -> web.StreamResponse:
        text = (
            f"{request.method} {request.raw_path[:200]} asks for a websocket, which cannot be recorded: it is refused"
        )
        self._view.problem(text)
        self._view.ended(number, "501")
        return last_response(501, text)

    def _too_large(self, number: int) -> web.StreamResponse:
        text = f"the request body is larger than {self._request_limit} bytes; raise --request-limit to record it"
        self._view.problem(text)
        self._view.ended(number, "413")
        return last_response(413, text)

    def _as_seen_by(self, request: web.BaseRequest) -> Origin:
        """Return the address at which the client reaches this proxy."""
        with suppress(NoSiteError, ValueError):
            return Origin.parse(f"{request.scheme}://{request.headers.get('Host', '')}")
        return Origin("http", self._host, self._port)

    def _refusal(self, request: web.BaseRequest) -> str | None:
        target = request.raw_path
        if target.startswith("/") or target == "*":
            return None
        if target.startswith((f"{self._site}/", f"{self.url}/")):
            return None
        return (
            f"this proxy records {self._site} and forwards to nothing else: {request.method} {target[:200]} is refused"
        )

    def _nothing_recorded(self, number: int, mismatch: Mismatch) -> web.StreamResponse:
        self._view.ended(number, "refused: not recorded")
        return web.Response(status=404, text=f"{mismatch}\n(nothing is recorded in this mode)\n")

    async def _replay(
        self, number: int, request: web.BaseRequest, recorded: Response, proxy: Origin
    ) -> web.StreamResponse:
        sent = await send(
            request, build_schedule(_with_proxy_addresses(recorded, self._site, proxy, self._rewrite)), self._clock
        )
        self._view.ended(number, f"{recorded.status} replayed, {sent.end}")
        return sent_response(sent)

    async def _forward(
        self, number: int, request: web.BaseRequest, forwarded: Request, proxy: Origin
    ) -> web.StreamResponse:
        try:
            reader, writer = await while_connected(request, self._upstream.connect())
        except ConnectionResetError:
            self._view.ended(number, "the client left before the site was asked")
            return AlreadySent(499, "Client Closed Request", keep_alive=False)
        except UpstreamError as exc:
            self._view.problem(str(exc))
            self._view.ended(number, "502")
            return web.Response(status=502, text=f"{exc}\n")
        try:
            writer.write(on_the_wire(forwarded, self._site))
            relay = Relay(
                reader,
                Connection(request),
                method=forwarded.method,
                site=self._site,
                proxy=proxy,
                clock=self._clock,
                rewrite=self._rewrite,
            )
            return await self._record(number, forwarded, relay)
        finally:
            writer.transport.abort()

    async def _record(self, number: int, forwarded: Request, relay: Relay) -> web.StreamResponse:
        captured = relay.captured
        self._view.receiving(number, captured)

        def stalled() -> None:
            captured.stalled = True
            self._keep(number, forwarded, captured.response(End.STALLED))

        end: End | None = None
        try:
            end = await relay.run(stalled=stalled, stall_after=self._stall_after)
        finally:
            end = end or relay.interrupted()
            self._keep(number, forwarded, captured.response(end))
            self._view.ended(number, f"{captured.status or 'no answer'} {end}")
            for notice in captured.notices():
                self._view.problem(f"the answer to {forwarded.method} {forwarded.uri[:200]} {notice}")
        if not self._led_past and relay.leads_past:
            self._led_past = True
            self._view.problem(
                f"the answer to {forwarded.method} {forwarded.uri[:200]} has addresses of the site, which are left in "
                "data: a client that follows one bypasses this proxy (`rewrite` is `pages`; with `all` they are "
                "changed)"
            )
        if elsewhere := self._elsewhere(captured):
            self._view.problem(f"{self._site} redirects to {elsewhere}, another site: record that one")
        return AlreadySent(captured.status, captured.reason, keep_alive=end is End.COMPLETE and relay.keep_alive)

    def _elsewhere(self, captured: CapturedResponse) -> str | None:
        location = header_of(captured.headers, "location")
        return leads_elsewhere(location, self._site) if 300 <= captured.status < 400 else None

    def _keep(self, number: int, forwarded: Request, response: Response) -> None:
        self._cassette.put(number, Interaction(request=forwarded, response=response))
        task = asyncio.get_running_loop().create_task(self._save())
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _save(self) -> None:
        try:
            await self._cassette.save()
        except CassetteError as exc:
            self._view.problem(f"{exc}; it is tried again with the next exchange")
        while self._cassette.notices:
            self._view.problem(self._cassette.notices.pop(0))


def _with_proxy_addresses(response: Response, site: Origin, proxy: Origin, mode: RewriteScope) -> Response:
    """Return a recorded answer with the proxy's addresses in it, as far as *mode* goes."""
    if proxy == site:
        return response
    shown = replace(response, headers=to_client(response.headers, site, proxy, mode))
    if not is_rewritten(response.header("Content-Type"), mode) or response.raw is not None:
        return shown
    rewriting = Rewriting(site, proxy)
    at, rewritten, chunks = 0, [], []
    for ms, size in response.chunks or ((0, len(response.body)),):
        rewritten.append(rewriting.feed(response.body[at : at + size]))
        chunks.append((ms, len(rewritten[-1])))
        at += size
    held = rewriting.finish()
    chunks.append((chunks[-1][0], len(held)))
    return replace(shown, body=b"".join([*rewritten, held]), chunks=tuple(chunks))
