"""The files of a recording, beside a person who edits, removes and breaks them."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.batch import Batch, Start, WriteOutcome
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor
from chatgptfree_mock.tape.saving import save
from chatgptfree_mock.tape.whole_file import write_text

RECORDING = {"upstream": "http://a.test", "recorded_at": "2026-11-27T00:00:00+00:00", "tool": "a test"}


def exchange(name: str, body: bytes = b"ok\n", **headers: str) -> Interaction:
    pairs = tuple((key.replace("_", "-"), value) for key, value in headers.items())
    return Interaction(
        request=Request(method="GET", uri=f"http://a.test/{name}", headers=pairs), response=Response(body=body)
    )


def names(path: Path) -> list[str]:
    return [each.request.uri.rsplit("/", 1)[1] for each in load(path).interactions]


class Session:
    """A recording under way: `put` writes exchanges, each a batch."""

    def __init__(self, path: Path, *, keeps_old: bool = False, limit: int = 1 << 20) -> None:
        self.path = path
        self.writer = CassetteWriter(Start(path=path, rules=None, keeps_old=keeps_old, limit=limit))
        self.number = 0
        self.outcomes: list[WriteOutcome] = []

    def put(self, *exchanges: Interaction, number: int | None = None, last: bool = False) -> WriteOutcome:
        numbers = [self.number + 1 + index for index in range(len(exchanges))] if number is None else [number]
        self.number = max([self.number, *numbers])
        batch = Batch(fresh=dict(zip(numbers, exchanges, strict=True)), recording=RECORDING, last=last)
        self.outcomes.append(self.writer.write(batch))
        return self.outcomes[-1]


@pytest.fixture(params=["recorded.yaml", "recorded.json"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_what_is_confirmed_is_on_the_disk(path: Path) -> None:
    session = Session(path)
    outcome = session.put(exchange("one"), exchange("two"))
    assert set(outcome.written) == {1, 2}
    assert names(path) == ["one", "two"]
    assert load(path).recording["upstream"] == "http://a.test"
    if path.suffix == ".json":
        assert len(json.loads(path.read_text())["interactions"]) == 2


class TestEdits:
    """Edits by hand during a recording."""

    def test_an_edited_value_stays(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one", b"the answer"))
        edit(path, "the answer", "EDITED")
        session.put(exchange("two"))
        session.put(exchange("three"))
        assert names(path) == ["one", "two", "three"]
        assert load(path).interactions[0].response.body == b"EDITED"

    def test_chunk_lengths_are_fitted_to_a_body_that_was_edited(self, path: Path) -> None:
        session = Session(path)
        one = exchange("one", b"the answer")
        session.put(replace(one, response=replace(one.response, chunks=((1, 4), (2, 6)))))
        edit(path, "the answer", "the EDITED answer")
        outcome = session.put(exchange("two"))
        assert names(path) == ["one", "two"]
        response = load(path).interactions[0].response
        assert response.body == b"the EDITED answer"
        assert sum(size for _, size in response.chunks) == len(response.body)
        assert any("chunk lengths fitted" in notice for notice in outcome.notices)

    def test_comments_order_and_quotes_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "recorded.yaml"
        session = Session(path)
        session.put(exchange("one"))
        edited = "# by hand\n" + path.read_text().replace("method: GET", "method: 'GET' # why not")
        edited = edited.replace("interactions:\n", "metadata: {who: me}\n\ninteractions: # all\n# the first\n")
        path.write_text(edited)
        session.put(exchange("two"))
        text = path.read_text()
        assert text.startswith(edited[: edited.index("    body: null")])
        assert names(path) == ["one", "two"]

    def test_an_exchange_that_was_taken_out_does_not_come_back(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"), exchange("two"), exchange("three"))
        cassette = load(path)
        save(path, Cassette(interactions=cassette.interactions[::2], recording=cassette.recording))
        session.put(exchange("four"))
        assert names(path) == ["one", "three", "four"]

    def test_an_edited_recording_note_stays(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"))
        edit(path, "a test", "my own words")
        session.put(exchange("two"))
        session.put(exchange("three"))
        assert load(path).recording["tool"] == "my own words"
        assert names(path) == ["one", "two", "three"]

    def test_a_stream_that_continues_after_the_edit_is_recorded_once(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"), exchange("stalled", b"half"))
        edit(path, "/one", "/edited")
        session.put(exchange("stalled", b"half and half"), number=2)
        assert names(path) == ["edited", "stalled"]
        assert load(path).interactions[1].response.body == b"half and half"

    def test_an_interaction_that_was_broken_is_named_and_kept(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"), exchange("two"))
        edit(path, "http://a.test/two", "http://[::1")
        broken = path.read_text()
        outcome = session.put(exchange("three"))
        assert not outcome.problem
        assert "interactions[1]" in outcome.notices[0]
        assert "http://[::1" in path.read_text()
        assert "http://[::1" in broken
        assert names(path) == ["one", "three"]

    def test_a_file_that_does_not_load_is_left_alone_until_it_does(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"))
        good = path.read_text()
        path.write_text("{ broken")
        outcome = session.put(exchange("two"))
        assert (outcome.written, path.read_text()) == ({}, "{ broken")
        assert str(path) in outcome.problem
        path.write_text(good)
        assert set(session.put(exchange("three")).written) == {2, 3}
        assert names(path) == ["one", "two", "three"]

    def test_what_a_broken_file_can_not_take_is_at_the_end_beside_it(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"))
        path.write_text("{ broken")
        session.put(exchange("two"))
        outcome = session.put(exchange("three"), last=True)
        beside = path.with_name(f"recorded.recorded{path.suffix}")
        assert path.read_text() == "{ broken"
        assert names(beside) == ["two", "three"]
        assert (set(outcome.written), outcome.problem) == ({2, 3}, "")
        assert str(beside) in outcome.notices[-1]

    def test_a_file_beside_it_is_not_overwritten(self, path: Path) -> None:
        taken = path.with_name(f"recorded.recorded{path.suffix}")
        taken.write_text("mine")
        session = Session(path)
        session.put(exchange("one"))
        path.write_text("{ broken")
        session.put(exchange("two"), last=True)
        assert taken.read_text() == "mine"
        assert names(path.with_name(f"recorded.recorded1{path.suffix}")) == ["two"]

    def test_a_removed_file_is_written_anew_with_all_exchanges(self, path: Path) -> None:
        session = Session(path)
        session.put(exchange("one"))
        path.unlink()
        outcome = session.put(exchange("two"))
        assert names(path) == ["one", "two"]
        assert "was removed" in outcome.notices[0]

    def test_a_link_stays_a_link(self, path: Path) -> None:
        link = path.with_name(f"link{path.suffix}")
        link.symlink_to(path.name)
        session = Session(link.resolve())
        session.put(exchange("one"))
        session.put(exchange("two"))
        assert link.is_symlink()
        assert names(path) == ["one", "two"]

    def test_an_edit_while_the_file_is_written_is_seen(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        session = Session(path)
        session.put(exchange("one", b"the answer"))

        def slow(target: Path, text: str, *, ready: Callable[[], bool]) -> bool:
            if "EDITED" not in path.read_text():
                edit(path, "the answer", "EDITED")
            return write_text(target, text, ready=ready)

        monkeypatch.setattr("chatgptfree_mock.recorder.cassette_part.write_text", slow)
        session.put(exchange("two"))
        assert load(path).interactions[0].response.body == b"EDITED"
        assert names(path) == ["one", "two"]

    def test_what_an_older_file_holds_stays_as_it_was_typed(self, tmp_path: Path) -> None:
        path = tmp_path / "old.yaml"
        old = "# mine\ninteractions:\n  - request: {method: GET, uri: http://a.test/old}\n"
        old += "    response: {status: {code: 200, message: OK}, body: {string: ok}}\n"
        path.write_text(old + "version: 1\n")
        Session(path, keeps_old=True).put(exchange("new", b"\n a\n   \nb\n\n"))
        text = path.read_text()
        assert text.startswith("# mine\nx-recording:\n  upstream: http://a.test\n")
        assert old.partition("\n")[2] in text
        assert text.endswith("version: 1\n")
        assert names(path) == ["old", "new"]
        assert load(path).interactions[1].response.body == b"\n a\n   \nb\n\n"

    def test_an_empty_list_gets_its_first_item(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.yaml"
        path.write_text("version: 1\ninteractions: [] # none yet\n# the end\n")
        Session(path, keeps_old=True).put(exchange("new"))
        assert names(path) == ["new"]
        assert "# the end" in path.read_text()


def test_what_a_later_exchange_proves_secret_is_redacted_in_earlier_ones(path: Path) -> None:
    session = Session(path)
    secret = "k3Jx9vQ2mZ7pLw5Rt8Yb"
    session.put(exchange("one", f'track("{secret}")\n'.encode()))
    edit(path, "/one", "/edited")
    session.put(exchange("two", Cookie=f"sess={secret}"))
    assert secret not in path.read_text()
    assert names(path) == ["edited", "two"]


OLD = {
    ".yaml": """# made by hand
version: 1
interactions:
- request: {{method: GET, uri: http://a.test/old, headers: {{}}, body: null}}  # the first
  response:
    status: {{code: 200, message: OK}}
    headers: {{X-Kept: ["as it is"]}}
    body: {{string: '{body}'}}
    note: ours
""",
    ".json": """{{"version": 1, "interactions": [
  {{"request": {{"method": "GET", "uri": "http://a.test/old", "headers": {{}}, "body": null}},
    "response": {{"status": {{"code": 200, "message": "OK"}}, "headers": {{}},
      "body": {{"string": "{body}"}}, "note": 1}}}}
]}}
""",
}


def test_what_is_added_proves_secret_what_was_there_before(path: Path) -> None:
    secret = "k3Jx9vQ2mZ7pLw5Rt8Yb"
    path.write_text(OLD[path.suffix].format(body=f"see {secret} there"))
    outcome = Session(path, keeps_old=True).put(exchange("new", Cookie=f"sess={secret}"))
    text = path.read_text()
    assert secret not in text
    old, new = load(path).interactions
    assert old.response.body.decode() == f"see {new.request.headers[0][1].removeprefix('sess=')} there"
    assert [mark in text for mark in ("note", "# the first", "as it is")] == [True] + [path.suffix == ".yaml"] * 2
    assert [notice for notice in outcome.notices if "exchange 0 (GET http://a.test/old)" in notice]


def test_what_was_there_before_proves_secret_what_is_added(path: Path) -> None:
    secret = "k3Jx9vQ2mZ7pLw5Rt8Yb"
    body = json.dumps({"access_token": secret}).replace('"', '\\"' if path.suffix == ".json" else '"')
    path.write_text(OLD[path.suffix].format(body=body))
    Session(path, keeps_old=True).put(exchange("new", f"it is {secret}.\n".encode()))
    assert secret not in path.read_text()
    old, new = load(path).interactions
    assert f"it is {json.loads(old.response.body)['access_token']}.\n" == new.response.body.decode()


def test_a_file_to_which_nothing_is_added_stays_as_it_is(path: Path) -> None:
    path.write_text(OLD[path.suffix].format(body="password=hunter2hunter2"))
    before = path.read_bytes()
    Session(path, keeps_old=True).put()
    assert path.read_bytes() == before


def test_an_earlier_exchange_that_can_not_be_changed_is_named(tmp_path: Path) -> None:
    path, secret = tmp_path / "a.yaml", "k3Jx9vQ2mZ7pLw5Rt8Yb"
    first, headers = OLD[".yaml"].format(body="x"), '{X-Kept: ["as it is"]}'
    second = OLD[".yaml"].format(body=f"see {secret}").partition("interactions:\n")[2]
    path.write_text(first.replace(headers, f"&shared {headers}") + second.replace(headers, "*shared"))
    outcome = Session(path, keeps_old=True).put(exchange("new", Cookie=f"sess={secret}"))
    assert names(path) == ["old", "old", "new"]
    assert [notice for notice in outcome.notices if "redact it by hand" in notice]


def test_an_exchange_that_can_not_be_redacted_is_named_and_the_others_live(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    redact = Redactor.redact

    def failing(self: Redactor, interaction: Interaction) -> Interaction:
        if interaction.request.uri.endswith("/bad"):
            raise RuntimeError("a bug")
        return redact(self, interaction)

    monkeypatch.setattr(Redactor, "redact", failing)
    outcome = Session(path).put(exchange("one"), exchange("bad"), exchange("two"))
    assert (outcome.refused, names(path)) == ({2}, ["one", "two"])
    assert "http://a.test/bad is not recorded" in outcome.notices[0]


def test_a_full_disk_costs_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(path)
    session.put(exchange("one"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        outcome = session.put(exchange("two"))
        assert (outcome.written, names(path)) == ({}, ["one"])
        assert "no space left" in outcome.problem
        assert "no space left" in session.put(exchange("three"), last=True).problem
    assert set(session.put(exchange("four")).written) == {2, 3, 4}
    assert names(path) == ["one", "two", "three", "four"]


def full_disk(_handle: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class TestSplitting:
    """A recording larger than a file may be."""

    def test_it_continues_in_further_files(self, path: Path) -> None:
        session = Session(path, limit=2000)
        for number in range(9):
            session.put(exchange(str(number), b"x" * 300 + b"\n"))
        files = session.outcomes[-1].files
        assert [file.name for file in files[1:3]] == [f"recorded-{n}{path.suffix}" for n in (2, 3)]
        assert all(file.stat().st_size <= 2000 for file in files)
        assert [name for file in files for name in names(file)] == [str(number) for number in range(9)]
        assert any("is full: the recording goes on in" in text for each in session.outcomes for text in each.notices)

    def test_it_is_found_again(self, path: Path) -> None:
        for name in "abcdef":
            Session(path, keeps_old=True, limit=2000).put(exchange(name, b"x" * 500 + b"\n"))
        files = sorted(path.parent.iterdir(), key=lambda file: (len(file.name), file.name))
        assert [name for file in files for name in names(file)] == list("abcdef")
        assert len(files) > 2

    def test_starting_over_removes_the_further_files_of_the_old_one(self, path: Path) -> None:
        Session(path, limit=2000).put(*(exchange(name, b"x" * 700 + b"\n") for name in "abcdef"))
        other = path.with_name(f"recorded-77{path.suffix}")
        save(other, Cassette(interactions=(exchange("mine"),)))
        assert len(list(path.parent.iterdir())) > 3
        Session(path).put(exchange("new"))
        assert sorted(path.parent.iterdir()) == sorted([path, other])
        assert names(path) == ["new"]

    def test_a_further_file_that_was_edited_meanwhile_is_kept(self, path: Path) -> None:
        Session(path, limit=2000).put(*(exchange(name, b"x" * 700 + b"\n") for name in "abcd"))
        session = Session(path)
        second = path.with_name(f"recorded-2{path.suffix}")
        edit(second, "a test", "my own words")
        outcome = session.put(exchange("new"))
        assert second.exists()
        assert any(str(second) in notice for notice in outcome.notices)

    def test_another_file_of_that_name_is_passed_over(self, path: Path) -> None:
        mine = path.with_name(f"recorded-2{path.suffix}")
        save(mine, Cassette(interactions=(exchange("mine"),)))
        before = mine.read_bytes()
        session = Session(path, limit=2000)
        session.put(*(exchange(name, b"x" * 900 + b"\n") for name in "ab"))
        assert mine.read_bytes() == before
        assert names(path.with_name(f"recorded-3{path.suffix}")) == ["b"]

    def test_an_answer_that_fits_in_no_file_is_cut_and_named(self, path: Path) -> None:
        session = Session(path, limit=2000)
        outcome = session.put(exchange("long", b"long line\n" * 900), exchange("short"))
        long = load(path).interactions[0].response
        assert long.end is End.CLIENT_CLOSED
        assert (b"long line\n" * 900).startswith(long.body)
        assert 500 < len(long.body) < 2000
        assert f"http://a.test/long: only {len(long.body):,} bytes" in outcome.notices[0]
        assert set(outcome.written) == {1, 2}

    def test_a_request_that_fits_in_no_file_is_named(self, path: Path) -> None:
        request = Request(method="POST", uri="http://a.test/huge", body=b"x" * 3000)
        session = Session(path, limit=2000)
        outcome = session.put(Interaction(request=request, response=Response()), exchange("one"))
        assert (outcome.refused, names(path)) == ({1}, ["one"])
        assert "http://a.test/huge is not recorded" in outcome.notices[0]


STEPS = st.lists(
    st.sampled_from(["put", "put", "put two", "again", "comment", "remove", "break", "repair", "restart"]), max_size=12
)


@example(steps=["put", "restart", "remove"], suffix=".yaml", limit=1 << 20)
@settings(max_examples=20, deadline=None)
@given(steps=STEPS, suffix=st.sampled_from([".yaml", ".json"]), limit=st.sampled_from([1500, 1 << 20]))
def test_whatever_happens_every_exchange_is_on_the_disk_once(
    steps: list[str], suffix: str, limit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("law") / f"recorded{suffix}"
    session, wanted, good = Session(path, limit=limit), dict[int, str](), ""
    for step in steps:
        if step == "repair" or (step == "restart" and path.exists() and path.read_text() == "{"):
            path.write_text(good) if path.exists() and path.read_text() == "{" else None
        if step.startswith("put"):
            fresh = [f"x{session.number + n}" for n in range(1, 2 + (step == "put two"))]
            wanted |= {session.number + 1 + n: name for n, name in enumerate(fresh)}
            session.put(*(exchange(name, b"x" * 200 + b"\n") for name in fresh))
        elif step == "again" and session.number:
            wanted[session.number] = f"x{session.number}"
            session.put(exchange(f"x{session.number}", b"y" * 250 + b"\n"), number=session.number)
        elif path.exists() and path.read_text() != "{":
            good = act(step, path)
        if step == "restart" and path.exists():
            known = {number: digest for each in session.outcomes for number, digest in each.written.items()}
            waiting = {number: exchange(name) for number, name in wanted.items() if number not in known}
            start = Start(path=path, rules=None, keeps_old=True, limit=limit, known=known)
            session.writer = CassetteWriter(start)
            session.outcomes.append(session.writer.write(Batch(fresh=waiting, recording=RECORDING)))
    wanted[session.number + 1] = f"x{session.number + 1}"
    session.put(exchange(f"x{session.number + 1}"), last=True)
    files = [file for file in path.parent.iterdir() if file.read_text() != "{"]
    found = [name for file in files for name in names(file)]
    if "{" in [file.read_text() for file in path.parent.iterdir()]:
        found += [name for name in set(wanted.values()) - set(found) if f"/{name}" in good]
    assert sorted(found) == sorted(wanted.values())
    assert all(file.stat().st_size <= limit for file in files)


def act(step: str, path: Path) -> str:
    """Do to the file what a person does, and return what it was."""
    text = path.read_text()
    changes: dict[str, Callable[[], Any]] = {
        "comment": lambda: path.write_text(text + ("# a note\n" if path.suffix == ".yaml" else "\n")),
        "remove": path.unlink,
        "break": lambda: path.write_text("{"),
    }
    changes.get(step, lambda: None)()
    return text


ITEM = (
    "request: {method: GET, uri: 'http://a.test/'} response: {status: {code: 200, message: OK}, body: {string: ok}}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "http_interactions:\n- " + ITEM.replace("response:", "\n  response:", 1),
        "interactions: [{" + ITEM.strip().replace(" response:", ", response:", 1) + "}]\n",
    ],
)
def test_a_file_that_nothing_can_be_added_to_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(text)
    outcome = Session(path, keeps_old=True).put(exchange("one"))
    assert "nothing can be added to it" in outcome.problem
    assert path.read_text() == text
    with pytest.raises(CassetteError):
        load(path, limit=1)


def test_the_search_for_tokens_writes_nothing_beside_a_broken_file_again(path: Path) -> None:
    session = Session(path)
    session.put(exchange("one"))
    path.write_text(path.read_text() + "{[broken")
    beside = path.with_name(f"{path.stem}.recorded{path.suffix}")
    assert session.put(exchange("two"), last=True).files == [path, beside]
    last = session.writer.write(Batch(fresh={}, recording=RECORDING, last=True, tokens=True))
    assert (last.files, last.notices, last.problem) == ([path, beside], [], "")
    assert sorted(path.parent.iterdir()) == sorted([path, beside])
    assert "two" in names(beside)
