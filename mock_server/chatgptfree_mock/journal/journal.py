"""
The exchanges of a site, or of all sites of a server, with bounds.

The last N exchanges stay, bodies and lists of chunks are capped, with what was left out counted, and all journals of a
server share one limit in bytes.  Nothing here waits but `Journal.follow` and `Journal.settled`, and time comes in as an
argument.  A journal belongs to one event loop; reading it from another thread is safe.
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

    A journal has at most so many *exchanges*, so many bytes of each *body* and so many *chunks* of each answer;
    *memory* limits all that a server keeps.  *above* is the journal of the whole server, which gets them too.
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
        """One row of numbers for a server and all its sites."""
        self._latest = b"", b""
        """The latest body that was too long to keep, and what is kept of it."""
        self._watchers: set[asyncio.Future[None]] = set()
        self.total = 0
        """How many exchanges there were, including those that are no longer kept."""
        self.squeezed = 0
        """How many of them had to go because of the limit of memory."""

    def __repr__(self) -> str:
        latest = f", the last {self._kept[-1].headline()}" if self._kept else ""
        return f"<Journal of {self.total} exchange{'s' * (self.total != 1)}{latest}>"

    def below(self) -> Journal:
        """Return the journal of one site, with the same limits; this one gets its exchanges too."""
        journal = Journal(exchanges=self._exchanges, body=self._body, chunks=self._chunks, above=self)
        self._below.add(journal)
        return journal

    def begin(self, request: SiteRequest, *, site: str, at: float, began: float | None = None) -> Exchange:
        """Write down a request; *at*: Unix seconds of the site's clock, *began*: of the machine's (None: the same)."""
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
        self.memory.hold(exchange.number, "exchanges", exchange.memory, self._squeeze)
        return exchange

    def keep(self, exchange: Exchange) -> None:
        """Take in an exchange that was begun here, or in a journal below."""
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
        """Forget the exchange of that *number*, the oldest there is, here and above."""
        if self._kept and self._kept[0].number == number:
            self._kept.popleft()
            self.squeezed += 1
        if self._above is not None:
            self._above._squeeze(number)  # noqa: SLF001 - another journal

    def retire(self) -> None:
        """Note that its site is gone: its exchanges count against the limit only while another journal keeps them."""
        for exchange in self._kept:
            self._drop(exchange)
        self._counts = False

    def wake(self) -> None:
        """Wake all followers of this journal and of those above."""
        for changed in self._watchers:
            if not changed.done():
                changed.set_result(None)
        if self._above is not None:
            self._above.wake()

    def decide(self, exchange: Exchange, response: Response, why: Iterable[str]) -> None:
        """Write down what will be answered, and why."""
        exchange.status, exchange.reason, exchange.response_headers = response.status, response.reason, response.headers
        exchange.why += tuple(why)

    @property
    def body_limit(self) -> int:
        """Return how many bytes of each body are kept."""
        return self._body

    def wrote(
        self, exchange: Exchange, chunks: Sequence[tuple[float, int]], data: bytes, *, size: int | None = None
    ) -> None:
        """
        Write down what went out of a body: *data*, cut in *chunks* of milliseconds and bytes.

        *size*: how many bytes went out in all, if *data* is only the first of them.
        """
        exchange.sent, exchange.response_body = len(data) if size is None else size, self._cut(data)
        exchange.chunks = tuple(chunks[: self._chunks])
        exchange.chunks_left_out = len(chunks) - len(exchange.chunks)
        self.memory.resize(exchange.number, exchange.memory)

    def _cut(self, data: bytes) -> bytes:
        """Return as much of *data* as is kept; a page that goes out again and again is kept once."""
        if len(data) <= self._body:
            return data
        whole, kept = self._latest
        if whole is not data:
            kept = data[: self._body]
            self._latest = data, kept
        return kept

    def finish(self, exchange: Exchange, end: str, *, ms: float | None = None) -> None:
        """Write down how it ended, and after how many milliseconds if that is known, and wake all followers."""
        exchange.end, exchange.ms = end, ms
        self.ended(exchange)
        self.wake()

    def ended(self, exchange: Exchange) -> None:
        """Take note that an exchange has ended, here or in a journal below."""
        if self._above is not None:
            self._above.ended(exchange)

    def grand_total(self) -> int:
        """Return how many exchanges there were, wherever they were served."""
        return self.total

    def requests(self, site: str, here: int) -> int:
        """Return how many requests the site of that name got wherever it is served, of which it got so many *here*."""
        return here if self._above is None else self._above.requests(site, here)

    def select(self, wanted: Filter = ALL) -> list[Exchange]:
        """Return the exchanges that *wanted* means, oldest first."""
        return [exchange for exchange in list(self._kept) if wanted.fits(exchange)]

    async def follow(self, wanted: Filter = ALL) -> AsyncGenerator[Exchange, None]:
        """Yield each exchange that *wanted* means once it has ended: those kept at first, then as they come."""
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
        """Return once no answer is under way."""
        while any(exchange.end == OPEN for exchange in self._kept):
            changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.add(changed)
            try:
                await changed
            finally:
                self._watchers.discard(changed)

    def clear(self) -> None:
        """Forget all exchanges, here, below and above, so that they take no memory any more."""
        for journal in list(self._below):
            journal.clear()
        while self._kept:
            exchange = self._kept.popleft()
            self._drop(exchange)
            if self._above is not None:
                self._above.forget(exchange)

    def forget(self, exchange: Exchange) -> None:
        """Forget an exchange that a journal below has forgotten; no-op if it is not kept."""
        kept = [each for each in self._kept if each is not exchange]
        if len(kept) < len(self._kept):
            self._kept = deque(kept)
            self._drop(exchange)

    def text(self, wanted: Filter = ALL) -> str:
        """Return all exchanges that *wanted* means, as failure reports show them."""
        parts = [exchange.text() for exchange in self.select(wanted)]
        forgotten = self.total - len(self._kept)
        if forgotten and wanted == ALL:
            parts.insert(0, f"({forgotten} earlier exchanges are no longer kept{self._squeezed()})")
        return "\n".join(parts) or "(no request came)"

    def _squeezed(self) -> str:
        return f", {self.squeezed} of them to stay within {in_words(self.memory.limit)}" if self.squeezed else ""

    def __len__(self) -> int:
        """Return how many exchanges are kept."""
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
