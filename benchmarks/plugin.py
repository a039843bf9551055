"""The pytest plugin: what a fixture costs per test, beside an empty test, pytest-httpserver and vcrpy's."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from statistics import median

TESTS = 300
ROUNDS = 3
BODIES = {
    "empty": "def test(n): pass",
    "chat_site": "def test(n, chat_site): assert chat_site.url",
    "httpserver": "def test(n, httpserver): assert httpserver.url_for('/')",
    "vcr": "@pytest.mark.vcr\ndef test(n): pass",
}
PLUGINS = ["chatgptfree_mock.pytest_plugin", "pytest_httpserver.pytest_plugin", "pytest_recording.plugin"]
_TIMER = """
import time, pytest
_started = []
def pytest_runtest_logstart(): _started.append(time.perf_counter())
def pytest_sessionfinish():
    # The first tests start the server of the session; what is asked for is the cost of one more test.
    if len(_started) > 20:
        print(f"\\nPER_TEST {(_started[-1] - _started[20]) / (len(_started) - 21) * 1000:.4f}")
"""


def main() -> None:
    found: dict[str, list[float]] = {name: [] for name in BODIES}
    for _ in range(ROUNDS):
        for name in BODIES:
            found[name].append(_per_test(name))
    empty = median(found["empty"])
    print(f"{TESTS} tests each, {ROUNDS} rounds in turn, per test:")
    for name, times in found.items():
        above = median(times) - empty
        print(
            f"  {name:<12} {median(times):6.2f} ms ({min(times):.2f} to {max(times):.2f}), {above:+.2f} ms above empty"
        )
    print("  to reach: chat_site at most 1.5 ms above an empty test")


def _per_test(name: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        test = f"import pytest\n@pytest.mark.parametrize('n', range({TESTS}))\n{BODIES[name]}\n"
        Path(folder, "test_cost.py").write_text(test, encoding="utf-8")
        Path(folder, "conftest.py").write_text(textwrap.dedent(_TIMER), encoding="utf-8")
        plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
        command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *plugins, folder]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder)
    return float(done.stdout.split("PER_TEST ")[1].split()[0])
