"""The results of a crash test that was killed, or could not write its file; such a one is a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support import tapes
from tests.support.command_line import run_in_process

from chatgptfree_mock.cli import run

# Each run adds a letter to `runs`.  The fifth, that of the third variant, opens the pipe `reached` and waits, once.
# A shell that writes to a socket by itself starts with a hundredth of the work of Python.
CLIENT = r"""
printf x >>runs
if [ "$(wc -c <runs)" -eq 5 ]; then : >reached; read -r _ <held; fi
IFS=/ read -r _ _ host path <<<"$1"
exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'POST /%s/chat/completions HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}' "$path" >&3
read -r _ status _ <&3
[ "$status" = 200 ] || exit 1
tail -c 40 <&3
"""
NAMES = ("status/400", "status/401", "status/403", "status/404", "status/429", "status/500", "status/503")


class Folder:
    """A folder with a recording and a client, for crash tests in separate processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept = path / "card.json.unfinished"
        tapes.write(path / "tape.yaml", tapes.COMPLETION)
        (path / "client.sh").write_text(CLIENT, encoding="utf-8")
        for pipe in ("reached", "held"):
            os.mkfifo(path / pipe)

    def words(self, *options: str, variants: Sequence[str] = NAMES) -> list[str]:
        """Return the words of a crash test of these *variants*."""
        names = [word for name in variants for word in ("--variant", name)]
        words = ["crashtest", "--cassette", "tape.yaml", "--base", "/v1", "--json", "card.json", "--timeout", "60"]
        return [*words, *names, *options, "--", "bash", "client.sh", "{url}"]

    def start(self, *options: str, largest_file: int | None = None) -> subprocess.Popen[str]:
        """Start a crash test; *largest_file*: the size of a file in bytes from which on nothing is written."""
        limit = [] if largest_file is None else ["bash", "-c", f'ulimit -f {largest_file // 1024}; exec "$@"', "-"]
        return subprocess.Popen(
            [*limit, sys.executable, "-m", "chatgptfree_mock", *self.words(*options)],
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str, variants: Sequence[str] = NAMES) -> tuple[int, str]:
        """Run a crash test inside this process, and return its exit code and stderr."""
        done = run_in_process(run, *self.words(*options, variants=variants), folder=self.path)
        return done.returncode, done.stderr

    @property
    def runs(self) -> int:
        return (self.path / "runs").stat().st_size

    def results(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads((self.path / "card.json").read_bytes())["results"]
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def killed(folder: Folder, *options: str) -> None:
    """Run a crash test until its third variant, and kill it there."""
    running = folder.start(*options)
    with (folder.path / "reached").open() as reached:
        reached.read(0)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=300)


def test_a_run_that_was_killed_is_resumed(folder: Folder) -> None:
    killed(folder)
    assert not (folder.path / "card.json").exists()
    with folder.kept.open("ab") as file:
        file.write(b'{"variant": "status/5')  # it may be killed in the middle of a line
    before = folder.runs
    code, err = folder.run("--resume")
    assert code == 0, err
    assert f"--resume goes on with 2 results in {folder.kept}\n" in err
    assert [result["variant"] for result in folder.results()] == list(NAMES)
    undisturbed = 3
    assert folder.runs - before == len(NAMES) - 2 + undisturbed
    assert not folder.kept.exists()
    resumed = (folder.path / "card.json").read_bytes()
    folder.run()
    assert (folder.path / "card.json").read_bytes() == resumed


def test_what_a_killed_run_had_resumed_is_kept_too(folder: Folder) -> None:
    (folder.path / "runs").write_text("xxxxx")
    assert folder.run(variants=NAMES[:2])[0] == 0
    (folder.path / "runs").unlink()
    killed(folder, "--resume")
    _, err = folder.run("--resume")
    assert f"--resume goes on with 4 results in {folder.kept}\n" in err
    assert [result["variant"] for result in folder.results()] == list(NAMES)
    assert not folder.kept.exists()


def test_results_that_fit_on_the_disk_are_resumed_after_those_of_json_did_not(folder: Folder) -> None:
    (folder.path / "runs").write_text("xxxxx")
    running = folder.start(largest_file=2048)
    _, err = running.communicate(timeout=300)
    assert running.returncode == 2
    assert "can't write card.json: File too large" in err
    whole = folder.kept.read_bytes().count(b"\n") - 1
    assert 0 < whole < len(NAMES)
    assert f"`--resume` goes on with {whole} results in {folder.kept}" in err
    code, err = folder.run("--resume")
    assert code == 0, err
    assert [result["variant"] for result in folder.results()] == list(NAMES)


def test_kept_results_of_another_client_are_not_resumed(folder: Folder) -> None:
    killed(folder)
    kept = folder.kept.read_text(encoding="utf-8")
    folder.kept.write_text(kept.replace("client.sh", "other.sh"))
    code, err = folder.run("--resume")
    assert code == 2
    assert f"{folder.kept}: these results are of another client; leave out --resume to start over" in err


def test_nothing_is_kept_beside_a_device(folder: Folder) -> None:
    (folder.path / "runs").write_text("xxxxx")
    (folder.path / "card.json").symlink_to("/dev/null")
    code, err = folder.run()
    assert code == 0, err
    assert not list(folder.path.glob("*.unfinished*"))
