"""Scenario files: a mistake in one is reported with its place, and the others still load."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.scenario.library import Library, read

GOOD = "title: A story\nexpect: {text: Hello}\n"


def write(folder: Path, text: str, name: str = "nonce/story.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("title: [", "not YAML", id="no YAML"),
        pytest.param("- a\n", "a scenario is a mapping", id="a list"),
        pytest.param("title: x\n", "missing key `expect`", id="no expectation"),
        pytest.param("title: x\nexpect: {}\n", "needs either `text` or `error`", id="an empty expectation"),
        pytest.param("title: x\nexpect: {text: a, error: page}\n", "either `text` or `error`", id="text and error"),
        pytest.param("title: x\nexpect: {text: a, partial: b}\n", "goes with `error`", id="text and partial"),
        pytest.param("title: x\nexpect: {error: nonse}\n", "did you mean `nonce`", id="a mistyped kind"),
        pytest.param("title: x\nexpct: {text: a}\n", "did you mean `expect`", id="a mistyped key"),
        pytest.param("title: x\nsite: {plugni: 2.3}\nexpect: {text: a}\n", "did you mean `plugin`", id="a deep typo"),
        pytest.param(
            "title: x\ncases: [N999]\nexpect: {text: a}\n",
            ": expected a row such as N02, or words such as end-mark-in-text - at `$.cases[0]`",
            id="no row of the list",
        ),
        pytest.param("title: x\nsite: {title: 2.3}\nexpect: {text: a}\n", "`$.site.title`", id="a number for a word"),
        *(
            pytest.param(
                f"title: x\n{where}\nexpect: {{text: a}}\n",
                "a scenario breaks TLS by `delivery: {tls: WORD}`: no-close-notify, wrong-name, expired",
                id=f"TLS: {where}",
            )
            for where in ("delivery: {tls_fault: expired}", "tls_fault: expired", "tls: expired")
        ),
        pytest.param("title: x\nexpect: {text: a}\ntitle: y\n", "line 3: duplicate key `title`", id="a key twice"),
        pytest.param(
            "title: x\ndelivery: {chunks: utf9}\nexpect: {text: a}\n", "`$.delivery`", id="a way that does not exist"
        ),
        pytest.param(
            "title: x\nresponses: [{body: abc, chunks: [[0, 2]]}]\nexpect: {text: a}\n",
            "chunks cover 2 bytes of 3",
            id="chunks that do not add up",
        ),
        pytest.param(
            "title: x\nresponses: [{base64: '%%'}]\nexpect: {text: a}\n", "`base64` is not base64", id="base64"
        ),
    ],
)
def test_a_wrong_file_is_reported_with_its_name_and_place(tmp_path: Path, text: str, complaint: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read(file)
    assert complaint in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_release_may_be_written_like_a_number(tmp_path: Path) -> None:
    scenario = read(write(tmp_path, "title: Old\nsite: {plugin: 2.3, wordpress: 6.8}\nexpect: {text: Hello}\n"))
    assert (scenario.site.plugin, scenario.site.wordpress) == ("2.3", "6.8")


def test_one_wrong_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, "title: [")
    write(tmp_path, GOOD, "stream/good.yaml")
    library = Library([tmp_path])
    assert library.names == ["nonce/story", "stream/good"]
    assert library["stream/good"].scenario.title == "A story"


def test_a_later_folder_replaces_what_an_earlier_one_has(tmp_path: Path) -> None:
    write(tmp_path / "a", GOOD)
    write(tmp_path / "b", GOOD.replace("A story", "My story"))
    assert Library([tmp_path / "a", tmp_path / "b"])["nonce/story"].scenario.title == "My story"


@pytest.mark.parametrize(
    ("glob", "hint"),
    [
        pytest.param("nonse", "did you mean `nonce`", id="a mistyped layer"),
        pytest.param("nonce/zzz*", "no scenario matches", id="a glob that matches nothing"),
        pytest.param("text/*", r"did you mean `nonce/\*`", id="a layer of other libraries"),
    ],
)
def test_a_glob_that_means_nothing_is_an_error(tmp_path: Path, glob: str, hint: str) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(SettingsError, match=hint):
        Library([tmp_path]).matching(glob)


@pytest.mark.parametrize(("file", "folder"), [("mine/nonce/x.yaml", "mine"), ("nonce/x.yaml", "."), ("x.yaml", "..")])
def test_a_file_in_place_of_a_name_is_told_the_options_for_it(
    file: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "nonce").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / "nonce" if folder == ".." else tmp_path)
    write(Path(), GOOD, file)
    with pytest.raises(SettingsError) as refused:
        Library([tmp_path]).matching(file)
    assert str(refused.value).endswith(f"to use it: --scenarios {folder} --scenario nonce/x")


def test_a_recording_in_place_of_a_name_is_told_its_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    write(Path(), "version: 1\ninteractions: []\n", "tape.yaml")
    with pytest.raises(SettingsError, match=r"`tape.yaml` is a recording, .*; to use it: --cassette tape.yaml$"):
        Library([tmp_path]).matching("tape.yaml")


def test_both_endings_of_yaml_are_found(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "text/one.yaml")
    write(tmp_path, GOOD, "text/two.yml")
    assert Library([tmp_path]).names == ["text/one", "text/two"]


def test_one_name_with_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "text/one.yaml")
    write(tmp_path, GOOD, "text/one.yml")
    with pytest.raises(SettingsError, match=r"text/one\.yaml and one\.yml are one scenario twice: rename one"):
        Library([tmp_path])


def test_a_folder_without_a_scenario_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "at-the-wrong-depth.yaml")
    with pytest.raises(SettingsError, match=r"no scenario in this folder; one is a file such as text/my-own\.yaml"):
        Library([tmp_path])


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder"):
        Library([tmp_path / "nowhere"])
