"""A release of a user's own, and one that nobody knows, through the commands: serve, crashtest, scenarios."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any, TextIO
from urllib.error import HTTPError

import pytest
from tests.support import fictional
from tests.support.command_line import run_in_process
from tests.support.releases import BASE_RELEASE
from tests.support.serve_command import get, serve_here

from chatgptfree_mock.cli import run

CLIENT = """
import html, json, re, sys, urllib.parse, urllib.request
page = urllib.request.urlopen(sys.argv[1]).read().decode()
config = json.loads(html.unescape(re.search("data-config='(.*?)'", page)[1]))
def post(fields, method="POST"):
    data = urllib.parse.urlencode(fields)
    url = config["ajaxUrl"]
    request = urllib.request.Request(url, data.encode()) if method == "POST" else url + "?" + data
    return urllib.request.urlopen(request).read().decode()
nonce = {"_ajax_nonce": config["nonce"], "bot_id": config["botId"]}
key = json.loads(post({"action": "aipkit_cache_sse_message", "message": sys.argv[2], **nonce}))["data"]["cache_key"]
ids = {"session_id": "s", "conversation_uuid": "c"}
stream = post({"action": "aipkit_frontend_chat_stream", "cache_key": key, **ids, **nonce}, "GET")
print("".join(json.loads(line[6:]).get("delta", "") for line in stream.split("\\n") if line[:6] == "data: "), end="")
"""
"""A client for 2.4.97 alone: it looks for the nonce where that release has it."""
STORY = "title: Mine\nsite: {plugin: 2.4.97, model: {reply: Hi}}\nreleases: '>=2.4.71'\nexpect: {text: Hi}\n"


@pytest.mark.parametrize("folder", ["own", "./own", "../{here}/own", "{absolute}"])
@pytest.mark.parametrize("words", ["releases", "scenarios", "serve --port 0 -- true", "crashtest -- true {url}"])
def test_a_wrong_file_is_named_as_it_was_typed(
    words: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own").mkdir()
    Path("own", "92.5.0.yaml").write_text("base: nope\n")
    Path("own", "page.html.j2").write_text("{% if %}")
    typed = str(Path(folder.format(here=tmp_path.name, absolute=tmp_path / "own")))
    command, *more = words.split()
    assert run([command, "--releases", typed, *more]) == 2
    assert capsys.readouterr().err.startswith(f"chatgptfree-mock: {typed}/92.5.0.yaml: unknown release `nope`")
    if more:
        assert run([command, "--templates", typed, *more]) == 2
        assert capsys.readouterr().err.startswith(f"chatgptfree-mock: {typed}/page.html.j2, line 1: Expected")


def test_reports_name_the_pack_without_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file, report = fictional.write(tmp_path), tmp_path / "report.json"
    client = [sys.executable, "-c", CLIENT, "{url}", "{message}"]
    own = ["--releases", file.name, "--plugin", "92.5.0", "--scenario", "text/blanks", "--json", str(report)]
    assert run(["crashtest", *own, "--", *client]) in (0, 1)
    results = json.loads(report.read_text())["results"]
    assert {(each["pack"], each["plugin"]) for each in results} == {("aipower", "92.5.0")}
    assert str(tmp_path) not in report.read_text().replace(json.dumps(CLIENT)[1:-1], "")


def test_serve_imitates_it(tmp_path: Path) -> None:
    file = fictional.write(tmp_path)

    def visit(site: dict[str, Any], _: TextIO) -> None:
        assert site["pack"] == "aipower"
        assert json.loads(get(f"{site['url']}/__mock__/api/sites/root", token=site["api_token"]))["pack"] == "aipower"
        assert "warning" not in site
        assert "data-settings=" in get(f"{site['url']}/chat/")
        assert "data-config=" in get(f"{site['url']}/v/2.4.97/chat/")
        assert "data-settings=" in get(f"{site['url']}/v/92.5.0/chat/")

    serve_here(visit, "--releases", str(file), "--plugin", "92.5.0", folder=tmp_path)


def test_serve_warns_of_a_release_that_is_not_known(tmp_path: Path) -> None:
    def visit(site: dict[str, Any], _: TextIO) -> None:
        assert site["warning"] == "2.3.50 is not known; behaves as 2.3.43"
        assert "?ver=2.3.43" in get(f"{site['url']}/chat/")
        assert "?ver=1.8.93" in get(f"{site['url']}/v/1.8.93.1/chat/")
        with pytest.raises(HTTPError) as refused:
            get(f"{site['url']}/v/1.0/chat/")
        assert (refused.value.code, b"the nearest is 1.8.79" in refused.value.read()) == (404, True)
        journal = get(f"{site['url']}/__mock__/api/journal", token=site["api_token"])
        assert "2.3.50 is not known; behaves as 2.3.43" in journal
        assert "1.8.93.1 is not known; behaves as 1.8.93" in journal

    serve_here(visit, "--plugin", "2.3.50", folder=tmp_path)


@pytest.mark.parametrize("way", ["option", "table"])
def test_strict_release_makes_it_an_error(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.chatgptfree_mock]\nstrict_release = true\n" * (way == "table"))
    option = ["--strict-release"] if way == "option" else []
    assert run(["serve", "--port", "0", "--plugin", "2.3.50", *option]) == 2
    assert "unknown plugin release `2.3.50`; the nearest is 2.3.43" in capsys.readouterr().err
    command = ["crashtest", "--scenario", "nonce/*", "--plugin", "2.3.50", *option, "--", sys.executable, "{url}"]
    assert run(command) == 2
    assert "unknown plugin release `2.3.50`" in capsys.readouterr().err


def test_the_crash_test_and_its_turning_points_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fictional.write(tmp_path)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "mine.yaml").write_text(STORY)
    (tmp_path / "client.py").write_text(CLIENT)
    words = [
        "--scenario",
        "text/mine",
        "--scenarios",
        str(tmp_path),
        "--plugin",
        f"2.4.96, {BASE_RELEASE}, 92.5.0",
        "--json",
        "found.json",
    ]
    words += ["--releases", str(tmp_path / "92.5.0.yaml"), "--", sys.executable, "client.py", "{url}", "{message}"]
    monkeypatch.setenv("COLUMNS", "200")
    done = run_in_process(run, "crashtest", *words, folder=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"right up to {BASE_RELEASE}; crash since 92.5.0" in " ".join(done.stdout.split())
    results = json.loads((tmp_path / "found.json").read_bytes())["results"]
    assert {(result["plugin"], result["verdict"] == "right") for result in results} == {
        ("2.4.96", True),
        (BASE_RELEASE, True),
        ("92.5.0", False),
    }


@pytest.mark.parametrize(
    ("folder", "option"),
    [
        pytest.param("releases", [], id="found beside pyproject.toml"),
        pytest.param("mine", ["--releases", "mine", "--strict-release"], id="named by options"),
    ],
)
def test_a_case_on_it_is_repeated_by_a_command_that_a_user_would_type(
    folder: str,
    option: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir()
    fictional.write(tmp_path / folder)
    Path("client.py").write_text("import sys, urllib.request; urllib.request.urlopen(sys.argv[1]); print('no')")
    client = ["--", sys.executable, "client.py", "{url}"]
    case = ["--scenario", "text/blanks", *option, "--plugin", "92.5.0"]
    assert run(["crashtest", *case, *client]) != 0
    out = capsys.readouterr().out
    (again,) = (line.partition("again: ")[2] for line in out.splitlines() if "again: " in line)
    program, *words = shlex.split(again)
    assert program == "chatgptfree-mock"
    assert sorted(words) == sorted(["crashtest", *case, *client])
    assert run(words) != 0
    assert capsys.readouterr().out == out


def test_the_pack_of_a_scenario_is_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("releases").mkdir()
    fictional.write(tmp_path / "releases")
    assert run(["scenarios", "text/blanks", "--json"]) == 0
    assert [each["pack"] for each in json.loads(capsys.readouterr().out)] == ["aipower"]


def test_a_scenario_may_be_for_a_release_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fictional.write(tmp_path)
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "mine.yaml").write_text(STORY.replace(BASE_RELEASE, "92.5.0").replace(">=2.4.71", "92.5.0"))
    own = ["--scenarios", str(tmp_path)]
    assert run(["scenarios", "text/mine", *own, "--releases", str(file), "--strict-release"]) == 0
    assert run(["scenarios", "text/mine", *own, "--strict-release"]) == 2
    assert "unknown plugin release `92.5.0`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--releases", "no such file or folder of releases"),
        ("--templates", "no such folder of templates"),
        ("--scenarios", "no such folder of scenarios"),
    ],
)
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["crashtest", "--callable", "a:b"]], ids=lambda c: c[0])
def test_a_path_that_does_not_exist_is_named_as_it_was_typed(
    command: list[str],
    option: str,
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*command, option, "../nowhere"]) == 2
    assert capsys.readouterr().err == f"chatgptfree-mock: ../nowhere: {problem}\n"


def test_templates_are_served(tmp_path: Path) -> None:
    (tmp_path / "page.html.j2").write_text(
        '{% extends "shipped/page.html.j2" %}{% block header %}<i>Mine</i>{% endblock %}'
    )

    def visit(site: dict[str, Any], _: TextIO) -> None:
        assert "<i>Mine</i>" in get(f"{site['url']}/chat/")

    serve_here(visit, "--templates", str(tmp_path), folder=tmp_path)


def test_a_template_with_a_mistake_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html.j2").write_text("{{ tittle }}")
    assert run(["serve", "--port", "0", "--templates", str(tmp_path)]) == 2
    assert "'tittle' is undefined" in capsys.readouterr().err
