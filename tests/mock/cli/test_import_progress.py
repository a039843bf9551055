"""The progress of an import: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ENTRY = {
    "startedDateTime": "2026-11-23T00:00:00Z",
    "time": 1,
    "request": {"method": "GET", "url": "https://a.example/", "headers": [], "queryString": [], "cookies": []},
    "response": {
        "status": 200,
        "statusText": "OK",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"size": 2, "mimeType": "application/json", "text": "{}"},
    },
}


def imported(folder: Path, stderr: int) -> subprocess.CompletedProcess[bytes]:
    har = folder / "a.har"
    har.write_text(json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}}), "utf-8")
    command = [sys.executable, "-m", "chatgptfree_mock", "import", str(har), "--out", str(folder / "a.yaml")]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, env=environment, timeout=300, check=True)


def test_on_a_terminal_a_bar_shows_each_step_and_is_gone_at_the_end(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    try:
        done = imported(tmp_path, theirs)
    finally:
        os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the end of a terminal, on Linux
        pass
    finally:
        os.close(ours)
    assert b"reading" in shown
    assert b"writing" in shown
    assert shown.rstrip().endswith(b"\x1b[2K"), "the bar is erased"
    assert b"reading" not in done.stdout
    assert (tmp_path / "a.yaml").exists()


def test_without_a_terminal_no_bar_is_shown(tmp_path: Path) -> None:
    done = imported(tmp_path, subprocess.PIPE)
    assert b"reading" not in done.stderr + done.stdout
    assert b"\x1b" not in done.stderr
