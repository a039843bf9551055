"""
A site that sends the time at a steady beat, and 2 MB of Chinese: ``python -m benchmarks._beats`` prints its port.

The clock is one for all processes of a machine (CLOCK_MONOTONIC), so that whoever reads a beat knows how late it is.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable

PERIOD = 0.02
"""Seconds between two beats."""
BEATS = 400
CHINESE = "中文漢字。".encode() * 140_000
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


def lateness(pieces: Iterable[tuple[float, bytes]]) -> list[float]:
    """Return for each beat in what came when how many seconds it took."""
    return [at - float(sent) for at, data in pieces for sent in re.findall(rb"beat (\d+\.\d+)", data)]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request."""
    asked = await reader.readuntil(b"\r\n\r\n")
    writer.write(_HEAD)
    if asked.startswith(b"GET /beats"):
        for _ in range(BEATS):
            _write(writer, f"beat {time.monotonic():.6f}\n".encode())
            await asyncio.sleep(PERIOD)
    else:
        _write(writer, CHINESE)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


def _write(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
