"""A site on a raw socket that sends known bytes at known times and ends in a given way, for tests of the recorder."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

How = Literal["keep", "close", "reset", "hang"]
Script = Sequence[tuple[int, bytes] | bytes | asyncio.Event]
"""What is sent, at once or so many milliseconds after the request was in; an event is waited for."""


@dataclass(kw_only=True)
class RawUpstream:
    """A running site; `requests` are the bytes of what was asked."""

    url: str = ""
    script: Script = ()
    how: How = "close"
    requests: list[bytes] = field(default_factory=list)
    greets: bool = False
    """It does not wait for a request."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the other side has closed its connection."""

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not self.greets:
                self.requests.append(await _read_request(reader))
            start = asyncio.get_running_loop().time()
            for step in self.script:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                    continue
                ms, data = (0, step) if isinstance(step, bytes) else step
                await asyncio.sleep(start + ms / 1000 - asyncio.get_running_loop().time())
                writer.write(data)
                await writer.drain()
            await self._stop(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()
        finally:
            writer.transport.abort()

    async def _stop(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.how == "reset":
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.how == "close":
            writer.close()
            await writer.wait_closed()
        else:
            await reader.read()
            self.left.set()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return head + await reader.readexactly(int(length.split(b":")[1]))


@asynccontextmanager
async def raw_upstream(
    script: Script, how: How = "close", *, greets: bool = False, tls: bool = False
) -> AsyncIterator[RawUpstream]:
    """Serve *script* to each connection on a free port of the loopback; *tls* with a certificate of its own making."""
    upstream = RawUpstream(script=script, how=how, greets=greets)
    server = await asyncio.start_server(upstream.accept, "127.0.0.1", 0, ssl=_tls() if tls else None)
    upstream.url = f"http{'s' * tls}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        server.close()
        for task in upstream.tasks:
            task.cancel()
        await asyncio.gather(*upstream.tasks, return_exceptions=True)
        # Aborted transports close their sockets in the loop's next turn.
        await asyncio.sleep(0)


def _tls() -> ssl.SSLContext:
    """Use a key that was made for these tests and guards nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    folder = Path(__file__).parents[1] / "data" / "tls"
    context.load_cert_chain(folder / "localhost.pem", folder / "localhost.key")
    return context


def chunked(*pieces: bytes, last: bool = True) -> list[bytes]:
    """Return each piece in a frame of its own."""
    frames = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
    return [*frames, b"0\r\n\r\n"] if last else frames


def head(*headers: str, status: str = "200 OK") -> bytes:
    """Return a status line and headers."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()
