"""Tokens are found when a recording ends, before redaction hides them, and written to its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.token_sessions import KnownSession, known_sessions

from chatgptfree_mock.clock import ManualClock
from chatgptfree_mock.recorder.batch import Start
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.cassette_process import CassetteProcess, Writing
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens
from chatgptfree_mock.tape.whole_file import MAX_BYTES

SESSION = next(each.cassette for each in known_sessions() if each.name == "csrf_in_a_meta_tag_and_a_cookie")
RECORDED = 1795651200.0


def record(
    path: Path,
    *exchanges: Interaction,
    mode: Mode = Mode.ALL,
    limit: int = MAX_BYTES,
    writing: Callable[[Start], Writing] = CassetteWriter,
    before_the_end: Callable[[], None] = lambda: None,
) -> CassetteFile:
    """Record *exchanges* to *path*, each in a batch of its own."""
    file = CassetteFile(
        path, mode=mode, site="https://chat.invalid", rules=Rules(), clock=ManualClock(RECORDED), limit=limit,
        writing=writing,
    )  # fmt: skip
    for number, exchange in enumerate(exchanges):
        file.put(number, exchange)
        file.save_now() if number == 0 else None
    before_the_end()
    file.save_now()
    file.close()
    return file


@pytest.mark.parametrize("name", ["tape.yaml", "tape.json"])
@pytest.mark.parametrize("writing", [CassetteWriter, CassetteProcess])
def test_the_tokens_of_a_recording_are_in_its_file(
    name: str, writing: Callable[[Start], Writing], tmp_path: Path
) -> None:
    file = record(tmp_path / name, *SESSION.interactions, writing=writing)
    written = load(tmp_path / name)
    assert [(each["name"], each["class"]) for each in written.tokens] == [
        ("csrf_token", "token"),
        ("PHPSESSID", "token"),
    ]
    assert file.tokens == 2
    assert file.notices == []
    secret = SESSION.interactions[0].response.header("set-cookie")[10:30]
    assert secret not in (tmp_path / name).read_text()


@pytest.mark.parametrize("session", known_sessions(3), ids=lambda each: each.name)
def test_redaction_leaves_every_token_able_to_act(session: KnownSession, tmp_path: Path) -> None:
    file = record(tmp_path / "tape.yaml", *session.cassette.interactions)
    written = load(tmp_path / "tape.yaml")
    plan_tokens(written)
    found = [(each.token.name, each.token.kind.value) for each in find_tokens(session.cassette)]
    kept = [(each["name"], each["class"]) for each in written.tokens]
    assert kept == found
    assert file.notices == []


def test_a_token_that_redaction_hides_is_named(tmp_path: Path) -> None:
    token = "q7Rf2LxK9vTz4WmB8nYc"
    given = Response(headers=(("Set-Cookie", f"visit=42|{token}|de; Path=/"),))
    request = Request(method="GET", uri="https://chat.invalid/b", headers=(("X-Visit-Key", token),))
    file = record(
        tmp_path / "tape.yaml",
        Interaction(request=Request(method="GET", uri="https://chat.invalid/"), response=given),
        Interaction(request=request, response=Response()),
    )
    assert load(tmp_path / "tape.yaml").tokens == ()
    assert len(file.notices) == 1
    assert "left out of x-tokens: the token `x-visit-key`" in file.notices[0]


def test_a_block_that_a_person_wrote_stays(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    record(path, *SESSION.interactions)
    edited = path.read_text().replace("name: csrf_token", "name: csrf_token # mine", 1)
    path.write_text(edited)
    again = known_sessions(5)[0].cassette.interactions
    file = record(path, *again, mode=Mode.NEW_EPISODES)
    assert "# mine" in path.read_text()
    tokens = [each for each in load(path).tokens if each["class"] == "token"]
    assert [each["back"][0]["interaction"] for each in tokens] == [1, 1, 3, 3]
    assert file.tokens >= 2


def test_a_file_that_is_edited_before_the_end_keeps_its_edits(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"

    def edit() -> None:
        path.write_text("# a note\n" + path.read_text())

    record(path, *SESSION.interactions, before_the_end=edit)
    assert path.read_text().count("# a note\n") == 1
    assert len(load(path).tokens) == 2


def test_each_of_several_files_has_the_tokens_of_its_own_interactions(tmp_path: Path) -> None:
    """Two visits, each of which is in a file of its own, are replayed together, each with new values."""
    path, names = tmp_path / "tape.yaml", ["csrf_token", "PHPSESSID"]
    other = next(each.cassette for each in known_sessions(4) if each.name == "csrf_in_a_meta_tag_and_a_cookie")
    record(path, *SESSION.interactions)
    file = record(path, *SESSION.interactions, *other.interactions, limit=path.stat().st_size + 200)
    assert [each.name for each in file.files] == ["tape.yaml", "tape-2.yaml"]
    tapes = [load(each) for each in file.files]
    assert [len(each.interactions) for each in tapes] == [len(SESSION.interactions), len(other.interactions)]
    assert [[entry["name"] for entry in each.tokens] for each in tapes] == [names, names]
    assert file.tokens == 4
    assert file.notices == [f"{path} is full: the recording goes on in {file.files[1]}"]
    for each in tapes:
        plan_tokens(each)


def test_a_token_that_comes_back_in_another_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "tape.yaml"
    record(path, *SESSION.interactions)
    file = record(path, *SESSION.interactions, limit=path.stat().st_size - 900)
    assert [each.name for each in file.files] == ["tape.yaml", "tape-2.yaml"]
    assert file.notices[-1] == (
        "left out of x-tokens, and replayed as recorded: `csrf_token`, `PHPSESSID`; no file has all of their responses "
        "and requests: record a shorter session"
    )
    assert not any(load(each).tokens for each in file.files)
