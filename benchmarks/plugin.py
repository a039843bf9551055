"""The pytest plugin: what a fixture costs per test, beside an empty test, pytest-httpserver and vcrpy's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, median, quantiles

TESTS = 400
ROUNDS = 3
EMPTY = "empty"
_TESTS = f"""
import http.client, pytest
from urllib.parse import urlsplit

def ask(url):
    there = urlsplit(url)
    connection = http.client.HTTPConnection(there.hostname, there.port)
    connection.request("GET", there.path)
    answer = connection.getresponse()
    answer.read()
    assert answer.status < 400
    connection.close()

again = pytest.mark.parametrize("n", range({TESTS}))

@again
def test_empty(n): pass

@again
def test_chat_site(n, chat_site): assert chat_site.url

@again
def test_httpserver(n, httpserver): assert httpserver.url_for("/")

@again
@pytest.mark.vcr
def test_vcr(n): pass

@again
def test_chat_site_with_one_request(n, chat_site): ask(chat_site.url + "/favicon.ico")

@again
def test_httpserver_with_one_request(n, httpserver):
    httpserver.expect_request("/").respond_with_data("x")
    ask(httpserver.url_for("/"))
"""
_TIMER = """
import json, time
_times, _last = {}, None

def pytest_collection_modifyitems(items):
    # The kinds in turn, so that whatever else the machine does meets them all alike.
    items.sort(key=lambda item: item.callspec.params["n"])

def pytest_runtest_logstart(nodeid):
    global _last
    now = time.perf_counter(), time.process_time()
    if _last is not None:
        kind, since = _last
        _times.setdefault(kind, []).append([(b - a) * 1000 for a, b in zip(since, now)])
    _last = nodeid.partition("::test_")[2].partition("[")[0].replace("_", " "), now

def pytest_sessionfinish():
    print("\\nTIMES " + json.dumps(_times))
"""
WARM_UP = 5
"""The first tests of a kind start the server of the session; what is asked for is the cost of one more test."""
PLUGINS = ["chatgptfree_mock.pytest_plugin", "pytest_httpserver.pytest_plugin", "pytest_recording.plugin"]


def main() -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for kind, times in _session().items():
            found.setdefault(kind, []).extend(times[WARM_UP:])
    empty, empty_cpu = (median(column) for column in zip(*found[EMPTY], strict=True))
    print(
        f"{ROUNDS} rounds of {TESTS} tests of each kind in turn; median per test, quartiles, mean CPU of the process:"
    )
    for kind, times in found.items():
        walls, cpus = zip(*times, strict=True)
        low, wall, high = quantiles(walls, n=4)
        above = "" if kind == EMPTY else f"   above empty: {wall - empty:+.2f} ms, CPU {median(cpus) - empty_cpu:+.2f}"
        print(f"  {kind:<28} {wall:5.2f} ms ({low:.2f} to {high:.2f}), CPU {mean(cpus):.2f} ms{above}")
    print("  to reach: chat site at most 1.5 ms above an empty test")


def _session() -> dict[str, list[tuple[float, float]]]:
    """Return the milliseconds and the CPU milliseconds of each test, by kind."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_cost.py").write_text(_TESTS, encoding="utf-8")
        Path(folder, "conftest.py").write_text(_TIMER, encoding="utf-8")
        plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
        command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *plugins, folder]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder)
    measured = done.stdout.split("TIMES ")[1].splitlines()[0]
    return {kind: [(wall, cpu) for wall, cpu in times] for kind, times in json.loads(measured).items()}
