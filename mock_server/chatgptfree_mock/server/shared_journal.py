"""
The journal of a server that runs as several processes: the exchanges of all of them, in one SQLite file.

Every process reads the exchanges of all.  The journals of the sites stay with each process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Final

import msgspec

from chatgptfree_mock.journal import ALL, EXCHANGES, Exchange, Filter, Journal
from chatgptfree_mock.memory_limit import MemoryLimit

_PATIENCE: Final = 30.0
_POLL: Final = 0.1
"""Seconds between two checks for exchanges of other processes, while the journal is followed."""
_SWEEP: Final = 32
"""The number of requests after which old rows are deleted."""
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY AUTOINCREMENT, ended INTEGER, data TEXT)",
    "CREATE TABLE IF NOT EXISTS totals (site TEXT PRIMARY KEY, number INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ends ON kept (ended)",
)
_COUNT: Final = "INSERT INTO totals VALUES (?, 1) ON CONFLICT (site) DO UPDATE SET number = number + 1"
_END: Final = "UPDATE kept SET data = ?, ended = (SELECT 1 + coalesce(max(ended), 0) FROM kept) WHERE number = ?"
_CUT_BACK: Final = (
    "DELETE FROM kept WHERE number <= coalesce((SELECT number FROM (SELECT number, row_number() OVER latest AS place, "
    "sum(length(data)) OVER latest AS size FROM kept WINDOW latest AS (ORDER BY number DESC)) "
    "WHERE place > ? OR size > ? ORDER BY number DESC LIMIT 1), 0)"
)


class SharedJournal(Journal):
    """The exchanges in *file*; see `Journal` for the limits, of which *memory* bounds the file as well."""

    def __init__(self, file: Path, *, exchanges: int = EXCHANGES, body: int, memory: MemoryLimit) -> None:
        super().__init__(exchanges=exchanges, body=body, memory=memory)
        import sqlite3  # one process alone needs no database

        self._rows = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        self._rows.execute("PRAGMA journal_mode = WAL")
        self._rows.execute("PRAGMA synchronous = OFF")
        for statement in _SCHEMA:
            self._rows.execute(statement)
        self.numbers = self._reserved()

    def close(self) -> None:
        """Close the file in this process."""
        self._rows.close()

    def _reserved(self) -> Iterator[int]:
        while True:
            number = self._rows.execute("INSERT INTO kept DEFAULT VALUES").lastrowid or 0
            if number % _SWEEP == 0:
                self._rows.execute(_CUT_BACK, (self._exchanges, self.memory.limit))
            yield number

    def keep(self, exchange: Exchange) -> None:
        """Add an exchange that was begun by a site of this process."""
        super().keep(exchange)
        self._rows.execute("UPDATE kept SET data = ? WHERE number = ?", (_packed(exchange), exchange.number))
        self._rows.execute(_COUNT, (exchange.site,))

    def ended(self, exchange: Exchange) -> None:
        """Store an exchange that has ended."""
        super().ended(exchange)
        self._rows.execute(_END, (_packed(exchange), exchange.number))

    def requests(self, site: str, here: int) -> int:
        """Return the number of requests to a site, in all processes."""
        found = self._rows.execute("SELECT number FROM totals WHERE site = ?", (site,)).fetchall()
        return int(found[0][0]) if found else here

    def grand_total(self) -> int:
        """Return the number of exchanges, in all processes."""
        return int(self._rows.execute("SELECT coalesce(sum(number), 0) FROM totals").fetchall()[0][0])

    def select(self, wanted: Filter = ALL) -> list[Exchange]:
        """Return the exchanges of all processes that match *wanted*, oldest first."""
        rows = self._rows.execute("SELECT data FROM kept WHERE data IS NOT NULL ORDER BY number").fetchall()
        return [exchange for exchange in map(_unpacked, (row[0] for row in rows)) if wanted.fits(exchange)]

    async def follow(self, wanted: Filter = ALL) -> AsyncGenerator[Exchange, None]:
        """Yield each exchange that matches *wanted* once it has ended, in the order of their ends."""
        last = 0
        while True:
            query = "SELECT ended, data FROM kept WHERE ended > ? ORDER BY ended"
            for ended, data in self._rows.execute(query, (last,)).fetchall():
                last = ended
                exchange = _unpacked(data)
                if wanted.fits(exchange):
                    yield exchange
            await asyncio.sleep(_POLL)

    def clear(self) -> None:
        """Delete all exchanges, in all processes; pending ones are stored when they end."""
        super().clear()
        self._rows.execute("DELETE FROM kept WHERE ended IS NOT NULL")


def _packed(exchange: Exchange) -> str:
    # Headers may contain lone surrogates for bytes that are not UTF-8, which JSON can represent by escapes.
    return json.dumps(msgspec.to_builtins(exchange))


def _unpacked(data: str) -> Exchange:
    return msgspec.convert(json.loads(data), Exchange)
