"""References to packs: plain text that names a pack with a user's own files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support import fictional
from tests.support.releases import BASE, NEWEST

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.errors import SettingsError, UnknownReleaseError


def test_a_pack_without_files_is_named_by_its_name() -> None:
    assert registry.reference("aipower") == "aipower"
    assert registry.load("aipower") is registry.load(DEFAULT_PACK)


def test_a_reference_leads_to_the_pack_with_the_files(tmp_path: Path) -> None:
    file = fictional.write(tmp_path)
    named = registry.reference("aipower", releases=[file])
    pack = registry.load(named)
    assert pack.releases.names[-1] == fictional.NAME
    assert pack.name == named
    assert registry.base_name(named) == "aipower"
    assert registry.load(named) is pack
    assert registry.load(DEFAULT_PACK).releases.names[-1] == NEWEST
    assert registry.load(DEFAULT_PACK).name == "aipower"


def test_folders_below_one_of_releases_are_not_walked(tmp_path: Path) -> None:
    fictional.write(tmp_path)
    (tmp_path / "below/deeper").mkdir(parents=True)
    named = registry.reference("aipower", releases=[tmp_path])
    pack = registry.load(named)
    (tmp_path / "below/deeper/notes.txt").write_text("not a release")
    assert registry.load(named) is pack


def test_a_file_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    file = fictional.write(tmp_path)
    named = registry.reference("aipower", releases=[tmp_path])
    assert "92.5.0" in registry.load(named).releases.names
    file.rename(tmp_path / "92.6.0.yaml")
    assert registry.load(named).releases.names[-1] == "92.6.0"
    (tmp_path / "92.6.0.yaml").write_text("base: 2.4.96\n")
    os.utime(tmp_path / "92.6.0.yaml", ns=(1, 1))
    assert registry.load(named).releases.find("92.6.0").date == ""


def test_references_add_up(tmp_path: Path) -> None:
    first, second = tmp_path / "92.5.0.yaml", tmp_path / "92.6.0.toml"
    first.write_text(BASE)
    second.write_text('base = "92.5.0"\n')
    named = registry.reference(registry.reference("aipower", releases=[first]), releases=[second], strict_release=True)
    releases = registry.load(named).releases
    assert releases.names[-2:] == ("92.5.0", "92.6.0")
    with pytest.raises(UnknownReleaseError, match=r"`92\.7\.0`"):
        releases.find("92.7.0")


def test_another_pack_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    fictional.write(tmp_path)
    with pytest.raises(SettingsError, match="the pack recorded has no releases"):
        registry.load(registry.reference("recorded", releases=[tmp_path]))


def test_a_project_without_metadata_is_to_be_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: ())
    with pytest.raises(SettingsError, match=r"`never-loaded`; there are: none; reinstall the project, its metadata is"):
        registry.load("never-loaded")
