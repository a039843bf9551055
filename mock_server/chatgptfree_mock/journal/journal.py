"""
The exchanges of a site, or of all sites of a server, within limits.

The last N exchanges are kept, bodies and lists of chunks are capped (the rest is counted), and all journals of a server
share one limit in bytes.  Only `Journal.follow` and `Journal.settled` wait, and times are arguments.  A journal belongs
to one event loop; reading it from another thread is safe.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from itertools import count
from typing import Final, overload
from weakref import WeakSet

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal.exchange import BODY, OPEN, Exchange
from chatgptfree_mock.journal.filter import ALL, Filter
from chatgptfree_mock.memory_limit import MemoryLimit, in_words
from chatgptfree_mock.tape.model import Response

EXCHANGES: Final = 500
CHUNKS: Final = 2000


class Journal(Sequence[Exchange]):
    """
    The last exchanges, oldest first.

    Args:
        exchanges: how many exchanges are kept; default 500.
        body: how many bytes of each body are kept; default 65,536.
        chunks: how many chunks of each answer are kept; default 2,000.
        memory: the limit for all journals of a server; None (default) for that of *above*, or one of 256 MiB.
        above: the journal of the whole server, which gets the exchanges too; None (default) for none.
    """

    def __init__(
        self,
        *,
        exchanges: int = EXCHANGES,
        body: int = BODY,
        chunks: int = CHUNKS,
        memory: MemoryLimit | None = None,
        above: Journal | None = None,
    ) -> None:
        self._kept: deque[Exchange] = deque()
        self._exchanges = exchanges
        self._body = body
        self._chunks = chunks
        self._above = above
        self._below: WeakSet[Journal] = WeakSet()
        self.memory: MemoryLimit = above.memory if above is not None else memory or MemoryLimit()
        self._counts = True
        self.numbers: Iterator[int] = count(1) if above is None else above.numbers
        """The next number; a server and all its sites number their exchanges together."""
        self._latest = b"", b""
        """The latest body that was too long to store, and the part of it that is stored."""
        self._watchers: set[asyncio.Future[None]] = set()
        self.total = 0
        """The number of exchanges, including those that were dropped."""
        self.squeezed = 0
        """The number of exchanges that were dropped because of the memory limit."""

    def __repr__(self) -> str:
        latest = f", the last {self._kept[-1].headline()}" if self._kept else ""
        return f"<Journal of {self.total} exchange{'s' * (self.total != 1)}{latest}>"

    def below(self) -> Journal:
        """Return the journal of one site, with the same limits; this one gets its exchanges too."""
        journal = Journal(exchanges=self._exchanges, body=self._body, chunks=self._chunks, above=self)
        self._below.add(journal)
        return journal

    def begin(self, request: SiteRequest, *, site: str, at: float, began: float | None = None) -> Exchange:
        """Record a request; *at*: Unix seconds of the site's clock, *began*: of the machine's (None: the same)."""
        exchange = Exchange(
            number=next(self.numbers),
            site=site,
            at=at,
            began=at if began is None else began,
            base=request.base_url,
            method=request.method,
            target=f"{request.path}?{request.query}" if request.query else request.path,
            headers=request.headers,
            body=request.body[: self._body],
            body_size=len(request.body),
        )
        self.keep(exchange)
        self.memory.hold(exchange.number, "exchanges", exchange.request_memory, self._squeeze)
        return exchange

    def keep(self, exchange: Exchange) -> None:
        """Add an exchange that was begun here or in a journal below."""
        self._kept.append(exchange)
        exchange.journals += self._counts
        self.total += 1
        while len(self._kept) > self._exchanges:
            self._drop(self._kept.popleft())
        if self._above is not None:
            self._above.keep(exchange)

    def _drop(self, exchange: Exchange) -> None:
        """Note that this journal no longer has *exchange*."""
        exchange.journals -= self._counts
        if not exchange.journals:
            self.memory.release(exchange.number)

    def _squeeze(self, number: object) -> None:
        """Drop the exchange with that *number*, the oldest one, here and above."""
        if self._kept and self._kept[0].number == number:
            self._kept.popleft()
            self.squeezed += 1
        if self._above is not None:
            self._above._squeeze(number)  # noqa: SLF001 - another journal

    def retire(self) -> None:
        """Note that its site was removed: its exchanges count against the limit only if another journal keeps them."""
        for exchange in self._kept:
            self._drop(exchange)
        self._counts = False

    def decide(self, exchange: Exchange, response: Response, why: Iterable[str]) -> None:
        """Record in *exchange* the *response* that will be sent, and the reasons for it, *why*."""
        exchange.status, exchange.reason, exchange.response_headers = response.status, response.reason, response.headers
        exchange.why += tuple(why)

    @property
    def body_limit(self) -> int:
        """Return the number of bytes of each body that are stored."""
        return self._body

    def wrote(
        self, exchange: Exchange, chunks: Sequence[tuple[float, int]], data: bytes, *, size: int | None = None
    ) -> None:
        """
        Record in *exchange* the bytes sent of a body: *data*, and its *chunks* in milliseconds and bytes.

        *size*: the number of bytes sent in all, if *data* is only the first of them; None (default): those of *data*.
        """
        exchange.sent, exchange.response_body = len(data) if size is None else size, self._stored_part(data)
        exchange.chunks = tuple(chunks[: self._chunks])
        exchange.chunks_left_out = len(chunks) - len(exchange.chunks)
        self.memory.grow(exchange.number, exchange.response_memory)

    def _stored_part(self, data: bytes) -> bytes:
        """Return the part of *data* that is stored; a page that is sent repeatedly is stored once."""
        if len(data) <= self._body:
            return data
        whole, kept = self._latest
        if whole is not data:
            kept = data[: self._body]
            self._latest = data, kept
        return kept

    def finish(self, exchange: Exchange, end: str, *, ms: float | None = None) -> None:
        """Record the *end* of *exchange*, *ms* milliseconds after its request (None: unknown); wake all followers."""
        exchange.end, exchange.ms = end, ms
        self.ended(exchange)

    def ended(self, exchange: Exchange) -> None:
        """Record that an exchange has ended, here or in a journal below, and wake all followers."""
        for changed in self._watchers:
            if not changed.done():
                changed.set_result(None)
        if self._above is not None:
            self._above.ended(exchange)

    def grand_total(self) -> int:
        """Return the number of exchanges in all processes."""
        return self.total

    def requests(self, site: str, here: int) -> int:
        """Return the number of requests to the site of that name in all processes, of which *here* in this one."""
        return here if self._above is None else self._above.requests(site, here)

    def select(self, wanted: Filter = ALL) -> list[Exchange]:
        """Return the exchanges that match *wanted*, oldest first."""
        return [exchange for exchange in list(self._kept) if wanted.fits(exchange)]

    async def follow(self, wanted: Filter = ALL) -> AsyncGenerator[Exchange, None]:
        """Yield each exchange that matches *wanted* once it has ended: stored ones first, then new ones."""
        done: set[int] = set()
        while True:
            changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.add(changed)
            try:
                ended = [e for e in self.select(wanted) if e.end != OPEN and e.number not in done]
                for exchange in ended:
                    done.add(exchange.number)
                    yield exchange
                oldest = self._kept[0].number if self._kept else 0
                done = {number for number in done if number >= oldest}
                if not ended:
                    await changed
            finally:
                self._watchers.discard(changed)

    async def settled(self) -> None:
        """Return once no answer is pending."""
        while any(exchange.end == OPEN for exchange in self._kept):
            changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.add(changed)
            try:
                await changed
            finally:
                self._watchers.discard(changed)

    def clear(self) -> None:
        """Drop all exchanges, here, below and above, and free their memory."""
        for journal in list(self._below):
            journal.clear()
        while self._kept:
            exchange = self._kept.popleft()
            self._drop(exchange)
            if self._above is not None:
                self._above.drop(exchange)

    def drop(self, exchange: Exchange) -> None:
        """Drop an exchange that a journal below has dropped; no-op if it is not here."""
        kept = [each for each in self._kept if each is not exchange]
        if len(kept) < len(self._kept):
            self._kept = deque(kept)
            self._drop(exchange)

    def text(self, wanted: Filter = ALL) -> str:
        """Return all exchanges that match *wanted* as text, for failure reports."""
        parts = [exchange.text() for exchange in self.select(wanted)]
        dropped = self.total - len(self._kept)
        if dropped and wanted == ALL:
            parts.insert(0, f"({dropped} earlier exchanges are no longer kept{self._squeezed()})")
        return "\n".join(parts) or "(no request came)"

    def _squeezed(self) -> str:
        return f", {self.squeezed} of them to stay within {in_words(self.memory.limit)}" if self.squeezed else ""

    def __len__(self) -> int:
        """Return the number of exchanges in the journal."""
        return len(self._kept)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        """Return exchanges by their place, oldest first; raises IndexError with their number if there is none."""
        if isinstance(index, slice):
            return list(self._kept)[index]
        try:
            return self._kept[index]
        except IndexError:
            raise IndexError(f"no exchange {index}: the journal has {len(self._kept)}") from None
