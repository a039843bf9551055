"""
The crash test from a recording against the bare client: what the harness adds to the client's own processes.

The same command runs as often under ``xargs -P2`` on a plain static server, in turns, so that a busy machine slows
both.  The clients are those of the README and of the documentation (curl and a loop of the shell, aiohttp), and the
leanest in both languages (curl and grep, urllib).  A broken answer often ends a client sooner than the static server's
whole one does: the ratio falls with it, and "whole answers" are the variants without those.  The stall is left out, as
it only waits: its result is there already, and the run goes on from there (``--resume``).  All modules are compiled
before, as those of an installed package are.

Each figure is the median of the rounds, with the smallest and the largest.  The time of the processors is that of all
processes: of the crash test with its clients, and of the clients with the static server.  What the crash test takes to
start and to end, with its first look at the client, is the same for one variant as for hundreds: it is what a crash
test of one variant takes beyond as many bare clients.  It is printed as well, and the ratio without it.
"""

from __future__ import annotations

import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

_STREAM: Final = "".join(
    f"data: {json.dumps({'choices': [{'delta': {'content': f' word {number}'}}]})}\n\n" for number in range(40)
)
_BODY: Final = f"{_STREAM}data: [DONE]\n\n"
_ROOT: Final = Path(__file__).resolve().parent.parent
_LOOP: Final = ["sh", str(_ROOT / "examples/clients/curl_lines.sh"), "{url}", "Who are you?"]
_LINES: Final = [sys.executable, str(_ROOT / "examples/clients/aiohttp_lines.py"), "{url}", "Who are you?"]
_TAPE: Final = _ROOT / "cassettes/apis/chat-completions.yaml"
_GREP: Final = ["sh", "-c", 'curl -sN "$0/answer" | grep -o "word [0-9]*"', "{url}"]
_CODE: Final = """
import http.client, sys, urllib.request
try: body = urllib.request.urlopen(sys.argv[1] + "/answer").read()
except (OSError, http.client.HTTPException): sys.exit("failed")
print(body.decode().count("word"))
"""
_URLLIB: Final = [sys.executable, "-c", _CODE, "{url}"]
_MODULE: Final = (
    "import urllib.request\ndef ask(url, message): return urllib.request.urlopen(url + '/answer').read().decode()\n"
)
_ONE: Final = ("--variant", "status/500")
_STALL: Final = "cut/stall"
_CARD: Final = "card.json"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "the default choice": (),
    "whole answers": ("--variant", "coding/*", "--variant", "events/*", "--variant", "json/*"),
    "--all": ("--all",),
}
_ROUNDS: Final = 3
_STATIC_SERVER: Final = """
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
class Handler(SimpleHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port)
server.serve_forever()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    """
    A client's command with the recording that it reads; *base*: what its address ends with.

    *most*: the ratio that is asked, if one is.
    """

    name: str
    words: Sequence[str]
    tape: Path
    base: str = ""
    most: float | None = None

    @property
    def options(self) -> list[str]:
        """Return the words behind `crashtest` that call it."""
        return [*(["--base", self.base] if self.base else []), "-n", "2", "--", *self.words]


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds by the clock, and of all processors."""

    wall: float
    cpu: float

    def ratio_to(self, other: _Cost, *, without: _Cost | None = None) -> tuple[float, float]:
        """Return how often *other* it takes, by the clock and by the processors; *without*: what is not counted."""
        start = without or _Cost(0.0, 0.0)
        return (self.wall - start.wall) / other.wall, (self.cpu - start.cpu) / other.cpu


def main() -> None:
    """Print the ratios for each client and choice of variants, and how many variants a second a callable gets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tape = _write(folder)
        for client in (
            _Client(name="shell client (README's)", words=_LOOP, tape=_TAPE, base="/v1", most=1.25),
            _Client(name="Python client (aiohttp)", words=_LINES, tape=_TAPE, base="/v1", most=1.1),
            _Client(name="curl and grep", words=_GREP, tape=tape),
            _Client(name="urllib", words=_URLLIB, tape=tape),
        ):
            stall = _stall(folder, client.tape, client.options)
            for choice, chosen in _CHOICES.items():
                _compare(folder, client, choice, chosen, stall)
        _rate(folder, tape, ["--callable", "called:ask", "-n", "2"])


def _compare(folder: Path, client: _Client, choice: str, chosen: Sequence[str], stall: bytes) -> None:
    with_start: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    starts: list[tuple[float, float]] = []
    singles: list[float] = []
    runs = 0
    for _ in range(_ROUNDS):
        took, runs = _crash_test(folder, client.tape, [*chosen, *client.options], before=stall)
        one, few = _crash_test(folder, client.tape, [*_ONE, *client.options])
        bare = _bare(folder, client, runs)
        start = _Cost(one.wall - bare.wall * few / runs, one.cpu - bare.cpu * few / runs)
        starts.append((start.wall, start.cpu))
        with_start.append(took.ratio_to(bare))
        without.append(took.ratio_to(bare, without=start))
        singles.append(bare.cpu / runs * 1000)
    asked = f": at most {client.most} is asked" if client.most else ""
    print(f"  {client.name}, {choice}, {runs} runs of {statistics.median(singles):.0f} ms of the processors{asked}")
    print(f"    {_spread(with_start)}")
    print(f"    {_spread(without)}, without start and end")
    print(f"    {_spread(starts)}: seconds to start and to end")


def _rate(folder: Path, tape: Path, called: Sequence[str]) -> None:
    _crash_test(folder, tape, [*_ONE, *called])  # compiles
    stall = _stall(folder, tape, called)
    rates: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        one, few = _crash_test(folder, tape, [*_ONE, *called])
        took, runs = _crash_test(folder, tape, [*_CHOICES["--all"], *called], before=stall)
        rates.append(((runs - few) / (took.wall - one.wall), (runs - few) / (took.cpu - one.cpu)))
    print(f"  callable, variants a second: {_spread(rates, digits=0)}; at least 150 are asked")


def _spread(measured: Sequence[tuple[float, float]], *, digits: int = 2) -> str:
    found = []
    for name, values in zip(("by the clock", "by the processors"), zip(*measured, strict=True), strict=True):
        found.append(
            f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f}) {name}"
        )
    return ", ".join(found)


def _compiled(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPYCACHEPREFIX": str(folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}


def _costs(body: Callable[[], object], server: int | None = None) -> _Cost:
    """Return what *body* and the processes that it waits for take; *server*: the number of a process beside them."""
    started, before = time.perf_counter(), _processors(server)
    body()
    return _Cost(time.perf_counter() - started, _processors(server) - before)


def _processors(server: int | None) -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # proc(5): the fields 14 and 15 are utime and stime; the name, the second, may hold blanks.
    fields = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[11:13] if server else []
    return used.ru_utime + used.ru_stime + sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")


def _write(folder: Path) -> Path:
    (folder / "answer").write_text(_BODY)
    answer = folder / "v1/chat/completions"
    answer.parent.mkdir(parents=True)
    recorded = yaml.safe_load(_TAPE.read_text(encoding="utf-8"))["interactions"][0]["response"]
    answer.write_text(recorded["body"]["string"], encoding="utf-8")
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


def _stall(folder: Path, tape: Path, called: Sequence[str]) -> bytes:
    """Return the results of a crash test of the stall alone."""
    _crash_test(folder, tape, ["--variant", _STALL, "--timeout", "1", *called])
    return (folder / _CARD).read_bytes()


def _crash_test(folder: Path, tape: Path, options: Sequence[str], *, before: bytes | None = None) -> tuple[_Cost, int]:
    """Return what a crash test takes, and how often its client ran; *before*: the results that it goes on from."""
    card = folder / _CARD
    command = [sys.executable, "-m", "chatgptfree_mock", "crashtest", "--cassette", str(tape), "--json", str(card)]
    if before is not None:
        card.write_bytes(before)
        command.append("--resume")
    command += options
    took = _costs(lambda: subprocess.run(command, cwd=folder, capture_output=True, check=False, env=_compiled(folder)))
    found: dict[str, Any] = msgspec.json.decode(card.read_bytes())
    assert not found["problem"], found["problem"]
    not_run = {"not offered"} if before is None else {"not offered", _STALL}
    ran = [one for one in found["results"] if not_run.isdisjoint((one["verdict"], one["variant"]))]
    failed = [one for one in ran if one["kind"] == "equivalent" and one["verdict"] != "right"]
    return took, len(ran) + 2 * len(failed) + 3


def _bare(folder: Path, client: _Client, runs: int) -> _Cost:
    """Return what the client's command takes as often under xargs, on a static server that is up already."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-c", _STATIC_SERVER],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        command = shlex.join(client.words).replace("'{url}'", f"http://127.0.0.1:{port}{client.base}")
        numbers = "\n".join(map(str, range(runs)))
        xargs = ["xargs", "-P2", "-I@", "sh", "-c", f"exec {command}"]
        environment = _compiled(folder)
        return _costs(
            lambda: subprocess.run(xargs, input=numbers, text=True, capture_output=True, check=False, env=environment),
            server.pid,
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
