"""A signal before the first case: a crash test writes its table and files, whatever it is importing or starting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import tapes

# Every Python that is started imports this.  The first one in which the module is imported sends the signal, once.
SITE = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["AT"]:
            sys.meta_path.remove(self)
            try:
                os.mkdir(os.environ["ONCE"])
            except FileExistsError:
                return
            number = getattr(signal, os.environ["SENT"])
            (os.killpg if number == signal.SIGINT else os.kill)(int(os.environ["TO"]) or os.getpid(), number)

sys.meta_path.insert(0, Finder())
"""
ASK = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()"
FILES = ["--json", "card.json", "--html", "card.html", "--junit", "card.xml", "--markdown", "card.md"]
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


def interrupted(folder: Path, at: str, sent: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that gets the signal when the module *at* is imported, as its group does on Ctrl-C."""
    (folder / "sitecustomize.py").write_text(SITE)
    # A group of its own; its id is known to all who could send the signal to it.
    start = "import os, sys; os.setsid(); os.environ['TO'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
    variables = {"PYTHONPATH": str(folder), "AT": at, "SENT": sent, "ONCE": str(folder / "sent")}
    command = [sys.executable, "-m", "chatgptfree_mock", *words]
    return subprocess.run(
        [sys.executable, "-I", "-c", start, *command],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("at", "sent", "jobs"),
    [
        *(
            pytest.param("chatgptfree_mock.crashtest", sent, "1", id=f"{sent} before there is a handler")
            for sent in CODES
        ),
        pytest.param("click", "SIGHUP", "1", id="SIGHUP before the options are read"),
        pytest.param("yaml", "SIGHUP", "1", id="SIGHUP while scenarios are read"),
        pytest.param("chatgptfree_mock.sites.aipower.site", "SIGINT", "2", id="Ctrl-C before the first client"),
        pytest.param("chatgptfree_mock.sites.aipower.site", "SIGHUP", "1", id="SIGHUP before the first client"),
    ],
)
def test_the_reports_are_written(tmp_path: Path, at: str, sent: str, jobs: str) -> None:
    done = interrupted(
        tmp_path,
        at,
        sent,
        "crashtest",
        "-n",
        jobs,
        "--scenario",
        "text/*",
        *FILES,
        "--",
        sys.executable,
        "-c",
        ASK,
        "{url}",
    )
    assert (done.returncode, done.stderr) == (CODES[sent], "")
    card = json.loads((tmp_path / "card.json").read_bytes())
    assert card["results"] == []
    assert f"interrupted: 0 of {card['planned']} cases were run" in done.stdout
    assert (card["interrupted"], card["planned"] > 1) == (True, True)
    assert all((tmp_path / file).is_file() for file in FILES[1::2])


@pytest.mark.parametrize(
    ("at", "sent"), [("click", "SIGTERM"), ("chatgptfree_mock.crashtest.recording.played_recording", "SIGHUP")]
)
def test_with_a_recording_as_well(tmp_path: Path, at: str, sent: str) -> None:
    tape = tapes.write(tmp_path / "tape.yaml", tapes.COMPLETION)
    words = [
        "crashtest",
        "--cassette",
        str(tape),
        "--variant",
        "chunks/*",
        *FILES,
        "--",
        sys.executable,
        "-c",
        ASK,
        "{url}",
    ]
    done = interrupted(tmp_path, at, sent, *words)
    assert (done.returncode, done.stderr) == (CODES[sent], "")
    card = json.loads((tmp_path / "card.json").read_bytes())
    assert (card["interrupted"], card["results"], card["planned"] > 1) == (True, [], True)
    assert f"interrupted: 0 of {card['planned']} variants were run" in done.stdout
    assert all((tmp_path / file).is_file() for file in FILES[1::2])


def test_a_module_of_the_client_that_never_ends_its_import_is_left(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import own_part\n")
    (tmp_path / "own_part.py").write_text("import time\ntime.sleep(600)\n")
    done = interrupted(
        tmp_path, "own_part", "SIGTERM", "crashtest", "--scenario", "text/*", *FILES, "--callable", "own:ask"
    )
    assert (done.returncode, done.stderr) == (CODES["SIGTERM"], "")
    assert json.loads((tmp_path / "card.json").read_bytes())["results"] == []


def test_ctrl_c_while_another_command_is_imported_prints_no_traceback(tmp_path: Path) -> None:
    done = interrupted(tmp_path, "click", "SIGINT", "scenarios")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
