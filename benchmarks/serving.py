"""
Serving: requests a second under wrk with 50 connections, beside bare handlers that return the same bytes.

Each server is one process of its own; rounds are interleaved.  The time of the server's processor per request stands
beside the rates: other work on the machine disturbs it least.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from benchmarks._answers import AJAX, PAGE, fields
from benchmarks._clients import process, spread

ROUNDS = 9
SECONDS = 2
CONNECTIONS = 50
Server = tuple[int, int]
"""Its port and its process."""


def main() -> None:
    if shutil.which("wrk") is None:
        print("wrk is not installed (Debian's package of that name has it), so nothing is measured", file=sys.stderr)
        return
    with process("benchmarks._answers", "mock") as mock, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{mock[0]}"
        with urllib.request.urlopen(url + PAGE) as answer:
            size = len(answer.read())
        script = Path(folder) / "post.lua"
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = "{urlencode(fields())}"\n'
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
        )
        with process("benchmarks._answers", "bare", url) as bare:
            servers = {"bare handler": bare, "mock": mock}
            _compare("buffered JSON answer", servers, AJAX, ["-s", str(script)], least=0.35)
            _compare(f"page of {size // 1000} KB", servers, PAGE, [], least=0.4)


def _compare(what: str, servers: dict[str, Server], path: str, more: list[str], *, least: float) -> None:
    """Measure *servers* in turn and print the results; *least* is the share of the bare handler's rate to reach."""
    rates: dict[str, list[float]] = {name: [] for name in servers}
    costs: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (port, pid) in servers.items():
            before = _cpu(pid)
            rate, count = _load(f"http://127.0.0.1:{port}{path}", more)
            rates[name].append(rate)
            costs[name].append((_cpu(pid) - before) / count * 1e6)
    print(f"{what}, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s in turn; median [range]")
    for name in servers:
        print(f"  {name:<13} {spread(rates[name], '6.0f')} requests/s   {spread(costs[name], '4.0f')} us of CPU each")
    each = [ours / bare for bare, ours in zip(rates["bare handler"], rates["mock"], strict=True)]
    cpu = median(costs["bare handler"]) / median(costs["mock"])
    print(f"  mock / bare   {spread(each, '6.2f')} by rounds (at least {least}); by CPU {cpu:.2f}")


def _load(url: str, more: list[str]) -> tuple[float, int]:
    """Return how many requests a second were answered, and how many in all."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *more, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(f"not what was to be measured: {printed}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", printed)[0]), int(re.findall(r"(\d+) requests in", printed)[0])


def _cpu(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
