"""
One exchange through the proxy: each chunk is passed on to the client at once, and recorded.

The client gets the same HTTP chunks with the same pauses and the same end (complete, cut, reset) as the site sent,
including bytes that are not HTTP.  Only addresses of the site in headers and pages are changed, or in all texts on
request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chatgptfree_mock.clock import Clock
from chatgptfree_mock.recorder.captured_response import BODY_LIMIT, CapturedResponse
from chatgptfree_mock.replay.schedule import Framing, Schedule, chunk_frame, drop
from chatgptfree_mock.tape.coder import Decoder
from chatgptfree_mock.tape.content_coding import codings_of, is_known
from chatgptfree_mock.tape.header_syntax import storable
from chatgptfree_mock.tape.model import End, header_of
from chatgptfree_mock.tape.origin import Origin
from chatgptfree_mock.tape.replay_options import RewriteScope
from chatgptfree_mock.tape.url_rewriting import Rewriting, is_rewritten, to_client
from chatgptfree_mock.wire.connection import Connection
from chatgptfree_mock.wire.http1_parser import Data, Garbage, Head, ResponseParser

_READ = 64 * 1024


class Relay:
    """
    Passes one answer from *upstream* on to the client on *connection*, and keeps it in `captured`.

    *method*: of the request.  *site* and *proxy*: the addresses to be rewritten, as far as *rewrite* goes.  *clock*:
    measures the times of the answer, in milliseconds since this was made.
    """

    def __init__(
        self,
        upstream: asyncio.StreamReader,
        connection: Connection,
        *,
        method: str,
        site: Origin,
        proxy: Origin,
        clock: Clock,
        rewrite: RewriteScope = "pages",
    ) -> None:
        self._upstream, self._connection, self._clock = upstream, connection, clock
        self._site, self._proxy, self._mode = site, proxy, rewrite
        self._reader = ResponseParser(method)
        self._start = clock.monotonic()
        self._framing = Framing.NONE
        self._rewriting: Rewriting | None = None
        self._decoders: list[Decoder] = []
        """Undo the content codings of the body, in this order."""
        self._codings = ""
        self._undecoded: bytearray | None = bytearray()
        """The body as received, until the first part is decoded."""
        self._partial = 0
        self._moved = asyncio.Event()
        self._reading: asyncio.Task[bytes] | None = None
        self.captured = CapturedResponse(interim=self._reader.interim, trailers=self._reader.trailers)
        self.keep_alive = False

    async def run(self, *, stalled: Callable[[], None], stall_after: float) -> End:
        """Relay everything; *stalled* is called whenever nothing was received for *stall_after* seconds."""
        self._connection.watch(self._client_moved)  # `watch` does not report a client that has left before
        timer = self._clock.call_at(self._start + stall_after, stalled)
        try:
            while not self._reader.done:
                data = await self._read()
                timer.cancel()
                if not data:
                    break
                self.captured.stalled = False
                timer = self._clock.call_at(self._clock.monotonic() + stall_after, stalled)
                await self._carry(data)
                if any(decoder.damage for decoder in self._decoders):
                    break
            end = self._how_it_ended()
        except OSError:
            end = End.CLIENT_CLOSED if self._connection.gone else End.RESET
        finally:
            timer.cancel()
            self._connection.release()
        self._keep_partial()
        if end is not End.CLIENT_CLOSED:
            self.captured.ended = self._now()
        return await self._end(end)

    @property
    def leads_past(self) -> bool:
        """Whether an address of the site was left in the body; a client that follows it goes past the proxy."""
        if self._rewriting is not None or self._site == self._proxy or self._mode == "off":
            return False
        if not is_rewritten(header_of(self.captured.headers, "Content-Type") or "", "all"):
            return False
        return bool(Rewriting(self._site, self._proxy).edits(bytes(self.captured.body)))

    def interrupted(self) -> End:
        """Return how an answer ended that the recorder itself has stopped."""
        self._keep_partial()
        return End.STALLED if self.captured.stalled else End.CLIENT_CLOSED

    def _client_moved(self) -> None:
        self._moved.set()
        if self._connection.gone and self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> bytes:
        """Read from the site; return nothing once the client has left."""
        if self._connection.gone:
            return b""
        self._reading = asyncio.ensure_future(self._upstream.read(_READ))
        try:
            await asyncio.wait([self._reading])
            return b"" if self._reading.cancelled() else self._reading.result()
        finally:
            self._reading.cancel()
            self._reading = None

    def _how_it_ended(self) -> End:
        """Return how the response ended; one in complete framing whose coding breaks off is truncated."""
        if self._connection.gone:
            return End.COMPLETE if self._reader.done else End.CLIENT_CLOSED
        if not all(decoder.complete for decoder in self._decoders):
            return End.TRUNCATED
        return End.COMPLETE if self._reader.done else self._reader.broken_off()

    async def _carry(self, data: bytes) -> None:
        out: list[bytes] = []
        for event in self._reader.feed(data):
            match event:
                case Head():
                    out.append(self._begin(event))
                case Data():
                    data = self._decoded(event.data)
                    self._write_down(data, last=event.last)
                    out.append(self._frame(self._rewriting.feed(data) if self._rewriting else data))
                case Garbage():
                    self.captured.not_http += len(event.data)
                    out.append(event.data)
        if not self._connection.gone and (joined := b"".join(out)):
            self._connection.write(joined)
        while self._connection.full and not self._connection.gone:
            self._moved.clear()
            await self._moved.wait()

    def _begin(self, head: Head) -> bytes:
        captured = self.captured
        recorded = tuple((storable(name), storable(value)) for name, value in head.headers)
        captured.status, captured.reason, captured.headers = head.status, storable(head.reason), recorded
        self._codings = ", ".join(value for name, value in head.headers if name.lower() == "content-encoding")
        codings = codings_of(self._codings)
        captured.raw = not all(is_known(coding) for coding in codings)
        if codings and not captured.raw and head.framing is not Framing.NONE:
            self._decoders = [Decoder(coding) for coding in reversed(codings) if is_known(coding)]
            # The stored body is decoded, and has another length.
            captured.headers = drop(recorded, ["content-encoding", "content-length"])
        rewritten = (
            self._site != self._proxy and is_rewritten(head.header("Content-Type"), self._mode) and not captured.raw
        )
        if rewritten:
            self._rewriting = Rewriting(self._site, self._proxy)
        shown = to_client(head.headers, self._site, self._proxy, self._mode)
        changed = rewritten or bool(self._decoders)
        bodiless = self._connection.head_only
        announced = bodiless and head.header("content-length").isdecimal()
        framing = Framing.LENGTH if announced else head.framing
        plan = Schedule(
            status=head.status,
            reason=head.reason,
            headers=drop(shown, ["content-encoding"]) if self._decoders else shown,
            framing=Framing.CHUNKED if framing is Framing.LENGTH and changed else framing,
            length=head.length,
        )
        self._framing = Framing.NONE if bodiless else plan.framing_for(http11=self._connection.http11)
        self.keep_alive = self._connection.keep_alive and plan.keeps(http11=self._connection.http11)
        return plan.head(http11=self._connection.http11, keep_alive=self._connection.keep_alive, bodiless=bodiless)

    def _decoded(self, data: bytes) -> bytes:
        """Decode *data*; a body that does not have the coding that its header claims is passed on as it is."""
        decoded = data
        for decoder in self._decoders:
            decoded = decoder.feed(decoded)
        if self._undecoded is not None:
            self._undecoded += data
            if decoded:
                self._undecoded = None
            elif any(decoder.damage for decoder in self._decoders):
                decoded, self._decoders = bytes(self._undecoded), []
                self.captured.claimed = self._codings
        return decoded

    def _write_down(self, data: bytes, *, last: bool) -> None:
        captured = self.captured
        room = BODY_LIMIT - len(captured.body)
        if len(data) > room:
            captured.cut_short, data = True, data[:room]
        captured.body += data
        self._partial += len(data)
        if last:
            self._keep_partial()

    def _keep_partial(self) -> None:
        if self._partial:
            self.captured.chunks.append((self._now(), self._partial))
            self._partial = 0

    def _frame(self, data: bytes) -> bytes:
        return chunk_frame(data) if data and self._framing is Framing.CHUNKED else data

    def _now(self) -> int:
        return round((self._clock.monotonic() - self._start) * 1000)

    async def _end(self, end: End) -> End:
        held = self._frame(self._rewriting.finish()) if self._rewriting else b""
        if self._connection.gone:
            return End.STALLED if self.captured.stalled else end
        if end is End.COMPLETE and self._framing is Framing.CHUNKED:
            held += b"0\r\n\r\n"
        if held:
            self._connection.write(held)
        if end is End.RESET:
            await self._connection.reset()
        elif end is not End.COMPLETE:
            self._connection.close()
        return end
