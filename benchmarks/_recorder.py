"""A recorder in a process of its own: ``python -m benchmarks._recorder URL`` prints its port."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.recorder.view import ConsoleView
from chatgptfree_mock.tape.origin import Origin


async def main(url: str, folder: Path) -> None:
    sys.setswitchinterval(0.0005)  # as the command does
    site, clock = Origin.parse(url), SystemClock()
    cassette = CassetteFile(folder / "recorded.yaml", mode=Mode.ALL, site=url, rules=None, clock=clock)
    view = ConsoleView(Console(stderr=True))
    async with Recorder(UpstreamConnection(site=site), cassette, view=view, clock=clock) as recorder:
        print(recorder.url.rsplit(":", 1)[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(sys.argv[1], Path(folder)))
