"""Without the default pack recordings are replayed nevertheless, and what needs the pack is an error that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.no_certificates import NO_CERTIFICATES
from tests.support.recorded_session import Session

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.saving import save

BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.startswith("chatgptfree_mock.sites.aipower"):
            raise ModuleNotFoundError(f"No module named {name!r}", name="chatgptfree_mock.sites.aipower")

sys.meta_path.insert(0, Absent())
"""
COMMAND = """
from chatgptfree_mock.__main__ import main
main()
"""
LIBRARY = """
from pathlib import Path
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.serving import MockSite

for more in ({}, {"plugin": "1.8.93"}, {"settings": {"nonce": "none"}}, {"reply": "Hello"}):
    try:
        with MockSite(cassette=Path(sys.argv[1]), **more) as site:
            print("plays", *site.warnings)
    except MockError as exc:
        print(exc)
"""


CLIENT = """
from chatgptfree.blocking import ChatClient

def ask(url, message):
    with ChatClient(url.rstrip("/") + "/chat/") as chat:
        return chat.ask(message).text
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the program without the default pack, in *folder*."""
    command = [sys.executable, "-c", BLOCKED + COMMAND, *words]
    environment = {**os.environ, **NO_CERTIFICATES}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_recordings_are_served_by_the_pack_recorded(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--cassettes", "1.8.93/msg_ok_s", "--", "echo", "ran")
    assert (done.returncode, "ran" in done.stdout) == (0, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_recording_alone_is_played_and_what_needs_the_pack_is_refused(tmp_path: Path) -> None:
    tape = tmp_path / "tape.yaml"
    save(tape, Cassette(interactions=Session("1.8.93").visit().interactions))
    command = [sys.executable, "-c", BLOCKED + LIBRARY, str(tape)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    played, *refused = done.stdout.splitlines()
    assert played == "plays", done.stderr
    assert len(refused) == 3
    assert all(line.startswith("the site pack `aipower` (chatgptfree_mock.sites.aipower") for line in refused)


def test_the_demo_needs_the_pack(tmp_path: Path) -> None:
    done = run(tmp_path, "demo")
    assert done.returncode == 2
    assert "the site pack `aipower` (chatgptfree_mock.sites.aipower.pack:PACK) fails to load: Module" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="no recordings"),
        pytest.param(("--plugin", "1.8.93", "--cassettes", "1.8.93/msg_ok_s"), id="a release is named"),
        pytest.param(("--pack", "aipower", "--cassettes", "1.8.93/msg_ok_s"), id="the pack is named"),
    ],
)
def test_whoever_needs_the_pack_is_told(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, "serve", *words, "--", "echo", "ran")
    assert done.returncode == 2
    assert "the site pack `aipower` (chatgptfree_mock.sites.aipower.pack:PACK) fails to load: Module" in done.stderr
    assert "ran" not in done.stdout


def test_a_recording_is_crash_tested_with_general_words_for_a_refusal(tmp_path: Path) -> None:
    tape = tmp_path / "tape.yaml"
    save(tape, Cassette(interactions=Session("1.8.93").visit().interactions[:2]))  # without the refusal
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    words = ("--cassette", str(tape), "--variant", "tokens/fresh", "--callable", "client:ask")
    done = run(tmp_path, "crashtest", *words)
    assert "general words" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
