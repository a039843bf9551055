"""The command `serve`: its output, its errors, and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import pytest
from tests.support import tapes
from tests.support.serve_command import get, serve_here, serving

from chatgptfree_mock import cli
from chatgptfree_mock.cli.serving.announcement import Announcement
from chatgptfree_mock.cli.serving.options import replay_options
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.server.app import make_app
from chatgptfree_mock.server.control import SITES
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.files import gather, recorded_file

RECORDED = str(recorded_file("1.8.93", "msg_ok_s"))


def send_broken_requests(url: str) -> None:
    """Send what no server can answer, and what breaks off."""
    address = urlsplit(url)
    for junk in (
        b"\xff\r\n\r\n",
        b"POST /wp-admin/admin-ajax.php HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
    ):
        for _ in range(5):
            with socket.create_connection((address.hostname, address.port), timeout=300) as connection:
                connection.sendall(junk)
                if junk.startswith(b"\xff"):
                    assert connection.recv(12) == b"HTTP/1.0 400"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_until_a_signal_ends_it(number: signal.Signals, code: int) -> None:
    with serving("--plugin", "1.8.93") as (process, announced):
        send_broken_requests(announced["url"])
        assert "data-nonce" in get(announced["url"] + "/chat/")
        assert "console" in get(announced["console"])
        process.send_signal(number)
        _, complaints = process.communicate(timeout=300)
    assert process.returncode == code
    assert complaints.strip() == ""


@pytest.mark.parametrize("all_of_it", [True, False], ids=["as a terminal does", "the first process alone"])
def test_workers_end_at_ctrl_c_without_a_word(all_of_it: bool) -> None:
    with serving("--workers", "2") as (process, announced):
        send_broken_requests(announced["url"])
        assert "gpt3-ai-content-generator" in get(announced["url"] + "/chat/")
        (os.killpg if all_of_it else os.kill)(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=300)
    assert (process.returncode, complaints.strip()) == (130, "")


def test_the_settings_come_from_a_file(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("plugin: 2.3\nmodel: {reply: From the file}\n", encoding="utf-8")

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert announced["plugin"] == "2.3"
        root = json.loads(get(announced["url"] + "/__mock__/api/sites/root", token=announced["api_token"]))
        assert root["settings"]["model"]["reply"] == "From the file"

    serve_here(visit, "--site", str(site))


@pytest.mark.parametrize("how", ["option", "environment", "neither"])
def test_the_token_of_the_api_is_the_one_given_or_a_new_one(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "environment":
        monkeypatch.setenv("CHATGPTFREE_MOCK_API_TOKEN", "mine")

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert (announced["api_token"] == "mine") == (how != "neither")
        assert announced["console"] == f"{announced['url']}/__mock__/#token={announced['api_token']}"
        assert get(announced["url"] + "/__mock__/api/sites", token=announced["api_token"])
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(announced["url"] + "/__mock__/api/sites")

    serve_here(visit, *(("--api-token", "mine") if how == "option" else ()))


def test_recordings_are_served_with_the_release_they_are_of(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "version: 1\ninteractions:\n"
        "- request: {method: GET, uri: 'https://example.org/greeting?x=1', body: null, headers: {}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: Hi}}\n",
        encoding="utf-8",
    )

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert get(announced["url"] + "/greeting?x=1") == "Hi"

    serve_here(visit, "--cassettes", str(tmp_path))


def one_recording(folder: Path, name: str, path: str, body: str) -> Path:
    file = folder / name
    file.write_text(
        "version: 1\ninteractions:\n"
        f"- request: {{method: GET, uri: 'https://example.org{path}', body: null, headers: {{}}}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: {body}}}}}\n",
        encoding="utf-8",
    )
    return file


def test_several_sources_are_served_and_other_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    one_recording(tmp_path / "folder", "one.yaml", "/one?q=1", "one")
    (tmp_path / "folder" / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    one_recording(tmp_path, "two-a.yaml", "/s/2", "two")
    sources = ["--cassettes", str(tmp_path / "folder"), "--cassettes", str(tmp_path / "two-*.yaml")]

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert get(announced["url"] + "/one?q=2") == "one"
        assert get(announced["url"] + "/s/2") == "two"
        assert (announced["cassettes"], announced["recorded_here"], len(announced["left_out"])) == (2, ["/s/2"], 1)

    done = serve_here(visit, *sources, "--volatile", "q", "--chunks", "bytes")
    assert "compose.yaml: left out: no `interactions`" in done.stderr


def test_with_strict_a_file_that_is_not_a_cassette_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one_recording(tmp_path, "one.yaml", "/one", "one")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    assert cli.run(["serve", "--port", "0", "--cassettes", str(tmp_path), "--strict"]) == 1
    assert "compose.yaml: left out: no `interactions`" in capsys.readouterr().err


def test_the_start_lists_the_recorded_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = tuple(gather([one_recording(tmp_path, "one.yaml", "/v/2.3", "one")]).cassettes)
    config = ServerConfig(cassettes=recorded, api_token="t")
    Announcement(url="http://h", config=config, hidden=make_app(config)[SITES].hidden).print(as_json=False)
    assert "Recorded, so not the mock's own: /v/2.3" in capsys.readouterr().out


def test_the_projects_table_sets_how_recordings_are_matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.chatgptfree_mock]\nmatch_on = ["path", "json"]\nvolatile = ["id"]\nrepeat = false\n', encoding="utf-8"
    )
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    table = project_settings()
    options = replay_options(
        {"volatile": ("q,r",), "match_on": (), "rewrite": "all", "repeat": None}, table, recorded=True
    )
    assert (options.match_on, options.volatile) == (("path", "json"), ("q", "r", "id"))
    assert (options.repeat, options.rewrite) == (False, "all")
    assert replay_options({"match_on": ("path",)}, table, recorded=True).match_on == ("path",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--plugin", "newest"], "`newest` is not a release number", id="a release"),
        pytest.param(["--site", "no-such.yaml"], "no-such.yaml: no such file", id="a missing file"),
        pytest.param(["--site", os.curdir], "a directory, not a file", id="a directory for a file"),
        pytest.param(["--cassettes", "no-such-folder"], "no-such-folder", id="a missing folder"),
        pytest.param(["--scenarios", "no-such-folder"], "no-such-folder", id="a missing folder of scenarios"),
        pytest.param(["--chunks", "utf"], "did you mean `utf8`?", id="a word for chunks"),
        pytest.param(["--fault", "rest@3"], "did you mean `reset", id="a word for faults"),
        pytest.param(["--port", "70000"], "70000", id="a port"),
        pytest.param(["--match-on", "path"], "without a recording `--match-on` has no effect", id="nothing to match"),
        pytest.param(
            ["--cassettes", RECORDED, "--match-on", "pth"], "did you mean `path`?", id="a word for what must fit"
        ),
        pytest.param(["--cassettes", RECORDED, "--on-miss", "closest"], "'nearest'", id="a word for a miss"),
        pytest.param(
            ["--cassettes", RECORDED, "--plugin", "1.8.90"], "cannot act beside a recording", id="another release"
        ),
        pytest.param(
            ["--cassettes", RECORDED, "--no-repeat", "--workers", "2"],
            "cannot be combined with --workers",
            id="no repeats",
        ),
        pytest.param(["--watch", "--workers", "2"], "--watch reloads one process", id="watching workers"),
        pytest.param(["--api-token", "two words"], "the API token must be made of letters", id="a token"),
    ],
)
def test_bad_input_is_one_clear_message(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    free_port = [] if "--port" in arguments else ["--port", "0"]
    assert cli.run(["serve", *free_port, *arguments]) == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize("watch", [[], ["--watch"]])
@pytest.mark.parametrize("kind", ["release", "template", "scenario"])
def test_what_is_far_below_a_folder_of_the_users_is_not_walked(
    kind: str, watch: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("the folder, which may be a whole disk, was walked")

    monkeypatch.setattr(Path, "rglob", refuse)
    monkeypatch.setattr(os, "walk", refuse)
    assert cli.run(["serve", "--port", "0", *watch, f"--{kind}s", str(tmp_path)]) == 2
    assert f"{tmp_path}: no {kind} in this folder" in capsys.readouterr().err


def test_a_wrong_setting_names_file_place_and_nearest_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("front: {maintainance: true}\n", encoding="utf-8")
    assert cli.run(["serve", "--port", "0", "--site", str(site)]) == 2
    complaint = capsys.readouterr().err
    assert str(site) in complaint
    assert "maintainance" in complaint
    assert "did you mean `maintenance`?" in complaint


@pytest.mark.parametrize("more", [[], ["--workers", "2"]])
def test_a_busy_port_is_reported(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.run(["serve", "--port", str(port), *more]) == 2
    assert f"port {port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_a_host_that_is_not_this_machines_is_reported() -> None:
    # In a process of its own: looking up such an address is forbidden to tests.
    command = [sys.executable, "-m", "chatgptfree_mock", "serve", "--port", "0", "--host", "192.0.2.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "chatgptfree-mock: host `192.0.2.1` is not an address of this machine\n"


def test_what_had_no_effect_is_on_stderr_in_the_end() -> None:
    done = serve_here(
        lambda announced, _: get(announced["url"] + "/chat/"), "--plugin", "1.8.93", "--fault", "reset@50%"
    )
    assert done.returncode == 0
    assert done.stderr == "warning: the fault `reset` was not applied: no answer that it fits was requested\n"


def test_with_watch_a_changed_file_is_reloaded_and_named(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("plugin: 1.8.93\n", encoding="utf-8")

    def visit(announced: dict[str, Any], err: TextIO) -> None:
        assert "data-nonce" in get(announced["url"] + "/chat/")
        site.write_text("plugin: 2.3\nmodle: {}\n", encoding="utf-8")
        assert "not reloaded, the site stays as it was: " in err.readline()
        assert "data-nonce" in get(announced["url"] + "/chat/")
        site.write_text("plugin: 2.3\n", encoding="utf-8")
        assert err.readline() == f"reloaded: {site} (changed)\n"
        assert "data-config" in get(announced["url"] + "/chat/")

    done = serve_here(visit, "--site", str(site), "--watch", number=signal.SIGINT)
    assert (done.returncode, done.stderr.strip()) == (130, "")


def test_new_recordings_of_other_hosts_cannot_be_intercepted_without_a_start(tmp_path: Path) -> None:
    one_recording(tmp_path, "one.yaml", "/one", "one")

    def visit(_: dict[str, Any], err: TextIO) -> None:
        other = tapes.exchange("GET", "https://other.example/two", "two")
        tapes.write(tmp_path / "two.yaml", other)
        line = err.readline()
        assert "the hosts are now example.org, other.example; start `serve` again to intercept them" in line

    serve_here(visit, "--cassettes", str(tmp_path), "--intercept", "", "--watch")


def test_a_fault_behind_the_end_of_every_answer_is_on_stderr_in_the_end(tmp_path: Path) -> None:
    one_recording(tmp_path, "one.yaml", "/one", "one")

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert get(announced["url"] + "/one") == "one"

    words = ["--cassettes", str(tmp_path), "--fault", "stall@chunk:900=1ms"]
    assert serve_here(visit, *words, number=signal.SIGINT).stderr == (
        "warning: the fault `stall@chunk:900=1ms` was applied at the end: the response has only 1 chunk\n"
    )
