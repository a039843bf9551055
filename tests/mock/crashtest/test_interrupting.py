"""Ctrl-C in the middle of a crash test: it ends, and so does all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
with open("started", "w") as told:
    told.write(f"{os.getpid()} {child.pid}\\n")
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    os.mkfifo(tmp_path / "started")
    client = ["--", sys.executable, "client.py", "{url}"]
    words = ["crashtest", "-n", jobs, "--scenario", "text/*", "--json", "card.json", *client]
    running = subprocess.Popen(
        [sys.executable, "-m", "chatgptfree_mock", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pids: list[int] = []
    while len(pids) < 2 * int(jobs):
        pids += map(int, (tmp_path / "started").read_text(encoding="utf-8").split())
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in out + err
    assert [pid for pid in pids if alive(pid)] == []
    assert not (tmp_path / "card.json").exists()
