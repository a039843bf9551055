"""
How much memory and CPU time importing a large HAR takes: 70 MB of pages, JSON, event streams and pictures.

The command runs in a process of its own, as a user starts it.  Its peak is VmHWM of /proc/self/status, to stay below
1.5 GB.
"""

from __future__ import annotations

import base64
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SIZE = 70_000_000
GOAL_MIB = 1500
_CHILD = """\
import sys
from pathlib import Path
from chatgptfree_mock.cli import main
sys.argv[0] = "chatgptfree-mock"
try:
    main()
finally:
    status = Path("/proc/self/status").read_text()
    print("peak", status.partition("VmHWM:")[2].split()[0])
"""


def main() -> None:
    """Print the table."""
    print(f"import of a HAR of {SIZE / 1e6:.0f} MB in a process of its own (goal: {GOAL_MIB:,} MiB)")
    with tempfile.TemporaryDirectory() as name:
        har = Path(name, "large.har")
        entries = write_har(har, SIZE)
        for words in ((), ("--static",)):
            _measure(har, entries, words)


def write_har(path: Path, size: int) -> int:
    """Write a HAR of at least *size* bytes, and return how many entries it has."""
    written = count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],"entries":['
        )
        for entry in _entries(random.Random(1)):
            text = json.dumps(entry)
            file.write("," * bool(count) + text)
            written, count = written + len(text), count + 1
            if written >= size:
                break
        file.write("]}}")
    return count


def _measure(har: Path, entries: int, words: tuple[str, ...]) -> None:
    out = har.with_name("out.yaml")
    command = [sys.executable, "-c", _CHILD, "import", str(har), "--out", str(out), "--force", *words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = int(done.stdout.split()[-1]) / 1024
    files = sorted(har.parent.glob("out*.yaml"))
    size = sum(file.stat().st_size for file in files) / 1e6
    what = f"{entries} entries {' '.join(words)}".strip()
    print(f"  {what:24} {seconds:6.1f} s of CPU   peak {peak:6,.0f} MiB   {len(files)} files of {size:.0f} MB")
    for file in files:
        file.unlink()


def _entries(chosen: random.Random) -> Iterator[dict[str, Any]]:
    words = ["".join(chosen.choices("abcdefghijklmnopqrstuvwxyzé", k=chosen.randint(2, 9))) for _ in range(2000)]
    makers = (_page, _json, _stream, _picture)
    for number in range(sys.maxsize):
        kind, text, more = makers[number % len(makers)](chosen, words)
        size = len(base64.b64decode(text)) if more else len(text.encode())
        content = {"size": size, "mimeType": kind, "text": text} | more
        yield {
            "startedDateTime": "2026-11-27T00:00:00.000Z",
            "time": 250.5,
            "request": {
                "method": "GET",
                "url": f"https://www.example/{number}?page={number}",
                "httpVersion": "h2",
                "headers": [{"name": f"X-Header-{line}", "value": f"value {line}"} for line in range(12)],
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "h2",
                "headers": [{"name": "Content-Type", "value": kind}, {"name": "Set-Cookie", "value": f"sid={number}"}],
                "cookies": [],
                "content": content,
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 200, "receive": 50},
        }


Made = tuple[str, str, dict[str, str]]


def _page(chosen: random.Random, words: list[str]) -> Made:
    lines = (f"<p class='{chosen.choice(words)}'>{' '.join(chosen.choices(words, k=12))}</p>" for _ in range(500))
    return "text/html; charset=utf-8", "<!DOCTYPE html>\n" + "\n".join(lines), {}


def _json(chosen: random.Random, words: list[str]) -> Made:
    rows = [{"id": number, "name": chosen.choice(words), "tags": chosen.choices(words, k=5)} for number in range(400)]
    return "application/json", json.dumps({"rows": rows}), {}


def _stream(chosen: random.Random, words: list[str]) -> Made:
    events = (f'data: {{"choices":[{{"delta":{{"content":"{chosen.choice(words)} "}}}}]}}\n\n' for _ in range(400))
    return "text/event-stream; charset=utf-8", "".join(events) + "data: [DONE]\n\n", {}


def _picture(chosen: random.Random, _: list[str]) -> Made:
    return "image/png", base64.b64encode(chosen.randbytes(40_000)).decode(), {"encoding": "base64"}
