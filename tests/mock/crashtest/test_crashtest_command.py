"""``chatgptfree-mock crashtest`` as its users run it, with clients of a few lines."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.command_line import run_in_process
from tests.support.crashtest import last_run
from tests.support.light_client import FETCH
from tests.support.releases import BASE
from tests.support.time_limits import end_limits

from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.scenarios.verdict import RULES

CLIENTS = {
    # A careful client: the right element, one refresh, whole lines, errors reported.
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
    "silent": FETCH,
    "disguising": FETCH + 'print(\'{"status":"error"}\')',
    "wrong": FETCH + "print('something else')",
    "crashing": """
import contextlib, sys, urllib.parse, urllib.request
url, message = sys.argv[1:]
urllib.request.urlopen(url)
form = urllib.parse.urlencode({"action": "wpaicg_chat_shortcode_message", "message": message})
with contextlib.suppress(OSError): urllib.request.urlopen(url + "wp-admin/admin-ajax.php", form.encode())
raise KeyError('data')
""",
    "hanging": FETCH + "import time\nwhile True: time.sleep(60)",
    "storming": FETCH * 9 + "print('Hello 👋')",
    "idle": "print('Hello 👋')",
    # It asks the chat, and waits as long as it takes.
    "patient": """
import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1]).read().decode()
nonce = page.partition('data-nonce="')[2][:10]
form = f"action=wpaicg_chat_shortcode_message&_wpnonce={nonce}&message=Hi&bot_id=0".encode()
print(urllib.request.urlopen(sys.argv[1] + "wp-admin/admin-ajax.php", form).read())
""",
}
FUNCTIONS = """
import contextlib, urllib.request
def ask(url, message):
    with contextlib.suppress(OSError): urllib.request.urlopen(url)
    return 'Hello 👋'
def chatty(url, message):
    print('a print of the client')
    return ask(url, message)
def give_up(url, message):
    urllib.request.urlopen(url).read()
    raise OSError('no nonce found')
def fetch_the_icon(url, message):
    urllib.request.urlopen(url.rstrip('/') + '/favicon.ico').read()
    raise OSError('no answer')
def closing(url, message):
    import sys
    sys.stdout.close()
    return ask(url, message)
def replacing(url, message):
    import sys
    sys.stdout = sys.stderr = None
    return ask(url, message)
async def leave_a_thread(url, message):
    import asyncio, threading
    await asyncio.to_thread(ask, url, message)
    await asyncio.to_thread(threading.Event().wait)
"""
STORY = "nonce/expired-403"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # `--callable` imports from the current folder, which is another one in each test.
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "functions", raising=False)
    for name, code in CLIENTS.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    (tmp_path / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    return tmp_path


def crashtest(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_in_process(run, "crashtest", *words, folder=folder)


def crashtest_process(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run it as its users do, which takes a second of CPU; it is needed for threads that are left, and for streams."""
    return subprocess.run(
        [sys.executable, "-m", "chatgptfree_mock", "crashtest", *words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def client(name: str) -> tuple[str, ...]:
    return ("--", sys.executable, f"{name}.py", "{url}", "{message}")


def scores(file: Path) -> dict[str, list[int]]:
    found = json.loads(file.read_bytes())["scores"]
    return {name: [score["right"], score["of"]] for name, score in found.items()}


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
        pytest.param("idle", "never asked", 2, id="never asked"),
    ],
)
def test_every_verdict_is_provoked_by_a_client_of_a_few_lines(
    folder: Path, name: str, verdict: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if verdict == "hang":
        runs = last_run(monkeypatch)
        end_limits(monkeypatch, lambda _: runs[0].run.counts.pages > 0)
    done = crashtest(folder, "--scenario", STORY, "--timeout", "60", "--json", "card.json", *client(name))
    assert (verdicts(folder / "card.json"), done.returncode) == ([verdict], code), done.stdout + done.stderr


@pytest.mark.parametrize("program", ["idle.py", "missing.py"])
def test_a_client_that_never_asks_is_reported_before_the_run(folder: Path, program: str) -> None:
    files = ("--json", "a.json", "--junit", "a.xml", "--html", "a.html")
    done = crashtest(folder, "-n", "2", *files, "--", sys.executable, program, "{url}")
    assert done.returncode == 2
    assert "nothing else was run: it made no request to {url} (exit code " in done.stderr
    assert verdicts(folder / "a.json") == ["never asked"]
    assert scores(folder / "a.json") == {"answers delivered": [0, 1], "failures reported": [0, 0]}
    assert 'failures="1"' in (folder / "a.xml").read_text(encoding="utf-8")
    assert "never asked" in (folder / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("scenario", "verdict", "code"),
    [
        pytest.param("stream/error-then-done", "never asked", 2, id="the answer is at fault"),
        pytest.param("transport/reset", "never asked", 2, id="the answer breaks off"),
        pytest.param("page/no-chat", "right", 0, id="the page is at fault"),
        pytest.param("page/cloudflare-403", "right", 0, id="the page is refused"),
        pytest.param("ajax/rate-limited-page", "right", 0, id="the page has a status of its own"),
    ],
)
def test_only_a_client_that_sent_the_message_reports_how_it_failed(
    folder: Path, scenario: str, verdict: str, code: int
) -> None:
    done = crashtest(folder, "--scenario", scenario, "--json", "card.json", "--callable", "functions:give_up")
    assert (verdicts(folder / "card.json"), done.returncode) == ([verdict], code), done.stdout + done.stderr


@pytest.mark.parametrize("function", ["give_up", "fetch_the_icon"])
def test_a_client_that_sends_the_message_nowhere_is_right_nowhere(folder: Path, function: str) -> None:
    globs = ("--scenario", "page/cloudflare-403", "--scenario", STORY)
    done = crashtest(folder, *globs, "--json", "card.json", "--callable", f"functions:{function}")
    assert done.returncode == 2
    assert "never asked" in verdicts(folder / "card.json")
    assert scores(folder / "card.json") == {"answers delivered": [0, 1], "failures reported": [0, 1]}
    assert done.stderr.startswith("chatgptfree-mock: it ")


def test_a_mistyped_placeholder_ends_the_command(folder: Path) -> None:
    done = crashtest(folder, "--scenario", STORY, "--", sys.executable, "careful.py", "{url}", "{mesage}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no placeholder `{mesage}`; did you mean `{message}`?" in done.stderr


def test_a_traceback_where_an_error_is_expected_is_right_with_a_note(folder: Path) -> None:
    globs = ("--scenario", "page/cloudflare-403", "--scenario", STORY)
    done = crashtest(folder, *globs, "--json", "a.json", "--junit", "a.xml", "--html", "a.html", *client("crashing"))
    assert scores(folder / "a.json") == {"answers delivered": [0, 1], "failures reported": [1, 1]}
    assert "answers delivered: 0 of 1" in done.stdout
    assert "failures reported: 1 of 1" in done.stdout
    assert "note: reported with a traceback or by a signal: 1 of the errors" in done.stdout
    html = (folder / "a.html").read_text(encoding="utf-8")
    assert "answers delivered: 0 of 1" in html
    assert "failures reported: 1 of 1" in html
    assert "the error was reported by a crash" in html
    suites = ET.parse(folder / "a.xml").getroot().findall("testsuite")
    assert [(suite.attrib["name"], suite.attrib["failures"]) for suite in suites] == [
        ("answers delivered", "1"),
        ("failures reported", "0"),
    ]


def test_what_a_callable_prints_stays_out_of_the_table(folder: Path) -> None:
    globs = ("--scenario", "page/cloudflare-403", "--scenario", STORY)
    done = crashtest(folder, *globs, "--callable", "functions:chatty")
    assert "failures reported: 0 of 1" in done.stdout
    assert "a print of the client" not in done.stdout + done.stderr


@pytest.mark.parametrize("client", ["closing", "replacing"])
@pytest.mark.parametrize(
    ("globs", "how"),
    [
        pytest.param(("page/cloudflare-403", STORY), crashtest_process, id="two"),
        pytest.param((STORY,), crashtest, id="one"),
    ],
)
def test_a_callable_may_do_with_its_streams_what_it_likes(
    folder: Path, globs: tuple[str, ...], how: Callable[..., subprocess.CompletedProcess[str]], client: str
) -> None:
    options = [word for glob in globs for word in ("--scenario", glob)]
    done = how(folder, *options, "--callable", f"functions:{client}")
    assert "answers delivered: 1 of 1" in done.stdout
    assert done.stderr == ""


def test_a_baseline_carries_both_scores(folder: Path) -> None:
    globs = ("--scenario", "page/cloudflare-403", "--scenario", STORY)
    crashtest(folder, *globs, "--json", "before.json", *client("crashing"))
    done = crashtest(folder, *globs, "--baseline", "before.json", *client("silent"))
    assert "before: answers delivered: 0 of 1; failures reported: 1 of 1\n" in done.stdout
    assert done.stdout.endswith("answers delivered: 0 of 1\nfailures reported: 0 of 1\n")
    assert done.returncode == 1


def test_the_rules_are_in_the_help_and_in_the_report(folder: Path) -> None:
    crashtest(folder, "--scenario", STORY, "--html", "a.html", *client("wrong"))
    shown = " ".join(crashtest(folder, "--help").stdout.split())
    for rule in RULES:
        assert rule in shown
        assert rule in (folder / "a.html").read_text(encoding="utf-8")


def test_what_a_command_was_not_given_is_not_held_against_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, silent = last_run(monkeypatch), "transport/never-answers"
    end_limits(monkeypatch, lambda _: runs[0].case.entry.name == silent and runs[0].run.counts.posts > 0)
    globs = ("--scenario", "page/a-bot-per-model", "--scenario", silent)
    done = crashtest(folder, *globs, "--timeout", "60", "--json", "a.json", *client("patient"))
    assert verdicts(folder / "a.json") == ["not applicable", "not applicable"], done.stdout
    assert done.returncode == 0
    assert "no time-out came within 60 s" in done.stdout
    given = (*client("patient"), "{timeout}", "{bot}")
    done = crashtest(folder, *globs, "--timeout", "60", "--json", "a.json", *given)
    assert verdicts(folder / "a.json")[1] == "hang"
    assert "not applicable" not in verdicts(folder / "a.json")
    assert done.returncode == 1


def test_a_message_too_long_for_a_command_is_not_held_against_it(folder: Path) -> None:
    own = folder / "mine" / "text"
    own.mkdir(parents=True)
    story = f"title: Long\nmessage: {'x' * 3_000_000}\nexpect: {{text: Hello 👋}}\n"
    (own / "long.yaml").write_text(story, encoding="utf-8")
    globs = ("--scenarios", "mine", "--scenario", "text/long", "--json", "a.json")
    done = crashtest(folder, *globs, *client("silent"))
    assert verdicts(folder / "a.json") == ["not applicable"]
    assert "3000000 bytes is more than this system passes to a command" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_values_are_not_filled_into_the_message(folder: Path) -> None:
    own = folder / "mine" / "text"
    own.mkdir(parents=True)
    (own / "braces.yaml").write_text(
        "title: Braces\nmessage: 'what are {timeout} and {url}?'\nexpect: {text: 'what are {timeout} and {url}?'}\n",
        encoding="utf-8",
    )
    (folder / "echo.py").write_text(FETCH + "print(sys.argv[2], end='')", encoding="utf-8")
    done = crashtest(folder, "--scenarios", "mine", "--scenario", "text/braces", *client("echo"))
    assert done.returncode == 0, done.stdout


def test_half_a_character_does_not_end_the_run(folder: Path) -> None:
    code = (folder / "functions.py").read_text(encoding="utf-8").replace("'Hello 👋'", r"'half \ud83d'")
    (folder / "functions.py").write_text(code, encoding="utf-8")
    done = crashtest(folder, "--scenario", "text/*", "--callable", "functions:ask", "--json", "a.json")
    assert set(verdicts(folder / "a.json")) == {"wrong"}, done.stderr


def test_a_failure_has_all_that_is_needed_to_repeat_it(folder: Path) -> None:
    done = crashtest(folder, "-v", "--scenario", STORY, *client("wrong"))
    for piece in (STORY, "Hello 👋", "something else", "chatgptfree-mock crashtest --scenario nonce/expired-403 --"):
        assert piece in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_jobs_change_nothing_of_the_result(folder: Path) -> None:
    globs = ("--scenario", "text/a*", "--scenario", "text/m*")
    crashtest(folder, "-n", "1", *globs, "--json", "1.json", *client("careful"))
    crashtest(folder, "-n", "2", *globs, "--json", "2.json", *client("careful"))
    assert len(verdicts(folder / "1.json")) > 2
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
        "--markdown",
        "a.md",
        *client("silent"),
    )
    markdown = (folder / "a.md").read_text(encoding="utf-8")
    assert "| answers delivered | 0 | 2 |" in markdown
    assert "- **silent loss**" in markdown
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


def test_what_changes_nothing_or_is_not_compared_is_named(folder: Path) -> None:
    (folder / "92.9.0.yaml").write_text(BASE, encoding="utf-8")
    names = (STORY, "transport/garbled-chunks", "transport/byte-by-byte")
    globs = [word for name in names for word in ("--scenario", name)]
    crashtest(folder, *globs, "--json", "before.json", "--callable", "functions:ask")
    options = ("--pace", "x2", "--chunks", "events;bytes", "--releases", "92.9.0.yaml", "--baseline", "before.json")
    done = crashtest(folder, *globs, *options, "--callable", "functions:ask")
    shown = " ".join(done.stdout.split())
    for remark in (
        "1 scenarios are never cut in other ways (`recut: false`): transport/garbled-chunks",
        "1 scenarios have a pace of their own: transport/byte-by-byte",
        "`--releases` has no effect: no case is on 92.9.0; name it with --plugin",
        "before: answers delivered: 0 of 1; failures reported: 0 of 1",
        "not compared: 1 results of before.json, which were not run again",
    ):
        assert remark in shown


def test_the_release_at_which_it_turns_is_named_with_what_changed(folder: Path) -> None:
    done = crashtest(folder, "--scenario", STORY, "--plugin", ">=1.8.88,<1.8.94", *client("careful"))
    turn = done.stdout.replace("\n", " ")
    assert "right up to 1.8.90" not in turn
    assert "from 1.8.88 to 1.8.90" in turn


def test_a_function_is_called_without_a_process(folder: Path) -> None:
    done = crashtest(folder, "--scenario", "transport/cut-off", "--callable", "functions:ask", "--json", "a.json")
    assert (verdicts(folder / "a.json"), done.returncode) == (["wrong"], 1)


def test_a_thread_that_a_function_leaves_behind_does_not_keep_it_from_ending(folder: Path) -> None:
    words = ("--scenario", "text/advertisement", "--timeout", "2", "--callable", "functions:leave_a_thread")
    done = crashtest_process(folder, *words, "--json", "a.json")
    assert (len(verdicts(folder / "a.json")), done.returncode, done.stderr) == (1, 1, "")
    assert done.stdout.endswith("failures reported: 0 of 0\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(("--scenario", "nonse/*", *client("silent")), "no scenario matches", id="a glob of nothing"),
        pytest.param(("--", "no-such-program", "{url}"), "no such command", id="a command that does not exist"),
        pytest.param((), "a command after `--`", id="no client at all"),
        pytest.param(("--callable", "functions:nothing"), "no function", id="a function that does not exist"),
        pytest.param(
            ("--plugin", "newest", *client("silent")),
            "`newest` is not a release number",
            id="releases that mean nothing",
        ),
        pytest.param(("--chunks", "utf9", *client("silent")), "utf9", id="a way to cut that does not exist"),
        pytest.param(("--chunks", ";", *client("silent")), "it is empty; give a value", id="no way to cut"),
        pytest.param(("--timeout", "0", *client("silent")), "above 0", id="no time at all"),
        pytest.param(
            ("--html", "a", "--json", "./a", *client("silent")),
            "`--html` and `--json` would both write a; name two files",
            id="one file for two reports",
        ),
        pytest.param(
            ("--pack", "recorded", *client("silent")),
            "the site pack recorded has no scenarios; `--scenarios",
            id="no scenario at all",
        ),
        pytest.param(("--json", "nowhere/a.json", *client("silent")), "can't write", id="a report that goes nowhere"),
        pytest.param(("-n", "many", *client("silent")), "a number of jobs", id="a number that is none"),
        pytest.param(("--baseline", "silent.py", *client("silent")), "not a result of a crash test", id="no baseline"),
        pytest.param(
            ("--baseline", "old.json", *client("silent")),
            "old.json: no such file (write one with `--json`)",
            id="no file of a baseline",
        ),
        pytest.param(
            ("--scenarios", "nowhere", *client("silent")), "no such folder", id="a folder that does not exist"
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    folder: Path,
    words: tuple[str, ...],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert run(["crashtest", *words]) == 2
    shown = capsys.readouterr().err
    assert complaint in shown
    assert len(shown.strip().splitlines()) == 1


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
    assert "broken.yaml: not YAML" in done.stderr
    assert verdicts(folder / "a.json") == ["right"]


def test_the_projects_table_sets_how_recordings_of_scenarios_match(folder: Path) -> None:
    story = folder / "mine" / "stream" / "recorded.yaml"
    story.parent.mkdir(parents=True)
    site = "{plugin: 1.8.93, model: {cassette: 1.8.93/msg_ok_s}}"
    story.write_text(f"title: t\nsite: {site}\nmessage: Never recorded\nexpect: {{text: x}}\n", encoding="utf-8")
    run = ("--scenarios", "mine", "--scenario", "stream/recorded", "--json", "a.json", *client("careful"))
    crashtest(folder, *run)
    assert "404" in json.loads((folder / "a.json").read_bytes())["results"][0]["stderr"]
    (folder / "pyproject.toml").write_text('[tool.chatgptfree_mock]\nmatch_on = ["method", "path"]\n', encoding="utf-8")
    crashtest(folder, *run)
    (result,) = json.loads((folder / "a.json").read_bytes())["results"]
    assert (result["verdict"], "404" in result["stderr"]) == ("wrong", False)
    (folder / "pyproject.toml").write_text('[tool.chatgptfree_mock]\nmatch_on = ["pth"]\n', encoding="utf-8")
    done = crashtest(folder, *run)
    assert (done.returncode, "did you mean `path`?" in done.stderr) == (2, True)
