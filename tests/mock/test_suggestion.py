"""The word that was meant: the one that means the same, or else the one that is spelled most alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.suggestion import did_you_mean, nearest, nearest_or_all


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        pytest.param("release", ["plugin", "strict_release"], "plugin", id="another word for it"),
        pytest.param("plugins", ["releases", "pages"], "releases", id="another word, where the first is not known"),
        pytest.param("release", ["strict_release", "pace"], "strict_release", id="a near one, as no other is known"),
        pytest.param("plugn", ["plugin", "releases"], "plugin", id="a near one"),
        pytest.param("zzz", ["plugin", "releases"], None, id="none"),
    ],
)
def test_the_word_that_was_meant(word: str, known: list[str], meant: str | None) -> None:
    assert nearest(word, known) == meant
    assert did_you_mean(word, known) == (f"; did you mean `{meant}`?" if meant else "")


def test_the_nearest_word_ends_the_message_or_else_the_list_of_words() -> None:
    assert nearest_or_all("txt", ["text", "json"]) == "; did you mean `text`?"
    assert nearest_or_all("zzz", ["text", "json"]) == "; there are: text, json"
    assert nearest_or_all("zzz", ["text"]) == "; there is only `text`"
    assert nearest_or_all("zzz", []) == "; there are: none"


@pytest.mark.parametrize("command", ["serve --release 1.8.93", "crashtest --release 1.8.93 -- true"])
def test_an_option_with_another_word_for_the_plugin_s_release(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split()) == 2
    assert "no such option: `--release`; did you mean `--plugin`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("careless: wrong", "unknown key `careless`; did you mean `naive`?"),
        ("plugins: all", "unknown key `plugins`; did you mean `releases`?"),
        ("site: {model: {piece_ms: 5}}", "unknown key `piece_ms` - at `$.site.model`; did you mean `delta_ms`?"),
        ("site: {release: 1.8.93}", "unknown key `release` - at `$.site`; did you mean `plugin`?"),
    ],
)
def test_a_key_of_a_scenario_with_another_word(
    line: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "one.yaml").write_text(f"title: One\n{line}\nexpect: {{text: Hello}}\n")
    assert run(["scenarios", "mine/one", "--scenarios", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err


def test_an_argument_with_another_word() -> None:
    with pytest.raises(TypeError, match="no argument `release`; did you mean `plugin`"):
        MockSite(release="1.8.93")  # type: ignore[call-arg]
