"""A key that is twice in a recording hides a value, so what has it is left out and named, with file, line and key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.hars import entry, har

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import gather
from chatgptfree_mock.tape.lint import check
from chatgptfree_mock.tape.yaml.reading import read

ENTRY = """\
- request: {method: GET, uri: "http://a/", headers: {}, body: null}
  response:
    status: {code: 200, message: OK}
    headers: {Server: a}
    body: {string: Hello}
"""
DUPLICATES = [
    pytest.param("    body: {string: Bye}\n", "", ".response.body", "line 12: duplicate key `body`", id="body"),
    pytest.param(
        "", "{string: Hello, string: Bye}", ".response.body.string", "line 11: duplicate key `string`", id="text"
    ),
    pytest.param("    x-a: {b: [{c: 1, c: 2}]}\n", "", ".response.x-a.b[0].c", "line 12: duplicate key `c`", id="deep"),
    pytest.param("  request: {}\n", "", ".request", "line 12: duplicate key `request`", id="request"),
]


@pytest.mark.parametrize(("added", "body", "place", "problem"), DUPLICATES)
def test_an_interaction_with_a_duplicate_key_is_left_out(added: str, body: str, place: str, problem: str) -> None:
    bad = ENTRY.replace("{string: Hello}", body or "{string: Hello}") + added
    data = f"interactions:\n{ENTRY}{bad}{ENTRY}".encode()
    cassette = read(data, file="a.yaml")
    assert [each.response.body for each in cassette.interactions] == [b"Hello", b"Hello"]
    (left_out,) = cassette.left_out
    assert str(left_out) == f"a.yaml: left out: {problem} - at `$.interactions[1]{place}` (keep one of the two)"
    with pytest.raises(CassetteError, match=problem):
        read(data, file="a.yaml", refuse=True)
    (finding,) = [each for each in check(data, file="a.yaml", now=datetime.now(UTC)) if each.check == "broken"]
    assert finding.serious
    assert problem in finding.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"interactions:\n{ENTRY}interactions:\n{ENTRY}", "line 7: duplicate key `interactions` - at `$.interactions`"),
        (f"x-recording: {{tool: a, tool: b}}\ninteractions:\n{ENTRY}", "line 1: duplicate key `tool`"),
        (f"interactions:\n{ENTRY}metadata: {{a: 1, 'a': 2}}\n", "line 7: duplicate key `a` - at `$.metadata.a`"),
    ],
)
def test_a_duplicate_key_outside_of_the_interactions_refuses_the_file(text: str, problem: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(text.encode(), file="a.yaml")
    assert f"a.yaml: {problem}" in str(caught.value)


def test_merge_keys_and_aliases_are_no_duplicates() -> None:
    shared = ENTRY.replace("{code: 200, message: OK}", "&ok {code: 200, message: OK}")
    merged = ENTRY.replace("{code: 200, message: OK}", "{<<: *ok, <<: *ok, code: 201}")
    cassette = read(f"interactions:\n{shared}{merged}".encode())
    assert [each.response.status for each in cassette.interactions] == [200, 201]


def test_a_duplicate_key_in_json_is_named_with_its_place() -> None:
    item = '{"request": {"method": "GET", "uri": "http://a/"}, "response": {"status": {"code": 200}, "body": {%s}}}'
    good, bad = item % '"string": "a"', item % '"string": "a", "string": "b"'
    text = f'{{"interactions": [{good}, {bad}]}}'
    for name in ("a.json", "a.yaml"):
        (left_out,) = read(text.encode(), file=name).left_out
        assert left_out.problem.endswith("duplicate key `string`")
        assert left_out.place == "$.interactions[1].response.body.string"
    with pytest.raises(CassetteError, match=r"duplicate key `version` - at `\$\.version`"):
        read(f'{{"version": 1, "interactions": [{good}], "version": 1}}'.encode(), file="a.json")


def test_an_entry_of_a_har_with_a_duplicate_key_is_left_out(tmp_path: Path) -> None:
    ok = entry({"size": 2, "text": "ok", "mimeType": "text/plain"})
    text = har(ok, ok).decode()
    first = text.index('"text":')
    file = tmp_path / "a.har"
    file.write_text(text[:first] + '"text": "lost", ' + text[first:])
    found = gather([file])
    assert [each.problem for each in found.left_out] == ["duplicate key `response.content.text`"]
    assert [len(each.interactions) for each in found.cassettes] == [1]
    file.write_text(text.replace('"entries":', '"entries": [], "entries":', 1))
    with pytest.raises(CassetteError, match=r"duplicate key `entries` - at `\$\.log\.entries` \(keep one of the two\)"):
        gather([file])
