"""
Live answers: a test sends chunk after chunk and checks the client after each, without sleeping.

    pending = await site.reply.asked()      # a request that waits for its answer
    await pending.push("Hel")               # text, framed as that release of the plugin frames its streams
    await pending.push(b"data: [DO")        # bytes, as they are
    await pending.end()                     # or reset(), truncate()

Each push is one HTTP chunk and returns when the kernel has accepted it; a push to a client that has left raises
`ConnectionResetError`, and `pending.gone()` waits until the client leaves.  `LiveReply` has the same methods for the
latest reply; what was meant for a client that has left is never given to the next one.  The server's side is
`await converse(request, site_request, head, live, framing, clock, keep=…)`; it returns a `SendResult`, as
`sender.send` does.  Everything here belongs to the server's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from msgspec.structs import replace

from chatgptfree_mock.clock import Clock
from chatgptfree_mock.contract.reply import TextFraming
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.replay.framing import headers_of, stored_head
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.wire.connection import Connection
from chatgptfree_mock.wire.sender import SendResult


def check_pushed(what: object) -> None:
    """
    Check that *what* can be pushed.

    Raises:
        TypeError: it is neither a text nor bytes.
    """
    if not isinstance(what, str | bytes):
        raise TypeError(f"push takes a text or bytes, not {type(what).__name__}: {what!r:.80}")


class PendingReply:
    """One request that gets a live answer, `site_request`; *keep*: the bytes of the answer that are stored."""

    def __init__(
        self,
        site_request: SiteRequest,
        request: web.BaseRequest,
        head: Response,
        framing: TextFraming,
        clock: Clock,
        keep: int,
    ) -> None:
        self.site_request = site_request
        self._head, self._framing_of_text, self._clock = head, framing, clock
        self._connection = Connection(request)
        self._start = clock.monotonic()
        self._changed = asyncio.Event()
        self._over: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._head_ms: float | None = None
        self._chunks: list[tuple[float, int]] = []
        """For each chunk: when it was sent, and its size."""
        self._kept, self._keep = bytearray(), keep
        self._text_pushed = False

    @property
    def over(self) -> bool:
        """Whether the answer has ended or the client has gone."""
        return self._over.done()

    @property
    def left(self) -> bool:
        """Whether the client has gone before the answer ended."""
        return self._over.done() and self._over.result() is End.CLIENT_CLOSED

    async def push(self, what: str | bytes) -> None:
        """
        Send text in the framing of this release, or bytes as they are, as one HTTP chunk.

        Raises:
            ConnectionResetError: the client has gone, or the answer has ended.
            TypeError: *what* is neither a text nor bytes.
        """
        check_pushed(what)
        if isinstance(what, bytes):
            await self._send([what])
            return
        opening = () if self._text_pushed else self._framing_of_text.opening
        self._text_pushed = True
        await self._send([*opening, self._framing_of_text.text(what)])

    async def end(self) -> None:
        """End the answer cleanly: with the closing events of this release, unless only bytes were pushed."""
        if self._text_pushed:
            await self._send(list(self._framing_of_text.closing))
        await self._send([], end=True)
        self._finish(End.COMPLETE)

    async def truncate(self) -> None:
        """Close the connection without the last chunk."""
        await self._send([])
        self._finish(End.TRUNCATED)
        self._connection.close()

    async def reset(self) -> None:
        """Reset the connection; the client still gets what was pushed."""
        self._require_open()
        self._finish(End.RESET)
        await self._connection.reset()

    async def gone(self) -> None:
        """Wait until the client has closed the connection, or the answer has ended."""
        await asyncio.wait([self._over])

    async def run(self) -> SendResult:
        """Hold the connection until the answer has ended or the client has gone."""
        self._connection.watch(self._notice)
        self._notice()
        try:
            end = await asyncio.shield(self._over)
        finally:
            self._connection.release()
            self._changed.set()
        return self._sent(end)

    def _notice(self) -> None:
        self._changed.set()
        if self._connection.gone:
            self._finish(End.CLIENT_CLOSED)

    def _finish(self, end: End) -> None:
        if not self._over.done():
            self._over.set_result(end)

    def _require_open(self) -> None:
        if self._over.done():
            raise ConnectionResetError("the client has closed the connection" if self.left else "the answer has ended")

    async def _send(self, chunks: list[bytes], *, end: bool = False) -> None:
        self._require_open()
        plan = self._plan([chunk for chunk in chunks if chunk])
        framing = plan.framing_for(http11=self._connection.http11)
        data = b""
        now = (self._clock.monotonic() - self._start) * 1000
        if self._head_ms is None:
            data, self._head_ms = plan.head(http11=self._connection.http11, keep_alive=self._connection.keep_alive), now
        data += b"".join(plan.frames(0, len(plan.sizes), 0, framing=framing))
        self._chunks += [(now, len(chunk)) for chunk in chunks if chunk]
        for chunk in chunks:
            self._kept += chunk[: max(0, self._keep - len(self._kept))]
        self._connection.write(data + plan.last(framing=framing) if end else data)
        await self._connection.drain(self._changed)

    def _plan(self, chunks: list[bytes]) -> Schedule:
        return Schedule(
            status=self._head.status,
            reason=self._head.reason,
            headers=headers_of(self._head, stored_head(self._head.status, self._head.headers), AS_RECORDED),
            framing=Framing.CHUNKED,
            body=b"".join(chunks),
            sizes=tuple(len(chunk) for chunk in chunks),
        )

    def _sent(self, end: End) -> SendResult:
        plan, connection = self._plan([]), self._connection
        return SendResult(
            schedule=replace(plan, body=bytes(self._kept), sizes=tuple(size for _, size in self._chunks)),
            head_ms=self._head_ms,
            writes=tuple((ms, index + 1) for index, (ms, _) in enumerate(self._chunks)),
            size=sum(size for _, size in self._chunks),
            end=end,
            ms=(self._clock.monotonic() - self._start) * 1000,
            keep_alive=end is End.COMPLETE and connection.keep_alive and plan.keeps(http11=connection.http11),
            framing=plan.framing_for(http11=connection.http11),
        )


class LiveReply:
    """The live answers of one site, in the order of their requests."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[PendingReply] = asyncio.Queue()
        self._current: PendingReply | None = None
        self._reported: PendingReply | None = None
        """The last reply whose client has left according to an error."""

    async def asked(self) -> PendingReply:
        """Wait for the next request, and make its reply the current one."""
        self._current = await self._waiting.get()
        while self._current.over:
            self._current = await self._waiting.get()
        return self._current

    async def push(self, what: str | bytes) -> None:
        """Push to the current reply, or to the first that comes; see `PendingReply.push`."""
        await self._act(lambda pending: pending.push(what))

    async def end(self) -> None:
        """End the current reply cleanly; the next push goes to the next one."""
        await self._act(PendingReply.end)

    async def truncate(self) -> None:
        """Close the current reply's connection without the last chunk."""
        await self._act(PendingReply.truncate)

    async def reset(self) -> None:
        """Reset the current reply's connection."""
        await self._act(PendingReply.reset)

    async def gone(self) -> None:
        """Wait until the client of the latest reply has closed the connection, or that answer has ended."""
        await (self._current or await self.asked()).gone()

    async def _act(self, act: Callable[[PendingReply], Awaitable[None]]) -> None:
        """
        Call *act* with the current reply, or with the next one if the current one was ended here.

        Raises:
            ConnectionResetError: the client of the current reply has left; what follows is for the next one.
        """
        pending = self._current
        if pending is None or (pending.over and (not pending.left or pending is self._reported)):
            pending = await self.asked()
        try:
            await act(pending)
        except ConnectionResetError:
            self._reported = pending
            raise

    def offer(self, pending: PendingReply) -> None:
        """Add a request that waits for its answer."""
        self._waiting.put_nowait(pending)


async def converse(
    request: web.BaseRequest,
    site_request: SiteRequest,
    head: Response,
    live: LiveReply,
    framing: TextFraming,
    clock: Clock,
    *,
    keep: int,
) -> SendResult:
    """
    Let *live* answer *request* with the status and headers of *head*.

    The result has the first *keep* bytes of the body, since a live answer may last for days.
    """
    pending = PendingReply(site_request, request, head, framing, clock, keep)
    live.offer(pending)
    return await pending.run()
