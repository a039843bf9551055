"""
The crash test from a recording against the bare client: what the harness adds to the client's own processes.

The same command runs as often under ``xargs -P2`` on a plain static server.  Stalls are left out; they only wait.
All modules are compiled before, as those of an installed package are.  What the crash test takes to start and to end is
printed as well: it is the same for one variant as for hundreds.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

_STREAM: Final = "".join(
    f"data: {json.dumps({'choices': [{'delta': {'content': f' word {number}'}}]})}\n\n" for number in range(40)
)
_BODY: Final = f"{_STREAM}data: [DONE]\n\n"
_SHELL: Final = ["sh", "-c", 'curl -sN "$0/answer" | grep -o "word [0-9]*"', "{url}"]
_CODE: Final = """
import http.client, sys, urllib.request
try: body = urllib.request.urlopen(sys.argv[1] + "/answer").read()
except (OSError, http.client.HTTPException): sys.exit("failed")
print(body.decode().count("word"))
"""
_PYTHON: Final = [sys.executable, "-c", _CODE, "{url}"]
_MODULE: Final = (
    "import urllib.request\ndef ask(url, message): return urllib.request.urlopen(url + '/answer').read().decode()\n"
)
_GLOBS: Final = ("framing/*", "cut/[!s]*", "status/*")


def main() -> None:
    """Print both ratios, and how many variants a second a callable gets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tape = _write(folder)
        one = ["--callable", "called:ask"]
        _crash_test(folder, tape, one, globs=["status/500"])  # compiles
        start, few = min(_crash_test(folder, tape, one, globs=["status/500"]) for _ in range(3))
        for client, words, most in (("shell client", _SHELL, 1.25), ("Python client", _PYTHON, 1.1)):
            took, runs = _crash_test(folder, tape, ["-n", "2", "--", *words])
            bare = _bare(folder, words, runs)
            ratios = f"{took / bare:.2f} (at most {most}), {(took - start) / bare:.2f} without start and end"
            print(f"  {client:<22} {took:6.2f} s for {runs} runs, {bare:6.2f} s bare: {ratios}")
        took, runs = _crash_test(folder, tape, [*one, "-n", "2"])
        rate = (runs - few) / (took - start)
        print(f"  {'callable':<22} {rate:6.0f} variants a second (at least 150), {start:.2f} s to start and to end")


def _write(folder: Path) -> Path:
    (folder / "answer").write_text(_BODY)
    (folder / "called.py").write_text(_MODULE)
    request: dict[str, Any] = {
        "method": "GET",
        "uri": "https://api.example.com/answer?q=Who",
        "headers": {},
        "body": None,
    }
    headers = {"Content-Type": ["text/event-stream"]}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": _BODY}}
    tape = folder / "tape.yaml"
    tape.write_text(json.dumps({"version": 1, "interactions": [{"request": request, "response": response}]}))
    return tape


def _crash_test(folder: Path, tape: Path, words: Sequence[str], *, globs: Sequence[str] = _GLOBS) -> tuple[float, int]:
    """Return the seconds of a crash test, and how often its client ran."""
    card = folder / "card.json"
    chosen = [word for glob in globs for word in ("--variant", glob)]
    command = [sys.executable, "-m", "chatgptfree_mock", "crashtest", "--cassette", str(tape), *chosen]
    started = time.perf_counter()
    compiled = {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    words = [*command, "--json", str(card), *words]
    subprocess.run(words, cwd=folder, capture_output=True, check=False, env=os.environ | compiled)
    took = time.perf_counter() - started
    found: dict[str, Any] = msgspec.json.decode(card.read_bytes())
    assert not found["problem"], found["problem"]
    ran = [one for one in found["results"] if one["verdict"] != "not offered"]
    failed = [one for one in ran if one["kind"] == "equivalent" and one["verdict"] != "right"]
    return took, len(ran) + 2 * len(failed) + 3


def _bare(folder: Path, words: Sequence[str], runs: int) -> float:
    """Return the seconds that the same command takes as often under xargs, on a static server."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split("port ")[1].split()[0]
        command = shlex.join(words).replace("'{url}'", f"http://127.0.0.1:{port}")
        numbers = "\n".join(map(str, range(runs)))
        started = time.perf_counter()
        subprocess.run(
            ["xargs", "-P2", "-I@", "sh", "-c", f"exec {command}"],
            input=numbers,
            text=True,
            capture_output=True,
            check=False,
        )
        return time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()
