"""Sites that are added to a running server by the options of a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.releases import BASE

from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.temporary_site import open_site
from chatgptfree_mock.serving import MockServer


def project(folder: Path, *releases: str) -> Path:
    (folder / "releases").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    for name in releases:
        (folder / "releases" / f"{name}.yaml").write_text(BASE)
    return folder


def test_a_site_without_a_pack_has_that_of_the_server_wherever_the_test_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path / "own", "9.1"))
    spec = choose_site()
    with MockServer(ServerConfig(pack=spec.pack, settings=spec.settings)) as server:
        monkeypatch.chdir(project(tmp_path / "other", "9.2"))
        with open_site(server, "first", {}) as site:
            assert site.mounted.spec.pack is spec.pack
        with open_site(server, "second", {"plugin": "9.1"}) as site:
            assert site.warnings == []
        with open_site(server, "third", {"pack": "recorded"}) as site:
            assert site.mounted.spec.pack.name == "recorded"
        with open_site(server, "fourth", {"settings": {"pack": "recorded"}}) as site:
            assert site.mounted.spec.pack.name == "recorded"


def test_a_server_without_releases_of_its_own_takes_none_of_the_folder_where_the_test_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path / "own"))
    with MockServer() as server:
        monkeypatch.chdir(project(tmp_path / "other", "9.2"))
        with open_site(server, "first", {}) as site:
            assert site.mounted.spec.pack is server.sites.root.spec.pack
