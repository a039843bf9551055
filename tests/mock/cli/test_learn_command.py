"""``chatgptfree-mock learn``: record a changed site, learn it, serve that, and crash-test a client against it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.support import fictional
from tests.support.recorded_session import Session
from tests.support.recording import recording
from tests.support.releases import BASE_RELEASE

from chatgptfree import ChatClient
from chatgptfree_mock.cli import run
from chatgptfree_mock.config.redaction import redaction_rules
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.saving import save

BASED = ["--name", "92.5.0", "--based-on", BASE_RELEASE]
"""Saves the search for the nearest release, where a test is not about that."""
STORY = "title: Mine\nsite: {plugin: 92.6.0, model: {reply: Hi}}\nreleases: '92.6.0'\nexpect: {text: Hi}\n"
RENAMED = f"""\
base: {BASE_RELEASE}
events:
  renamed: {{done: finished}}
  keys: {{done: {{finished: end}}}}
texts:
  changed: {{sendMessage: Send it}}
"""


@pytest.fixture(name="tape")
def _tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a recording of the fictional release, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    table = built_in().with_files([fictional.write(tmp_path)])
    (tmp_path / "92.5.0.yaml").unlink()
    save(tmp_path / "tape.yaml", Session("92.5.0", table).visit())
    return tmp_path / "tape.yaml"


def test_it_writes_a_file_that_the_other_commands_read(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", str(tape), *BASED]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"releases/92.5.0.yaml: based on {BASE_RELEASE}",
        "13 of 13 exchanges alike",
        "to serve it: chatgptfree-mock serve --plugin 92.5.0",
    ]
    assert run(["releases", BASE_RELEASE, "92.5.0"]) == 0
    assert "Renamed in the chat element: data-config → data-settings." in capsys.readouterr().out


def test_a_folder_that_ends_with_a_slash_is_made(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", str(tape), *BASED, "--out", "learned/new/"]) == 0
    assert capsys.readouterr().out.startswith("learned/new/92.5.0.yaml: based on ")
    assert Path("learned/new/92.5.0.yaml").is_file()


@pytest.mark.parametrize(
    ("options", "file", "where"),
    [([], "releases/2.4.71.yaml", "here"), (["--out", "other/"], "other/2.4.71.yaml", "where --releases names it")],
)
def test_a_file_that_replaces_a_release_that_ships_gets_a_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    file: str,
    where: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "tape.yaml", Session("2.4.71").visit())
    assert run(["learn", "tape.yaml", "--name", "2.4.71", *options]) == 0
    assert capsys.readouterr().err == f"warning: 2.4.71 ships with the mock; {file} replaces it {where}\n"


def test_the_command_names_a_file_that_is_not_read_without_an_option(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", str(tape), *BASED, "--out", "92.5.0.yaml"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "to serve it: chatgptfree-mock serve --releases 92.5.0.yaml --plugin 92.5.0"


def test_from_a_folder_of_a_project_it_writes_beside_the_pyproject(
    tape: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tape.parent / "pyproject.toml").touch()
    (tape.parent / "below").mkdir()
    monkeypatch.chdir(tape.parent / "below")
    assert run(["learn", str(tape), "--name", "92.5.0"]) == 0
    assert (tape.parent / "releases" / "92.5.0.yaml").is_file()
    assert run(["releases", "92.5.0"]) == 0
    assert "warning" not in capsys.readouterr().err


def test_exchanges_of_others_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(BASE_RELEASE)
    session.ask_twice()
    for number in range(7):
        session.post({"action": f"vote_{number}"})
    save(tmp_path / "tape.yaml", session.cassette)
    assert run(["learn", str(tmp_path / "tape.yaml"), "--name", "2.4.98", "--out", str(tmp_path)]) == 0
    _, unused, alike, _ = capsys.readouterr().out.splitlines()
    assert unused.startswith("not compared: 5 (POST vote_0), ")
    assert unused.endswith("9 (POST vote_4) and 2 more, named in the file")
    assert alike == "4 of 4 exchanges alike"
    assert "#   11 (POST vote_6)" in (tmp_path / "2.4.98.yaml").read_text()


def test_a_har_is_learned_from_as_a_cassette_is(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(tape), "--out", "tape.har"]) == 0
    assert run(["learn", str(tape), *BASED, "--out", "92.5.0.yaml"]) == 0
    Path("har").mkdir()
    Path("tape.har").rename("har/visit.har")
    capsys.readouterr()
    for source in ("har/visit.har", "har"):
        assert run(["learn", source, *BASED, "--out", "har"]) == 0
        assert capsys.readouterr().out.splitlines()[-2] == "13 of 13 exchanges alike"
        learned = Path("har/92.5.0.yaml").read_text()
        assert learned.replace("visit.har", "tape.yaml") == Path("92.5.0.yaml").read_text()
        Path("har/92.5.0.yaml").unlink()


def test_a_har_is_compared_as_a_cassette_is(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(tape), "--out", "tape.har"]) == 0
    capsys.readouterr()
    assert run(["diff", str(tape), "tape.har"]) == 0
    assert "13 compared: 0 differ" in capsys.readouterr().out


async def _record(site: str, path: Path) -> None:
    async with (
        recording(site, path, rules=redaction_rules(path.parent)) as recorder,
        ChatClient(recorder.url + "/chat/") as chat,
    ):
        assert (await chat.ask("Hello, who are you?")).text == "Hello there! How can I help you today?"


def test_from_a_changed_site_to_the_crash_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "92.6.0.yaml").write_text(RENAMED.replace("done: finished", "message_start: begun"))
    (tmp_path / "pyproject.toml").touch()
    with MockSite(plugin="92.6.0") as site:
        asyncio.run(_record(site.url, tmp_path / "tape.yaml"))
    (tmp_path / "learned").mkdir()
    assert run(["learn", "tape.yaml", "--name", "92.6.0", "--out", "learned"]) == 0
    text = (tmp_path / "learned" / "92.6.0.yaml").read_text()
    assert "message_start: begun  # 3 (GET aipkit_frontend_chat_stream): `begun` is where `message_start` was" in text
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "mine.yaml").write_text(STORY)
    command = ["crashtest", "--scenario", "text/mine", "--scenarios", "."]
    command += ["--releases", "learned/92.6.0.yaml", "--plugin", "92.6.0", "--json", "found.json"]
    assert run([*command, "--callable", "tests.support.reference:ask"]) == 0
    assert {each["plugin"] for each in json.loads((tmp_path / "found.json").read_bytes())["results"]} == {"92.6.0"}


def test_what_is_answered_otherwise_is_shown_as_a_diff(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = load(tape)
    first, second, *rest = whole.interactions
    odd = type(second.response)(status=418, headers=second.response.headers, body=second.response.body)
    changed = (first, Interaction(request=second.request, response=odd), *rest)
    save("odd.yaml", Cassette(interactions=changed))
    assert run(["learn", "odd.yaml", *BASED]) == 1
    out = capsys.readouterr().out
    assert "2 (POST aipkit_cache_sse_message)" in out
    assert "status  418 → 200" in out
    assert out.splitlines()[-2] == "12 of 13 exchanges alike"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line with which `learn` refuses its arguments."""
    assert run(["learn", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ("/chat/", "no page with a chat is in it"),
        ("frontend_chat_stream", "no streamed answer is in it"),
        ("", "no page with a chat is in it"),
    ],
)
def test_a_recording_without_page_or_stream_is_refused(
    tape: Path, without: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [each for each in load(tape).interactions if without not in each.request.uri]
    save("less.yaml", Cassette(interactions=tuple(kept)))
    assert f"less.yaml: {words}" in refused(capsys, "less.yaml", "--name", "92.5.0")
    assert not Path("releases").exists()


def test_nothing_is_overwritten(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("releases").mkdir()
    Path("releases/92.5.0.yaml").write_text("mine")
    assert "releases/92.5.0.yaml: can't write: there is a file of this name already" in refused(
        capsys, str(tape), "--name", "92.5.0"
    )
    Path("folder").mkdir()
    Path("folder/92.5.0.yml").write_text("mine")
    assert "folder/92.5.0.yml: can't write" in refused(
        capsys, str(tape), "--name", "92.5.0", "--out", "folder/92.5.0.yml"
    )
    assert Path("releases/92.5.0.yaml").read_text() == Path("folder/92.5.0.yml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--name", "next"], "`next` is not a release number"),
        (["--name", "../92.5.0"], "is not a release number"),
        (["--name", "92.5.0", "--out", "mine.yaml"], "mine.yaml: a release's file is named after it"),
        (["--name", "92.5.0", "--out", "92.5.0.toml"], "92.5.0.toml: a release's file is named after it"),
        (["--name", "92.5.0", "--based-on", "2.4.1234"], "unknown plugin release `2.4.1234`"),
        (["--name", BASE_RELEASE, "--based-on", BASE_RELEASE], f"{BASE_RELEASE} cannot be based on itself"),
        (["--name", "92.5.0", "--based-on", "1.8.93"], "1.8.93 has another protocol"),
        (
            ["--name", "92.5.0", "--pack", "recorded"],
            "the pack recorded has no releases to be learned; use `--pack`",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tape: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, str(tape), *arguments)
    assert {path.name for path in Path.cwd().iterdir()} == {"tape.yaml"}


def test_a_file_that_is_not_a_recording_is_reported_in_a_sentence(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text.yaml").write_text("[")
    assert "text.yaml" in refused(capsys, "text.yaml", "--name", "92.5.0")
    assert "nothing.yaml" in refused(capsys, "nothing.yaml", "--name", "92.5.0")
