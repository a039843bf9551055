"""
The journal: every request a site got, what was decided and why, what was sent and when, and how it ended.

Memory is bounded: the last N exchanges stay, bodies and lists of pieces are capped, with what was left out counted, and
all journals of a server share one limit in bytes.  Nothing here waits but `Journal.follow`, and time comes in as an
argument.  A journal belongs to one event loop; reading it from another thread is safe.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate, count, pairwise
from typing import Any, overload
from urllib.parse import parse_qsl

from msgspec import Struct

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.memory_limit import MemoryLimit, in_words
from chatgptfree_mock.tape.content_coding import codings_of, decode_chunks, is_known
from chatgptfree_mock.tape.forms import form_of
from chatgptfree_mock.tape.model import Headers, Request, Response, header_of

EXCHANGES = 500
BODY = 64 * 1024
PIECES = 2000
OPEN = "open"
"""The `Exchange.end` of an answer that is still under way."""
_EXCHANGE_BYTES = 2048
"""About what an exchange takes besides what it holds."""
_PIECE_BYTES = 128
"""About what a pair of numbers takes."""

_FIELDS_SHOWN = ("action", "message", "user_message", "_wpnonce", "_ajax_nonce", "bot_id", "cache_key")
_LONGEST_VALUE = 60
_LINES_OF_TIME = 40


class Exchange(Struct, kw_only=True, gc=False):
    """One request and what became of it; filled in while it happens."""

    number: int
    site: str
    at: float
    """Unix seconds by the site's own clock, which can be turned."""
    began: float = 0.0
    """Unix seconds by the machine's clock, by which exchanges of several sites compare."""
    base: str = ""
    """The address of the site, without a slash at its end; *target* is below it."""
    method: str
    target: str
    headers: Headers
    body: bytes
    body_size: int
    status: int = 0
    reason: str = ""
    response_headers: Headers = ()
    why: tuple[str, ...] = ()
    pieces: tuple[tuple[float, int], ...] = ()
    """The pieces of the body as they went out: milliseconds since the request was in, and bytes."""
    pieces_left_out: int = 0
    sent: int = 0
    """Bytes of the answer's body that went out."""
    response_body: bytes = b""
    """Those bytes, as far as they are kept."""
    end: str = OPEN
    """How the answer ended, a word of `tape.model.End`; `open` while it is under way."""
    ms: float | None = None
    """When it ended, in milliseconds since the request; None: while it is under way, or the server stopped first."""
    faults: tuple[tuple[str, int], ...] = ()
    """The faults that struck, in words, and behind how many bytes of the body; -1 is before the head."""
    journals: int = 0
    """How many journals have it."""

    def __repr__(self) -> str:
        return f"<Exchange {self.headline()}>"

    @property
    def memory(self) -> int:
        """Return about how many bytes it takes."""
        held = len(self.target) + len(self.body) + len(self.response_body) + sum(map(len, self.why))
        return _EXCHANGE_BYTES + held + sum(len(value) for _, value in self.headers) + _PIECE_BYTES * len(self.pieces)

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields of query and form; the form wins over the query, the first of each name counts."""
        query = parse_qsl(self.target.partition("?")[2], keep_blank_values=True, errors="replace")
        both: dict[str, str] = {}
        for name, value in [
            *form_of(Request(method=self.method, uri=self.target, headers=self.headers, body=self.body)),
            *query,
        ]:
            both.setdefault(name, value)
        return both

    @property
    def url(self) -> str:
        """Return the absolute address that was asked."""
        return self.base + self.target

    @property
    def seconds(self) -> float:
        """Return how long the answer took until its last piece."""
        return self.pieces[-1][0] / 1000 if self.pieces else 0.0

    def headline(self) -> str:
        """Return request and response on one line."""
        fields = self.fields
        asked = " ".join(f"{name}={_short(fields[name])}" for name in _FIELDS_SHOWN if name in fields)
        kind = header_of(self.response_headers, "content-type")
        answered = f"{self.status} {kind}".strip() if self.status else "no answer yet"
        pieces = len(self.pieces) + self.pieces_left_out
        return (
            f"#{self.number} {self.method} {self.path} {asked}".rstrip()
            + f" -> {answered}, {self.sent} bytes in {pieces} piece{'s' * (pieces != 1)}"
            + f", {self.seconds * 1000:.0f} ms, {self.end}"
        )

    def text(self) -> str:
        """Return the whole exchange: the request, the decision, and a time line of what was sent."""
        lines = [self.headline(), *(f"    why   {line}" for why in self.why for line in why.splitlines())]
        shown = self.pieces[:_LINES_OF_TIME]
        coding = header_of(self.response_headers, "content-encoding")
        at = 0
        for ms, size in shown:
            said = f"({coding})" if coding else _short_bytes(self.response_body[at : at + size])
            lines.append(f"    {ms:7.0f} ms {size:6d}  {said}")
            at += size
        hidden = len(self.pieces) + self.pieces_left_out - len(shown)
        if hidden:
            lines.append(f"    … and {hidden} more pieces")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """
        Return plain data for JSON; bytes that are not UTF-8 show as replacement characters.

        An answer that went out compressed is decoded, as far as it is kept; `decoded_pieces` are then the bytes of it
        that each piece brought.
        """
        body, sizes = self._decoded()
        return {
            "number": self.number,
            "site": self.site,
            "at": self.at,
            "began": self.began,
            "ms": None if self.ms is None else round(self.ms, 3),
            "request": {
                "method": self.method,
                "target": self.target,
                "url": self.url,
                "headers": [list(header) for header in self.headers],
                "body": self.body.decode("utf-8", "replace"),
                "size": self.body_size,
                "fields": self.fields,
            },
            "response": {
                "status": self.status,
                "reason": self.reason,
                "headers": [list(header) for header in self.response_headers],
                "body": body.decode("utf-8", "replace"),
                "base64": _unless_text(body),
                "size": self.sent,
                "pieces": [[round(ms, 3), size] for ms, size in self.pieces],
                "pieces_left_out": self.pieces_left_out,
                "decoded_pieces": sizes,
                "end": self.end,
                "faults": [list(fault) for fault in self.faults],
            },
            "why": list(self.why),
        }

    def _decoded(self) -> tuple[bytes, list[int] | None]:
        """Return the body without its content codings and the sizes of its pieces; None: it has no known coding."""
        codings = codings_of(header_of(self.response_headers, "content-encoding"))
        if not codings or not all(map(is_known, codings)):
            return self.response_body, None
        ends = [0, *accumulate(size for _, size in self.pieces)]
        if self.pieces_left_out:
            ends.append(len(self.response_body))
        pieces, _ = decode_chunks((self.response_body[start:end] for start, end in pairwise(ends)), codings, limit=BODY)
        if not any(pieces):
            return self.response_body, None
        return b"".join(pieces), [len(piece) for piece in pieces]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which exchanges are meant; what is None does not matter."""

    site: str | None = None
    method: str | None = None
    path: str | None = None
    """A glob."""
    action: str | None = None
    status: int | None = None
    end: str | None = None
    after: int = 0
    """Only numbers above this one."""

    def fits(self, exchange: Exchange) -> bool:
        """Return whether *exchange* is meant."""
        return (
            exchange.number > self.after
            and self.site in (None, exchange.site)
            and self.method in (None, exchange.method)
            and self.status in (None, exchange.status)
            and self.end in (None, exchange.end)
            and (self.path is None or fnmatchcase(exchange.path, self.path))
            and (self.action is None or exchange.fields.get("action") == self.action)
        )


ALL = Filter()


class Journal(Sequence[Exchange]):
    """
    The last exchanges, oldest first.

    A journal has at most so many *exchanges*, so many bytes of each *body* and so many *pieces* of each answer;
    *memory* bounds all that a server remembers.  *above* is the journal of the whole server, which gets them too.
    """

    def __init__(
        self,
        *,
        exchanges: int = EXCHANGES,
        body: int = BODY,
        pieces: int = PIECES,
        memory: MemoryLimit | None = None,
        above: Journal | None = None,
    ) -> None:
        self._kept: deque[Exchange] = deque()
        self._exchanges = exchanges
        self._body = body
        self._pieces = pieces
        self._above = above
        self.memory: MemoryLimit = above.memory if above is not None else memory or MemoryLimit()
        self._counts = True
        self.numbers: Iterator[int] = count(1) if above is None else above.numbers
        """One row of numbers for a server and all its sites."""
        self._latest = b"", b""
        """The latest body that was too long to keep, and what is kept of it."""
        self._watchers: set[asyncio.Future[None]] = set()
        self.total = 0
        """How many exchanges there were, those that are no longer kept included."""
        self.squeezed = 0
        """How many of them had to go because of the limit of memory."""

    def __repr__(self) -> str:
        latest = f", the last {self._kept[-1].headline()}" if self._kept else ""
        return f"<Journal of {self.total} exchange{'s' * (self.total != 1)}{latest}>"

    def below(self) -> Journal:
        """Return the journal of one site, with the same limits; this one gets its exchanges too."""
        return Journal(exchanges=self._exchanges, body=self._body, pieces=self._pieces, above=self)

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
        self.memory.hold(exchange.number, "exchanges", exchange.memory, lambda: self._squeeze(exchange))
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

    def _squeeze(self, exchange: Exchange) -> None:
        """Forget *exchange*, the oldest there is, here and above."""
        if self._kept and self._kept[0] is exchange:
            self._kept.popleft()
            self.squeezed += 1
        if self._above is not None:
            self._above._squeeze(exchange)  # noqa: SLF001 - another journal

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

    def wrote(self, exchange: Exchange, pieces: Sequence[tuple[float, int]], data: bytes) -> None:
        """Write down what went out of a body: *data*, cut in *pieces* of milliseconds and bytes."""
        exchange.sent, exchange.response_body = len(data), self._cut(data)
        exchange.pieces = tuple(pieces[: self._pieces])
        exchange.pieces_left_out = len(pieces) - len(exchange.pieces)
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
        """Forget all exchanges."""
        while self._kept:
            self._drop(self._kept.popleft())

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
        """Return exchanges by their place, oldest first."""
        return list(self._kept)[index] if isinstance(index, slice) else self._kept[index]


def _short(value: str) -> str:
    plain = re.fullmatch(r"[\w.-]+", value)
    cut = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return cut if plain else repr(cut)


def _unless_text(data: bytes) -> str | None:
    """Return *data* in base64 if it is not UTF-8, so that nothing of it is lost."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()
    return None


def _short_bytes(data: bytes) -> str:
    shown = repr(data[:_LONGEST_VALUE])[2:-1]
    return shown + "…" if len(data) > _LONGEST_VALUE else shown
