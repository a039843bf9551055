"""The command `record`: its output, its files, and its exit codes."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from tests.support.command_line import run_until_visited
from tests.support.raw_client import fetch
from tests.support.serve_command import get

from chatgptfree_mock.cli import run
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save

COMMAND = [sys.executable, "-m", "chatgptfree_mock", "record"]


@contextmanager
def recorder(*arguments: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command on a free port."""
    command = [*COMMAND, *arguments, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def recorder_on_a_terminal(*arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run the command in a terminal of its own."""
    main, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    command = [*COMMAND, *arguments, "--port", "0"]
    with subprocess.Popen(command, stderr=end, stdout=end, cwd=cwd, env=environment) as process:
        os.close(end)
        try:
            yield process, main
        finally:
            process.kill()
            os.close(main)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def address(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return the proxy's address and the line with it."""
    assert process.stderr is not None
    line = process.stderr.readline()
    return line.split()[0], line


@pytest.mark.asyncio
@pytest.mark.parametrize(("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_it_prints_its_address_and_ends_with_a_signal(end: signal.Signals, code: int, tmp_path: Path) -> None:
    async with MockSite(plugin="1.8.93") as site:
        with recorder(site.url, "--out", "chat.yaml", cwd=tmp_path) as process:
            url, line = address(process)
            assert line == f"{url} records {site.url} to chat.yaml; Ctrl-C ends it\n"
            assert (await fetch(f"{url}chat/")).status == 200
            process.send_signal(end)
            out, err = process.communicate()
    assert (process.returncode, out) == (code, "")
    assert err.startswith("chat.yaml: 1 exchange recorded (")
    (interaction,) = load(tmp_path / "chat.yaml").interactions
    assert interaction.request.uri == f"{site.url}/chat/"


def record_here(visit: Callable[[str, str], object], *arguments: str, folder: Path) -> None:
    """Run the command here until *visit* has returned, which gets what `address` returns; then comes Ctrl-C."""

    def visit_proxy(_: TextIO, err: TextIO) -> None:
        line = err.readline()
        visit(line.split()[0], line)

    words = ["record", *arguments, "--port", "0"]
    assert run_until_visited(run, visit_proxy, *words, number=signal.SIGINT, folder=folder).returncode == 130


def test_the_file_is_named_after_the_site(tmp_path: Path) -> None:
    with MockSite(plugin="1.8.93") as site:
        record_here(lambda url, _: get(f"{url}chat/"), site.url, folder=tmp_path)
    assert names(tmp_path) == ["127.0.0.1.yaml"]


@pytest.mark.asyncio
async def test_a_crash_loses_nothing_that_had_ended(tmp_path: Path) -> None:
    async with MockSite(plugin="1.8.93") as site:
        with recorder(site.url, "--out", "chat.yaml", cwd=tmp_path) as process:
            url, _ = address(process)
            for count in (1, 2):
                await fetch(f"{url}chat/")
                while not (tmp_path / "chat.yaml").exists() or len(load(tmp_path / "chat.yaml").interactions) < count:
                    await fetch(f"{url}robots.txt")
            process.kill()
    assert len(load(tmp_path / "chat.yaml").interactions) >= 2


def test_it_replays_an_old_file_and_needs_no_site_for_that(tmp_path: Path) -> None:
    pages: list[str] = []

    def visit(url: str, _: str) -> None:
        pages.append(get(f"{url}chat/").replace(url[:-1], "URL"))

    def visit_again(url: str, line: str) -> None:
        assert line == f"{url} replays chat.yaml and records nothing; Ctrl-C ends it\n"
        visit(url, line)

    with MockSite(plugin="1.8.93") as site:
        record_here(visit, site.url, "--out", "chat.yaml", folder=tmp_path)
    record_here(visit_again, site.url, "--out", "chat.yaml", folder=tmp_path)
    page, again = pages
    assert len(again) > 10_000
    assert "data-nonce" in page
    assert "data-nonce" in again


def test_a_file_that_exists_is_said_to_be_replayed_to_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with MockSite(plugin="1.8.93") as site:
        command = ["record", site.url, "--out", "chat.yaml", "--", "curl", "-s", "-o", "page.html", "{url}/chat/"]
        assert run(command) == 0
        assert "exists" not in capfd.readouterr().err
        assert run(command) == 0
    advice = "--mode new_episodes adds to it, --mode all replaces it"
    assert f"chat.yaml exists: it is replayed, and nothing is recorded; {advice}\n" in capfd.readouterr().err


@pytest.mark.parametrize("mode", ["once", "new_episodes", "none"])
def test_the_recording_of_another_site_is_not_replayed(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    interaction = Interaction(request=Request(method="GET", uri="https://one.example/chat/"), response=Response())
    save("chat.yaml", Cassette(interactions=(interaction,)))
    assert run(["record", "https://two.example", "--out", "chat.yaml", "--mode", mode, "--", "true"]) == 2
    assert capfd.readouterr().err == (
        "chatgptfree-mock: chat.yaml was recorded from one.example, not from two.example: "
        "name another file with --out, or replace it with --mode all\n"
    )
    assert load("chat.yaml").interactions == (interaction,)


@pytest.mark.asyncio
async def test_a_terminal_shows_what_happens(tmp_path: Path) -> None:
    async with MockSite(plugin="1.8.93") as site:
        with recorder_on_a_terminal(site.url, "--out", "chat.yaml", cwd=tmp_path) as (process, terminal):
            shown = read_until(terminal, b"Ctrl-C ends it").decode()
            url = shown[shown.index("http://127") :].split()[0]
            await fetch(f"{url}chat/")
            shown = read_until(terminal, b"200 complete").decode()
            process.send_signal(signal.SIGINT)
            read_until(terminal, b"recorded (")
            process.wait(30)
    assert "GET /chat/" in shown
    assert process.returncode == 130


def read_until(terminal: int, wanted: bytes) -> bytes:
    """Read what a terminal shows until it shows *wanted*."""
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 65536)
    return shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["ftp://x"], "ftp://x is not the address of a site", id="no site"),
        pytest.param(["http://127.0.0.1:9"], "http://127.0.0.1:9 can't be reached: connection refused", id="down"),
        pytest.param(["http://127.0.0.1:9", "--record-mode", "none"], "there is no such file", id="nothing to replay"),
        pytest.param(
            ["http://x", "--keep", "cokies"],
            "no such redaction rule: `cokies`; did you mean `cookies`?",
            id="no such rule",
        ),
        pytest.param(["http://x", "--out", "/proc/no/x.yaml"], "/proc/no/x.yaml: can't be recorded to", id="no folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["record", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert complaint in err
    assert err.count("\n") == 1
    assert names(tmp_path) == []
