"""
How soon the crash test from a recording prints its first verdict: at most 2 s after its start is asked.

What is printed is the number of variants judged so far: a line if stderr is a pipe, a bar if it is a terminal.
The client is a small process in Python.  A pause in the recording is that of the site's model, which no run has to wait
for.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_COUNT: Final = re.compile(rb"\b[1-9][0-9]*(?: of |/)[1-9][0-9]*")
"""`1 of 62` in a line, `1/62` in a bar; before the first verdict it is 0 or none."""
_TEXTS: Final = [f" word {number}" for number in range(40)]
_PAUSE: Final = 30_000
_ASKED: Final = 2.0
_ROUNDS: Final = 3
_CODE: Final = """
import http.client, sys, urllib.request
try: body = urllib.request.urlopen(sys.argv[1] + "/answer").read()
except (OSError, http.client.HTTPException): sys.exit("failed")
if b"[DONE]" not in body: sys.exit("cut off")
print(body.decode().count("word"))
"""


def main() -> None:
    """Print the seconds until the first verdict: median, smallest and largest."""
    print(f"  seconds until the first verdict is printed, at most {_ASKED:g} are asked")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tapes = {
            "usual pace": _tape(folder / "usual.yaml", 0),
            "a pause of 30 s first": _tape(folder / "pause.yaml", _PAUSE),
        }
        for what, tape in tapes.items():
            for options in (["-n", "1"], ["-n", "2"], ["-n", "2", "--all"]):
                for terminal in (False, True):
                    took = [_first_verdict(folder, tape, options, terminal=terminal) for _ in range(_ROUNDS)]
                    where = "terminal" if terminal else "pipe"
                    spread = f"{statistics.median(took):.2f} ({min(took):.2f} to {max(took):.2f})"
                    print(f"    {what:<22} {' '.join(options):<11} {where:<9} {spread}", flush=True)


def _tape(file: Path, pause: int) -> Path:
    """Write a recording whose answer begins after *pause* milliseconds, with a chunk each 20 ms."""
    events = [f"data: {json.dumps({'choices': [{'delta': {'content': text}}]})}\n\n" for text in _TEXTS]
    events.append("data: [DONE]\n\n")
    chunks = [[pause + 20 * number, len(each)] for number, each in enumerate(events)]
    request: dict[str, Any] = {
        "method": "GET",
        "uri": "https://api.example.com/answer?q=Who",
        "headers": {},
        "body": None,
    }
    response: dict[str, Any] = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": ["text/event-stream"], "Transfer-Encoding": ["chunked"]},
        "body": {"string": "".join(events)},
        "x-stream": {"schema": 1, "chunks": chunks, "end": "complete"},
    }
    file.write_text(json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]}))
    return file


def _first_verdict(folder: Path, tape: Path, options: Sequence[str], *, terminal: bool) -> float:
    """Return the seconds from the start of a crash test to its first count, and end it."""
    command = [sys.executable, "-m", "chatgptfree_mock", "crashtest", "--cassette", str(tape), *options]
    command += ["--", sys.executable, "-c", _CODE, "{url}"]
    reading, writing = pty.openpty() if terminal else os.pipe()
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=writing if terminal else subprocess.DEVNULL,
        stderr=writing,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        start_new_session=True,
    )
    os.close(writing)
    try:
        return _until_counted(reading) - started
    finally:
        process.send_signal(signal.SIGINT)
        while select.select([reading], [], [], 10)[0] and _read(reading):
            pass
        process.wait()
        os.close(reading)


def _until_counted(reading: int) -> float:
    seen = b""
    while data := _read(reading):
        seen += data
        if _COUNT.search(seen):
            return time.perf_counter()
    raise SystemExit(f"no verdict was printed: {seen.decode(errors='replace')}")


def _read(reading: int) -> bytes:
    try:
        return os.read(reading, 65536)
    except OSError:  # the other end of a terminal is closed
        return b""


if __name__ == "__main__":
    main()
