"""
The crash test from a recording against the bare client: what the harness adds to the client's own processes.

The same command runs as often under ``xargs -P2`` on a plain static server, in turns, so that a busy machine slows
both.  The stall is left out, as it only waits: its result is there already, and the run goes on from there
(``--resume``).  All modules are compiled before, as those of an installed package are.

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
_ONE: Final = ("--variant", "status/500")
_STALL: Final = "cut/stall"
_CARD: Final = "card.json"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "the default choice": (),
    "framing, cut and status": ("--variant", "framing/*", "--variant", "cut/*", "--variant", "status/*"),
    "--all": ("--all",),
}
_ROUNDS: Final = 3


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
        for client, words, most in (("shell client", _SHELL, 1.25), ("Python client", _PYTHON, 1.1)):
            called = ["-n", "2", "--", *words]
            stall = _stall(folder, tape, called)
            for choice, chosen in _CHOICES.items():
                _compare(folder, tape, words, f"{client}, {choice}", [*chosen, *called], stall=stall, most=most)
        _rate(folder, tape, ["--callable", "called:ask", "-n", "2"])


def _compare(
    folder: Path, tape: Path, words: Sequence[str], title: str, options: Sequence[str], *, stall: bytes, most: float
) -> None:
    with_start: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    starts: list[_Cost] = []
    runs = 0
    for _ in range(_ROUNDS):
        took, runs = _crash_test(folder, tape, options, before=stall)
        one, few = _crash_test(folder, tape, [*_ONE, "-n", "2", "--", *words])
        bare = _bare(folder, words, runs)
        start = _Cost(one.wall - bare.wall * few / runs, one.cpu - bare.cpu * few / runs)
        starts.append(start)
        with_start.append(took.ratio_to(bare))
        without.append(took.ratio_to(bare, without=start))
    print(f"  {title}, {runs} runs: at most {most} is asked")
    print(f"    {_spread(with_start)}")
    print(f"    {_spread(without)}, without start and end")
    print(f"    {_spread([(start.wall, start.cpu) for start in starts])}: seconds to start and to end")


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


def _bare(folder: Path, words: Sequence[str], runs: int) -> _Cost:
    """Return what the same command takes as often under xargs, on a static server that is up already."""
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
