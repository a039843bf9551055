"""`tokens --write` adds the block to a file of any form and leaves all else as it is, above all what a person wrote."""

import json
from pathlib import Path
from random import Random

import pytest
import yaml
from tests.support.cassette_layouts import JSON_LAYOUTS, LAYOUTS, as_vcrpy
from tests.support.token_sessions import KnownSession, known_sessions, nonce_that_rotates_with_each_answer
from tests.support.token_visit import Visit

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data
from chatgptfree_mock.tape.yaml.writing import write

SESSIONS = {each.name: each for each in known_sessions() if each.expected}


@pytest.fixture
def rotating() -> Cassette:
    visit = Visit(random=Random(3))
    nonce_that_rotates_with_each_answer(visit)
    return visit.cassette


@pytest.mark.parametrize("layout", LAYOUTS)
def test_yaml_of_any_layout_only_gets_the_block(layout: str, rotating: Cassette, tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    before = "# a comment\n" + LAYOUTS[layout](rotating)
    file.write_bytes(before.encode())
    assert run(["tokens", "--write", str(file)]) == 0
    after = file.read_bytes().decode()
    assert _without(before, after)
    data = yaml.safe_load(after)
    assert [entry["name"] for entry in data.pop("x-tokens")] == ["nonce"] * 3
    assert data == yaml.safe_load(before)
    assert run(["tokens", "--write", str(file)]) == 0
    assert file.read_bytes().decode() == after


def _without(before: str, after: str) -> bool:
    """Return whether *after* is *before* with a piece put in at one place."""
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    return after.endswith(before[start:])


@pytest.mark.parametrize("layout", JSON_LAYOUTS)
def test_json_of_any_layout_keeps_it(layout: str, rotating: Cassette, tmp_path: Path) -> None:
    file = tmp_path / "tape.json"
    data = as_vcrpy(rotating)
    file.write_text(json.dumps(data, **JSON_LAYOUTS[layout]))
    assert run(["tokens", "--write", str(file)]) == 0
    document = json.loads(file.read_text())
    assert file.read_text() == json.dumps(document, **JSON_LAYOUTS[layout])
    assert len(document.pop("x-tokens")) == 3
    assert document == data


@pytest.mark.parametrize("flow", [False, True])
def test_what_a_person_wrote_stays(flow: bool, rotating: Cassette, tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    first = {**_data(rotating)[0], "lives": 60.0, "class": "constant"}
    block = yaml.safe_dump([first], default_flow_style=flow, sort_keys=False, width=999)
    block = block if flow else block.replace("  shape:", "  # by hand: the page says so\n  shape:")
    text = f"x-tokens: {block}" if flow else f"x-tokens:\n{block}"
    file.write_text(text + "# below\n" + write(rotating))
    assert run(["tokens", "--write", str(file)]) == 0
    after = file.read_text()
    entries = yaml.safe_load(after)["x-tokens"]
    assert entries == [first, *_data(rotating)[1:]]
    assert after.endswith("# below\n" + write(rotating))
    assert flow or "# by hand: the page says so" in after


def _data(cassette: Cassette) -> list[dict[str, object]]:
    data: list[dict[str, object]] = json.loads(
        json.dumps(tokens_as_data([each.token for each in find_tokens(cassette)]))
    )
    return data


def test_an_entry_that_is_not_found_stays_and_is_named(
    rotating: Cassette, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tape.yaml"
    entry: dict[str, object] = {"name": "mine", "class": "client", "shape": {"alphabet": "hex", "length": 3}}
    entry |= {"back": [{"interaction": 1, "place": "json:$.q"}]}
    file.write_text(yaml.safe_dump({"x-tokens": [entry]}) + write(rotating))
    assert run(["tokens", "--write", str(file)]) == 0
    assert "`mine` in x-tokens was not found in the recording; it stays" in capsys.readouterr().err
    assert [each["name"] for each in load(file).tokens] == ["mine", "nonce", "nonce", "nonce"]


def test_an_empty_block_is_filled(rotating: Cassette, tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    file.write_text("x-tokens: []\n" + write(rotating))
    assert run(["tokens", "--write", str(file)]) == 0
    assert len(load(file).tokens) == 3


@pytest.mark.parametrize("session", SESSIONS.values(), ids=list(SESSIONS))
def test_what_is_written_is_what_is_found(session: KnownSession, tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    file.write_text(write(session.cassette))
    assert run(["tokens", "--write", str(file)]) == 0
    assert [dict(each) for each in load(file).tokens] == _data(session.cassette)
