"""
Record that site, lint the recording, and replay it cut in every way; run it with Python from anywhere.

Nothing here knows the site but `ask.py`; put your own client in its place.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
from http.client import HTTPException
from pathlib import Path

from aiohttp.test_utils import TestServer
from ask import ask
from site_of_another_make import make_app

from chatgptfree_mock.serving import MockSite

QUESTION = "Who are you?"
CHUNKS = ["as-recorded", "whole", "events", "lines", "bytes", "utf8", "at:20", "every:2", "every:7", "random:1"]
MOCK = [sys.executable, "-m", "chatgptfree_mock"]


async def record(tape):
    """Ask the site through the recorder, which ends on its own terms: with all exchanges on the disk."""
    async with TestServer(make_app()) as site:
        recorder = await asyncio.create_subprocess_exec(
            *MOCK, "record", str(site.make_url("")), "--out", str(tape), "--port", "0", stderr=asyncio.subprocess.PIPE
        )
        url = re.search(r"http://[^\s/]+", (await recorder.stderr.readline()).decode())[0]
        text = await asyncio.to_thread(ask, url, QUESTION)
        recorder.terminate()
        print((await recorder.stderr.read()).decode().strip())
        await recorder.wait()
    return text


def main():
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder, "other_site.yaml")
        live = asyncio.run(record(tape))
        print(f"live: {live}", flush=True)
        lint = subprocess.run([*MOCK, "lint", str(tape)], check=False).returncode
        same = 0
        for chunks in CHUNKS:
            with MockSite(cassette=tape, delivery=f"chunks={chunks} pace=instant") as site:
                replayed = ask(site.url, QUESTION)
            same += replayed == live
            print(f"{chunks:<12} {'the same' if replayed == live else f'DIFFERS: {replayed}'}")
        with MockSite(cassette=tape, delivery="fault=truncate@50% pace=instant") as site:
            try:
                print(f"half an answer passed for a whole one: {ask(site.url, QUESTION)}")
            except (EOFError, HTTPException) as error:
                same += 1
                print(f"truncated    {type(error).__name__}: {error}")
    print(f"{same} of {len(CHUNKS) + 1} right, lint exit code {lint}")
    return int(same != len(CHUNKS) + 1 or lint != 0)


if __name__ == "__main__":
    sys.exit(main())
