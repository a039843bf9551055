"""Settings files: what is wrong in one is named with its file, its place and the nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock.config.settings_file import load_settings
from chatgptfree_mock.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(
            "plugin: 1.8.9x",
            "unknown plugin release `1.8.9x` - at `$.plugin`; the nearest is 1.8.99",
            id="not a number",
        ),
        pytest.param("plugin: 1.8.9x", "- at `$.plugin`; the nearest is 1.8.9", id="a release with a typo"),
        pytest.param(
            "wordpress: 3.0", "WordPress 3.0 is older than 4.4, the oldest known - at `$.wordpress`", id="core"
        ),
        pytest.param("bots: [{provder: Google}]", "- at `$.bots[0]`; did you mean `provider`?", id="a key with a typo"),
        pytest.param(
            "nonce: expierd", "- at `$.nonce`; did you mean `always-expired`?", id="a word like one elsewhere"
        ),
        pytest.param("limit: {word: 5}", "- at `$.limit`; there are: tokens, message, ", id="a key of another mapping"),
        pytest.param("front: {challenge: 403}", "- at `$.front.challenge`; its keys are status", id="a value for keys"),
        pytest.param("front: {compression: [gizp]}", "`$.front.compression[0]`; did you mean `gzip`?", id="a list"),
        pytest.param("model: {refused: timeot}", "`$.model.refused`; did you mean `timeout`?", id="a word or a flag"),
        pytest.param("bots: [{model: {finish: stp}}]", "`$.bots[0].model.finish`; did you mean `stop`?", id="deep"),
        pytest.param("bots: [{provider: Gogle}]", "did you mean `Google`?", id="a word with a typo"),
        pytest.param("front: {ajax_path: hidden.php}", "- at `$.front.ajax_path`", id="no path"),
        pytest.param("front: {ajax_path: '/a{b'}", "- at `$.front.ajax_path`", id="a path of signs"),
        pytest.param(
            "nonce: expired",
            "did you mean `always-expired`?",
            id="a nonce that there is not",
        ),
        pytest.param("plugin: 2.3\nplugin: 1.8.93", "line 2: duplicate key `plugin`", id="a key twice"),
        pytest.param("model:\n  reply: a\n  reply: b", "line 3: duplicate key `reply`", id="a key twice, deep"),
        pytest.param("plugin: [", "not YAML: did not find expected node content in line 2, column 1", id="cut"),
    ],
)
def test_mistakes_are_named(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_settings(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert complaint in str(raised.value)


def test_a_release_may_be_written_like_a_number(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("plugin: 2.3\nwordpress: 6.8\n")
    settings = load_settings(file).settings
    assert (settings.plugin, settings.wordpress) == ("2.3", "6.8")
