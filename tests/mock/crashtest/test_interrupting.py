"""Signals in the middle of a crash test: it reports what was done, and ends all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.light_client import FETCH

# The first case is answered; each of the others forks a process into its own session, writes both ids down, and waits.
CLIENT = f"""{FETCH}
import os, time
if "advertisement" in sys.argv[1]:
    sys.exit(3)
if not os.fork():
    os.setsid()
    with open("started", "w") as file:
        file.write(f"{{os.getppid()}} {{os.getpid()}}\\n")
time.sleep(600)
"""
FILES = ("card.json", "card.html", "card.xml")


def wait_for_the_end_of(pids: list[int]) -> None:
    """Wait until the processes have gone: one that was killed needs a moment."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            # A pidfd is ready to be read once its process has ended.
            assert select.select([os.pidfd_open(pid)], [], [], 60)[0], f"{pid} is still there"


def started(folder: Path, jobs: str, client_code: str = CLIENT) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a crash test and return it with its clients' processes, once so many as there are jobs wait."""
    (folder / "client.py").write_text(client_code, encoding="utf-8")
    os.mkfifo(folder / "started")
    files = ["--json", "card.json", "--html", "card.html", "--junit", "card.xml"]
    client = ["--", sys.executable, "-I", "-S", "client.py", "{url}"]
    words = ["crashtest", "-n", jobs, "--scenario", "text/*", "--timeout", "600", *files, *client]
    running = subprocess.Popen(
        [sys.executable, "-m", "chatgptfree_mock", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pids: list[int] = []
    while len(pids) < 2 * int(jobs):
        pids += map(int, (folder / "started").read_text(encoding="utf-8").split())
    return running, pids


@pytest.mark.parametrize(
    ("number", "to_all", "jobs"),
    [
        pytest.param(signal.SIGINT, True, "1", id="Ctrl-C"),
        pytest.param(signal.SIGINT, False, "1", id="SIGINT to it alone"),
        pytest.param(signal.SIGTERM, False, "1", id="SIGTERM"),
        pytest.param(signal.SIGHUP, True, "1", id="a terminal that is closed"),
        # With workers, it matters whether they get the signal as well.
        pytest.param(signal.SIGINT, True, "2", id="Ctrl-C with workers"),
        pytest.param(signal.SIGTERM, False, "2", id="SIGTERM with workers"),
    ],
)
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals, *, to_all: bool, jobs: str) -> None:
    running, pids = started(tmp_path, jobs)
    (os.killpg if to_all else os.kill)(running.pid, number)
    out, err = running.communicate(timeout=300)
    assert running.returncode == 128 + number, err
    assert "Traceback" not in out + err
    wait_for_the_end_of(pids)
    card = json.loads((tmp_path / "card.json").read_bytes())
    assert card["interrupted"]
    assert [(one["scenario"], one["verdict"]) for one in card["results"]] == [("text/advertisement", "wrong")]
    assert f"interrupted: 1 of {card['planned']} cases were run" in out
    assert all((tmp_path / file).is_file() for file in FILES)


def test_a_signal_during_the_first_look_at_the_client_ends_it_in_order(tmp_path: Path) -> None:
    running, pids = started(tmp_path, "1", CLIENT.replace("advertisement", "no scenario"))
    os.kill(running.pid, signal.SIGTERM)
    out, err = running.communicate(timeout=300)
    assert (running.returncode, "Traceback" in out + err) == (143, False)
    wait_for_the_end_of(pids)
    assert json.loads((tmp_path / "card.json").read_bytes())["results"] == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_client_outlives_a_crash_test_that_is_killed(tmp_path: Path, jobs: str) -> None:
    running, pids = started(tmp_path, jobs)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=300)
    wait_for_the_end_of(pids)
