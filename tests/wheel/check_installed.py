"""Run against the installed wheel, away from the checkout."""

from __future__ import annotations

import re
from importlib.metadata import metadata, version
from pathlib import Path
from urllib.request import urlopen

import pytest

import chatgptfree
import chatgptfree_mock
from chatgptfree import blocking
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import cassette_folder, load


def test_it_is_the_installed_package_that_is_tested() -> None:
    for package in (chatgptfree, chatgptfree_mock):
        assert "site-packages" in Path(str(package.__file__)).parts
    assert version("chatgptfree")


def test_every_link_of_the_description_leads_somewhere_from_an_index() -> None:
    description = metadata("chatgptfree")["Description"]
    assert "# chatgptfree" in description
    assert "`chatgptfree` plays such a site offline" in description
    links = re.findall(r"\]\(([^)]*)\)", description)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_every_file_of_the_sources_comes_with_it() -> None:
    root = Path(__file__).parents[2]
    for source in (root / "client/chatgptfree", root / "mock_server/chatgptfree_mock", root / "cassettes"):
        package = chatgptfree if source.name == "chatgptfree" else chatgptfree_mock
        installed = Path(str(package.__file__)).parent / ("cassettes" if source.name == "cassettes" else "")
        files = {each.relative_to(source) for each in source.rglob("*") if each.is_file() and each.suffix != ".pyc"}
        assert len(files) > 30
        assert [
            str(each) for each in sorted(files) if each.name != "ruff.toml" and not (installed / each).is_file()
        ] == []


def test_the_recordings_come_with_it() -> None:
    folder = cassette_folder()
    assert folder.parent == Path(str(chatgptfree_mock.__file__)).parent
    files = sorted(folder.glob("recorded/*/*.yaml"))
    assert len(files) == 625
    assert all(load(file).interactions for file in files)


@pytest.mark.parametrize("plugin", ["1.8.93", "2.4.71"])
def test_a_site_answers_from_it(plugin: str) -> None:
    with MockSite(plugin=plugin, reply="Hello 👋") as site, blocking.ChatClient(site.url) as chat:
        assert chat.ask("hi").text == "Hello 👋"


def test_console_and_scenarios_come_with_it() -> None:
    with MockSite() as site:
        for path in ("__mock__/", "__mock__/icon.svg", "__mock__/api/openapi.json", "s/nonce/expired-403/"):
            with urlopen(f"{site.url}/{path}") as answer:
                assert answer.status == 200
                assert answer.read()
