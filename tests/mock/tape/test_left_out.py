"""One bad thing spoils nothing else: bad interactions and files are left out and listed; strictly, they are errors."""

import os
from pathlib import Path

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import cassette_files, gather, load
from chatgptfree_mock.tape.yaml.reading import read

GOOD = """\
- request: {method: GET, uri: "http://a/", headers: {}, body: null}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: Hello}}
"""
BAD = [
    pytest.param(GOOD.replace("response", "respones"), "", "no `response`", id="no response"),
    pytest.param("- request: null\n  response: null\n", ".request", "`request` must be a mapping", id="null"),
    pytest.param("- 5\n", "", "an interaction must be a mapping, not `5`", id="a number"),
    pytest.param(GOOD.replace("GET", "null"), ".request", "no `method`", id="method null"),
    pytest.param(GOOD.replace("http://a/", "http://[::1"), ".request.uri", "no address: Invalid IPv6 URL", id="IPv6"),
    pytest.param(GOOD.replace("//a/", "//a:99999/"), ".request.uri", "no address: Port out of range", id="a port"),
    pytest.param(
        GOOD.replace("string: Hello", "base64_string: '@'"),
        ".response.body.base64_string",
        "broken base64",
        id="base64",
    ),
    pytest.param(
        GOOD.replace("Hello", "!ruby/object:X {}"), ".response.body.string", "must be text or", id="an object"
    ),
    pytest.param(GOOD.replace("200", "OK"), ".response.status.code", "a status code has three digits", id="status"),
    pytest.param(
        GOOD.replace("}}\n", "}, x-stream: {chunks: [[1, 9]]}}\n"),
        ".response.x-stream.chunks",
        "the chunks cover 9 bytes of 5",
        id="chunks",
    ),
]


@for_each(("bad", "inside", "problem"), BAD)
def test_a_bad_interaction_is_left_out_and_listed(bad: str, inside: str, problem: str) -> None:
    text = f"interactions:\n{GOOD}{bad}{GOOD}"
    cassette = read(text.encode(), file="a.yaml")
    assert [each.response.body for each in cassette.interactions] == [b"Hello"] * 2
    (left_out,) = cassette.left_out
    assert left_out.place == f"$.interactions[1]{inside}"
    assert str(left_out).startswith(f"a.yaml: left out: {problem}")
    with pytest.raises(CassetteError) as caught:
        read(text.encode(), file="a.yaml", refuse=True)
    assert caught.value.place == left_out.place


@for_each(("bad", "inside", "problem"), BAD)
def test_a_file_without_any_good_interaction_is_an_error(bad: str, inside: str, problem: str) -> None:
    with pytest.raises(CassetteError, match=r"a\.yaml: ") as caught:
        read(f"interactions:\n{bad}".encode(), file="a.yaml")
    assert (caught.value.place or "").endswith(f"[0]{inside}")
    assert problem in str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub" / ".hidden").mkdir(parents=True)
    for name in ("a.yaml", "sub/b.yml", "sub/.hidden/c.yaml"):
        (tmp_path / name).write_text(f"interactions:\n{GOOD}")
    (tmp_path / "partly.yaml").write_text(f"interactions:\n{GOOD}- 5\n")
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    (tmp_path / "broken.json").write_text("{")
    return tmp_path


def test_a_folder_gives_what_can_be_read_and_lists_the_rest(folder: Path) -> None:
    loaded = gather([folder])
    assert [Path(each.path or "").name for each in loaded.cassettes] == ["a.yaml", "partly.yaml", "b.yml"]
    assert [(Path(each.file or "").name, each.place) for each in loaded.left_out] == [
        ("broken.json", "$"),
        ("compose.yaml", "$"),
        ("partly.yaml", "$.interactions[1]"),
    ]
    with pytest.raises(CassetteError):
        gather([folder], strict=True)


def test_files_folders_and_patterns_are_loaded_once_each(folder: Path) -> None:
    paths: list[Path | str] = [folder / "a.yaml", str(folder / "*.yaml"), folder / "sub", str(folder / "**" / "b.*")]
    names = [Path(each.path or "").name for each in gather(paths).cassettes]
    assert names == ["a.yaml", "partly.yaml", "b.yml"]


def test_a_pattern_that_is_the_name_of_a_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "test[a-b].yaml").write_text(f"interactions:\n{GOOD}")
    assert cassette_files(tmp_path / "test[a-b].yaml") == [tmp_path / "test[a-b].yaml"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("missing.yaml", "no such file or directory"),
        ("*.yml", "no file matches this pattern"),
        ("sub/.hidden/d", "no such cassette"),
        ("empty", "no cassette in this folder"),
        ("compose.yaml", "no `interactions`"),
    ],
)
def test_a_path_that_gives_nothing_is_an_error(folder: Path, name: str, complaint: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(CassetteError, match=complaint):
        gather([folder / name])


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(CassetteError, match="not a regular file"):
        load(tmp_path / "pipe.yaml")


def test_a_file_that_is_missing_has_no_place_inside(tmp_path: Path) -> None:
    missing = tmp_path / "tape.yaml"
    with pytest.raises(CassetteError) as caught:
        gather([missing])
    assert str(caught.value) == f"{missing}: no such file or directory"
