"""``chatgptfree-mock crashtest`` as its users run it: a process of its own, with clients of a few lines."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

CLIENTS = {
    # A client of some care: the right element, one refresh, whole lines, errors told.
    "careful": """
import json, re, sys, urllib.error, urllib.parse, urllib.request
url, message = sys.argv[1:]
def ask():
    page = urllib.request.urlopen(url).read().decode()
    nonce = re.search(r'data-nonce="([0-9a-f]{10})"', page)[1]
    form = dict(action="wpaicg_chat_shortcode_message", _wpnonce=nonce, message=message, bot_id="0")
    return urllib.request.urlopen(url + "wp-admin/admin-ajax.php", urllib.parse.urlencode(form).encode())
try:
    answer = ask()
except urllib.error.HTTPError:
    answer = ask()
for line in answer.read().decode().splitlines():
    if line.startswith("data: {"):
        choices = json.loads(line[6:])["choices"]
        sys.stdout.buffer.write(choices[0]["delta"].get("content", "").encode())
""",
    "silent": "pass",
    "disguising": 'print(\'{"status":"error"}\')',
    "wrong": "print('something else')",
    "crashing": "raise KeyError('data')",
    "hanging": "import time\nwhile True: time.sleep(60)",
    "storming": "import sys, urllib.request\nfor _ in range(9): urllib.request.urlopen(sys.argv[1])\nprint('Hello 👋')",
}
STORY = "nonce/expired-403"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, code in CLIENTS.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    (tmp_path / "functions.py").write_text("def ask(url, message):\n    return 'Hello 👋'\n", encoding="utf-8")
    return tmp_path


def crashtest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatgptfree_mock", "crashtest", *words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


def client(name: str) -> tuple[str, ...]:
    return ("--", sys.executable, f"{name}.py", "{url}", "{message}")


def verdicts(file: Path) -> list[str]:
    return [result["verdict"] for result in json.loads(file.read_bytes())["results"]]


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [
        pytest.param("careful", "right", 0, id="right"),
        pytest.param("wrong", "wrong", 1, id="wrong"),
        pytest.param("silent", "silent loss", 1, id="silent loss"),
        pytest.param("disguising", "disguised error", 1, id="disguised error"),
        pytest.param("crashing", "crash", 1, id="crash"),
        pytest.param("hanging", "hang", 1, id="hang"),
        pytest.param("storming", "storm", 1, id="storm"),
    ],
)
def test_every_verdict_is_provoked_by_a_client_of_a_few_lines(folder: Path, name: str, verdict: str, code: int) -> None:
    seconds = "3" if verdict == "hang" else "60"
    done = crashtest(folder, "--scenario", STORY, "--seconds", seconds, "--json", "card.json", *client(name))
    assert (verdicts(folder / "card.json"), done.returncode) == ([verdict], code), done.stdout + done.stderr


def test_a_failure_tells_all_that_is_needed_to_see_it_again(folder: Path) -> None:
    done = crashtest(folder, "--scenario", STORY, *client("wrong"))
    for piece in (STORY, "Hello 👋", "something else", "chatgptfree-mock crashtest --scenario nonce/expired-403 --"):
        assert piece in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_jobs_change_nothing_of_the_result(folder: Path) -> None:
    for jobs in ("1", "2"):
        crashtest(folder, "-n", jobs, "--scenario", "text/*", "--json", f"{jobs}.json", *client("careful"))
    assert (folder / "1.json").read_bytes() == (folder / "2.json").read_bytes()


def test_reports_for_people_and_for_machines(folder: Path) -> None:
    crashtest(
        folder,
        "--scenario",
        STORY,
        "--chunks",
        "bytes;whole",
        "--html",
        "a.html",
        "--junit",
        "a.xml",
        *client("silent"),
    )
    html = (folder / "a.html").read_text(encoding="utf-8")
    assert "silent loss" in html
    assert not any(word in html for word in ('http-equiv="refresh', "src=", "@import", "<link"))
    assert "script-src 'sha256-" in html
    suite = ET.parse(folder / "a.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "2")


def test_a_baseline_forgives_what_failed_before(folder: Path) -> None:
    crashtest(folder, "--scenario", STORY, "--json", "before.json", *client("silent"))
    again = crashtest(folder, "--scenario", STORY, "--baseline", "before.json", *client("wrong"))
    new = crashtest(folder, "--scenario", "text/markup", "--baseline", "before.json", *client("wrong"))
    assert (again.returncode, new.returncode) == (0, 1)


def test_the_release_at_which_it_turns_is_named_with_what_changed(folder: Path) -> None:
    done = crashtest(folder, "--scenario", STORY, "--plugin", ">=1.8.88,<1.8.94", *client("careful"))
    turn = done.stdout.replace("\n", " ")
    assert "right up to 1.8.90" not in turn
    assert "from 1.8.88 on up to 1.8.90" in turn


def test_a_function_is_called_without_a_process(folder: Path) -> None:
    done = crashtest(folder, "--scenario", "transport/cut-off", "--callable", "functions:ask", "--json", "a.json")
    assert (verdicts(folder / "a.json"), done.returncode) == (["wrong"], 1)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(("--scenario", "nonse/*", *client("silent")), "no scenario matches", id="a glob of nothing"),
        pytest.param(("--", "no-such-program", "{url}"), "no such command", id="a command that does not exist"),
        pytest.param((), "a command after `--`", id="no client at all"),
        pytest.param(("--callable", "functions:nothing"), "no function", id="a function that does not exist"),
        pytest.param(
            ("--plugin", "newest", *client("silent")), "unknown plugin release", id="releases that mean nothing"
        ),
        pytest.param(("--chunks", "utf9", *client("silent")), "utf9", id="a way to cut that does not exist"),
        pytest.param(("-n", "many", *client("silent")), "a number of jobs", id="a number that is none"),
        pytest.param(("--baseline", "silent.py", *client("silent")), "no result of a crash test", id="no baseline"),
        pytest.param(
            ("--scenarios", "nowhere", *client("silent")), "no such folder", id="a folder that does not exist"
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(folder: Path, words: tuple[str, ...], complaint: str) -> None:
    done = crashtest(folder, *words)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_broken_scenario_does_not_stop_the_others(folder: Path) -> None:
    own = folder / "mine" / "text"
    own.mkdir(parents=True)
    (own / "broken.yaml").write_text("title: [", encoding="utf-8")
    (own / "fine.yaml").write_text("title: Mine\nexpect: {text: Hello 👋}\n", encoding="utf-8")
    done = crashtest(
        folder, "--scenarios", "mine", "--scenario", "text/fine", "--scenario", "text/broken", "--json", "a.json",
        "--callable", "functions:ask",
    )  # fmt: skip
    assert done.returncode == 2
    assert "broken.yaml: no YAML" in done.stderr
    assert verdicts(folder / "a.json") == ["right"]
