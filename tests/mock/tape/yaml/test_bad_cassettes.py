"""A file that is no cassette gets one sentence: file, place, repair; quickly, and without running anything of it."""

import os
from pathlib import Path

import pytest

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.saving import save

GOOD = """\
interactions:
- request: {{method: GET, uri: "http://a/", headers: {{}}, body: null}}
  response:
    status: {{code: 200, message: OK}}
    headers: {{}}
    body: {{string: "Hello"}}
{more}
"""
LAUGHS = "\n".join(
    ["a0: &a0 [lol, lol]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    + ["interactions: []"]
)


def stream(text: str) -> str:
    return GOOD.format(more=f"    x-stream: {text}")


COMPLAINTS = [
    pytest.param("", "the file is empty (a cassette has at least `interactions: []`)", id="an empty file"),
    pytest.param("- request: {}", "this is vcrpy's format 0 - at `$`", id="a list is format 0"),
    pytest.param(
        "interaction: []", "no `interactions` - at `$` (`interaction` should be `interactions`)", id="a wrong key"
    ),
    pytest.param(
        "interactions: {}", "`interactions` must be a list, not a mapping - at `$.interactions`", id="no list"
    ),
    pytest.param("interactions: [{request: {}}]", "no `response` - at `$.interactions[0]`", id="no response"),
    pytest.param(
        "interactions: [{request: {method: GET, uri: x, x-a: 1}, response: {}}]",
        "unknown key `x-a` - at `$.interactions[0].request.x-a` (vcrpy has method, uri, headers, body here)",
        id="a key inside request, on which vcrpy breaks",
    ),
    pytest.param(
        stream("{chunks: [[1, 2]]}"),
        "the chunks cover 2 bytes of 5 - at `$.interactions[0].response.x-stream.chunks`"
        " (`chatgptfree-mock lint --fix` repairs the lengths after an edit of the body)",
        id="chunks that don't add up",
    ),
    pytest.param(
        stream("{chunks: [[9, 2], [1, 3]]}"),
        "chunk 1 comes at 1 ms, before the one at 9 ms - at `$.interactions[0].response.x-stream.chunks`",
        id="time that runs backwards",
    ),
    pytest.param(
        stream("{chunk: []}"),
        "unknown key `chunk` - at `$.interactions[0].response.x-stream` (did you mean `chunks`?)",
        id="a mistyped key of ours",
    ),
    pytest.param(
        stream("{chunks: [[1:30, 5]]}"),
        "expected a whole number, got a text - at `$.interactions[0].response.x-stream.chunks[0][0]`",
        id="1:30 is not 90",
    ),
    pytest.param(
        stream("{chunks: [[0, 5]], end: no}"),
        "expected a text, got true or false - at `$.interactions[0].response.x-stream.end`",
        id="no is false in YAML",
    ),
    pytest.param(
        GOOD.format(more="    x-straem: {}"),
        "unknown key `x-straem` - at `$.interactions[0].response.x-straem` (did you mean `x-stream`?)",
        id="x-stream itself mistyped",
    ),
    pytest.param(
        GOOD.format(more="x-recording: {plugins: 1.8.93}"),
        "unknown key `plugins` - at `$.x-recording` (did you mean `plugin`?)",
        id="a mistyped key of x-recording",
    ),
    pytest.param(
        GOOD.format(more="x-recording: {redacted: nonces}"),
        "expected a list, got a text - at `$.x-recording.redacted`",
        id="text where a list belongs",
    ),
    pytest.param(
        "interactions: [{request: {method: GET, uri: x}, response: {status: {code: OK}}}]",
        "a status code has three digits, not `OK` - at `$.interactions[0].response.status.code`",
        id="a status that is no number",
    ),
    pytest.param(
        GOOD.replace('"Hello"', "!!binary 'not base64!'").format(more=""),
        "broken base64",
        id="broken base64",
    ),
    pytest.param("interactions: [\n", "not YAML: did not find expected node content in line 2, column 1", id="cut off"),
    pytest.param("a: \x07", "not YAML: control characters are not allowed at byte 3", id="a control character"),
    pytest.param(LAUGHS, "refused: aliases that expand to more than 1,000,000 values", id="a billion laughs"),
    pytest.param("interactions: &a [*a]", "refused: an alias for a node that contains it", id="a circle"),
    pytest.param("[" * 300_000, "refused: more than 200 levels of nesting", id="brackets without end"),
    pytest.param("- " * 300_000, "refused: more than 200 levels of nesting", id="dashes without end"),
    pytest.param(
        "\n".join(" " * n + "a:" for n in range(3000)),
        "refused: more than 200 levels of nesting",
        id="a long staircase",
    ),
]


@pytest.mark.parametrize(("text", "complaint"), COMPLAINTS)
def test_the_complaint_names_file_place_and_repair(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {complaint}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {file}']",
        "!!python/object/new:os.system ['touch {file}']",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "!anything ''",
    ],
)
@pytest.mark.parametrize("place", ["uri", "response", "headers", "string", "x-recording"])
def test_nothing_of_a_file_is_ever_run(tag: str, place: str, tmp_path: Path) -> None:
    evil = tag.format(file=tmp_path / "owned")
    parts = {"uri": "http://a/", "headers": "{}", "string": "x", "x-recording": "{}"} | {place: evil}
    response = f"{{status: {{code: 200}}, headers: {parts['headers']}, body: {{string: {parts['string']}}}}}"
    (tmp_path / "evil.yaml").write_text(
        f"x-recording: {parts['x-recording']}\n"
        "interactions:\n"
        f"- request: {{method: GET, uri: {parts['uri']}}}\n"
        f"  response: {evil if place == 'response' else response}\n"
    )
    with pytest.raises(CassetteError):
        load(tmp_path / "evil.yaml")
    assert not (tmp_path / "owned").exists()


def test_what_is_not_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="a directory, not a file \\(name one file in it\\)"):
        load(tmp_path)
    with pytest.raises(CassetteError, match="no such file or directory"):
        load(tmp_path / "missing.yaml")
    with pytest.raises(CassetteError, match="not a regular file"):
        load("/dev/null")
    with pytest.raises(CassetteError, match="null byte"):
        load("a\0b")


def test_a_file_above_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(CassetteError, match="2,147,483,648 bytes are more than the limit of 67,108,864"):
        load(tmp_path / "huge.yaml")


def test_links_in_a_circle_are_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "circle.yaml"
    path.symlink_to(path)
    with pytest.raises(CassetteError, match="can't write: too many levels of symbolic links"):
        save(path, Cassette())
    assert path.is_symlink()


def test_what_was_there_survives_a_failed_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("before")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(CassetteError, match="can't write: no space left on device"):
        save(path, Cassette())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_the_old_file_while_it_is_replaced_reads_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save(path, Cassette(recording={"note": "before"}))
    with path.open() as reading:
        save(path, Cassette(recording={"note": "after"}))
        assert "before" in reading.read()
    assert "after" in path.read_text()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(tmp_path / "a.yaml")
    save(tmp_path / "link.yaml", Cassette())
    assert (tmp_path / "link.yaml").is_symlink()
    assert load(tmp_path / "a.yaml") == Cassette(path=str(tmp_path / "a.yaml"))


def test_saving_without_overwriting_leaves_a_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save(path, Cassette(), overwrite=False)
    before = path.read_bytes()
    with pytest.raises(CassetteError, match="there is a file of this name already"):
        save(path, Cassette(recording={"note": "second"}), overwrite=False)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_saving_makes_folders_and_keeps_the_mode_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.yaml"
    save(path, Cassette())
    path.chmod(0o600)
    save(path, Cassette(recording={"note": "again"}))
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path).recording == {"note": "again"}


def test_the_cassettes_of_the_package_are_found() -> None:
    assert (cassette_folder() / "recorded" / "1.8.93").is_dir()
