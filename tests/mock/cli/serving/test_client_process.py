"""``serve … -- COMMAND`` and ``record … -- COMMAND``: the server lives as long as the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.recording import write_in_this_process

from chatgptfree_mock.cli import run
from chatgptfree_mock.cli.serving.client_process import URL_VARIABLE
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load, recorded_file

MOCK = [sys.executable, "-m", "chatgptfree_mock"]
ASK = [sys.executable, "-m", "chatgptfree", "ask", "Hello"]
PRINT_URLS = ["sh", "-c", f'echo "$0" "${URL_VARIABLE}"', "{url}"]


def finished(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != URL_VARIABLE}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=300)


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command inside this process, in the folder of the test; only the client is started."""
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    write_in_this_process(monkeypatch)

    def run_here(*words: str) -> subprocess.CompletedProcess[str]:
        code = run([*words])
        return subprocess.CompletedProcess(words, code, *capfd.readouterr())

    return run_here


def test_the_client_finds_the_site_by_its_environment(tmp_path: Path) -> None:
    done = finished(*MOCK, "serve", "--plugin", "1.8.93", "--", *ASK, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Hello there! How can I help you today?", "")


@pytest.mark.parametrize("number", [0, 1, 2, 77])
def test_the_exit_code_is_that_of_the_command(number: int) -> None:
    assert run(["serve", "--", "sh", "-c", f"exit {number}"]) == number


def test_a_command_that_a_signal_ended_has_the_exit_code_of_a_shell() -> None:
    assert run(["serve", "--", "sh", "-c", "kill -KILL $$"]) == 128 + signal.SIGKILL


def test_the_server_is_gone_when_the_command_has_ended(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--", *PRINT_URLS]) == 0
    in_argument, in_variable = capfd.readouterr().out.split()
    assert in_argument == in_variable
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(in_argument, timeout=300)


def test_two_at_once_do_not_collide(mock: Run) -> None:
    inner = [*MOCK, "serve", "--", *PRINT_URLS]
    done = mock("serve", "--", "sh", "-c", 'echo "$0"; "$@"', "{url}", *inner)
    outer, replaced, variable = done.stdout.split()
    assert replaced == outer, "the outer command replaces every {url}"
    assert variable != outer, "the inner server has an address of its own"


def test_a_named_port_is_kept(unused_tcp_port: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--port", str(unused_tcp_port), "--", *PRINT_URLS]) == 0
    assert capfd.readouterr().out.split()[0].endswith(f":{unused_tcp_port}")


def test_a_recording_lasts_as_long_as_the_command(tmp_path: Path, mock: Run) -> None:
    tape = tmp_path / "tape.yaml"
    with MockSite(plugin="1.8.93", reply="Hi") as site:
        done = mock("record", site.url, "--out", str(tape), "--", *ASK)
    assert (done.returncode, done.stdout) == (0, "Hi")
    assert "2 exchanges recorded" in done.stderr
    assert [interaction.request.method for interaction in load(tape).interactions] == ["GET", "POST"]


@pytest.mark.parametrize("below", ["", "/chat/"])
def test_the_recorders_address_ends_as_the_sites_does(below: str, mock: Run) -> None:
    with MockSite(plugin="1.8.93", reply="Hi") as site:
        done = mock("record", site.url + below, "--out", "tape.yaml", "--", *PRINT_URLS)
    in_argument, in_variable = done.stdout.split()
    assert in_argument == in_variable
    assert urlsplit(in_argument).path == below


@pytest.mark.parametrize("way", [["--", "true"], ["--intercept", "--", "true"]])
def test_an_unknown_release_is_named_beside_a_command_too(way: list[str], mock: Run) -> None:
    done = mock("serve", "--plugin", "2.3.50", *way)
    assert "warning: 2.3.50 is not known; behaves as 2.3.43" in done.stderr.splitlines()
    assert done.stdout == ""


def test_what_the_site_has_to_warn_of_is_printed_at_the_end(mock: Run) -> None:
    done = mock("serve", "--intercept", "--", "true")
    assert done.returncode == 0
    assert "warning: no request for chatgptfree.ai" in done.stderr


ASK_TWICE = """
import http.client, json, sys, urllib.parse
site = http.client.HTTPConnection(urllib.parse.urlsplit(sys.argv[1]).netloc)
for question in sys.argv[2:] * 2:
    site.request("POST", "/ask", json.dumps({"ask": question}), {"Content-Type": "application/json"})
    site.getresponse().read()
"""
TAPE = """
version: 1
interactions:
- request:
    {method: POST, uri: 'https://a.example/ask', headers: {Content-Type: [application/json]}, body: '{"ask": "Hello"}'}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: 'Hello!'}}
"""


def test_requests_that_no_recording_fits_are_reported_once_each(tmp_path: Path, mock: Run) -> None:
    (tmp_path / "tape.yaml").write_text(TAPE, encoding="utf-8")
    ask = [sys.executable, "-c", ASK_TWICE, "{url}"]
    assert mock("serve", "--cassettes", "tape.yaml", "--", *ask, "Hello").stderr == ""
    done = mock("serve", "--cassettes", "tape.yaml", "--", *ask, "Hello", "Bye\x1b[2J")
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "warning: no recorded answer for POST /ask",
        "nearest: tape.yaml #1 (4 of 5 matched)",
        *(f"  {part} ok" for part in ("method", "host  ", "path  ", "query ")),
        "  body   differs $.ask: recorded 'Hello'   got 'Bye\\x1b[2J'",
        (
            "leave it out of the comparison with `volatile` (--volatile), or play it for other requests too with "
            "`on_miss: same-path` (--on-miss same-path)"
        ),
    ]
    many = mock("serve", "--cassettes", "tape.yaml", "--", *ask, *map(str, range(7)))
    assert many.stderr.count("warning: no recorded answer for POST /ask") == 5
    assert many.stderr.splitlines()[-1] == "warning: no recorded answer for 2 other requests"


def test_an_intercepted_client_has_the_variables_and_the_sites_own_address(mock: Run) -> None:
    code = "import sys, urllib.request as u; print(sys.argv[1], u.urlopen(sys.argv[1]).status)"
    done = mock("serve", "--intercept", "--", sys.executable, "-c", code, "{url}")
    assert (done.stdout, done.stderr) == ("https://chatgptfree.ai 200\n", "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["serve", "--", "no-such-command"], "no such command: `no-such-command`"),
        (["serve", "no-such-command"], "no such command: `no-such-command`"),
        (["serve", "--json", "--", "true"], "--json: no effect with a command after `--`"),
        (["serve", "--intercept", "--env", "--", "true"], "--env: no effect with a command after `--`"),
        (["serve", "--workers", "2", "--", "true"], "--workers: no effect with a command after `--`"),
        (["record", "http://127.0.0.1:1", "--", "no-such-command"], "no such command: `no-such-command`"),
    ],
    ids=" ".join,
)
def test_bad_input_is_one_sentence(
    words: list[str],
    complaint: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(words) == 2
    printed = capsys.readouterr().err
    assert complaint in printed
    assert printed.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_the_command_too(number: signal.Signals, code: int, tmp_path: Path) -> None:
    mark = tmp_path / "ended"
    script = f"trap 'echo yes > {mark}; exit 3' TERM; echo ready; while :; do sleep 0.1; done"
    command = [*MOCK, "serve", "--cassettes", str(recorded_file("1.8.93", "msg_ok_s")), "--", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(60) == code
    assert mark.read_text() == "yes\n"
