"""An asyncio protocol that wraps another one for a while."""

from __future__ import annotations

import asyncio


class PassingProtocol(asyncio.Protocol):
    """Passes every event on to *inner*; subclasses override the events that they need."""

    def __init__(self, inner: asyncio.Protocol) -> None:
        self._inner = inner

    def data_received(self, data: bytes) -> None:
        """Pass *data* on."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass the end on, and return whether the connection stays open."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on that the client reads too slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the client reads again."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on that the connection is gone."""
        self._inner.connection_lost(exc)
