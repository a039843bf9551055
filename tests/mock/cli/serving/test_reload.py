"""A server that is reloaded from its files: all that they decide changes, and nothing if one is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from tests.support import fictional, tapes
from tests.support.releases import NEWEST

from chatgptfree_mock.cli.serving import watching
from chatgptfree_mock.cli.serving.options import SiteOptions
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.server.control import SCENARIO_SITES
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig

pytestmark = pytest.mark.asyncio


def options(**given: Any) -> SiteOptions:
    defaults: dict[str, Any] = {
        **dict.fromkeys(("pack", "plugin", "site_file")),
        **dict.fromkeys(("cassettes", "scenarios", "release_files", "templates", "files", "api_hosts"), ()),
        **dict.fromkeys(("strict", "strict_release"), False),
        "replay": {},
        "delivery": (None, None, (), 0),
        "memory": 2**20,
        "api_token": "t",
    }
    return SiteOptions(**{**defaults, **given})


class Watched:
    """A server whose files are looked at when the test wants it."""

    def __init__(self, given: SiteOptions, *, once_loaded: Callable[[], object] = lambda: None) -> None:
        first = watching.load(given)
        once_loaded()
        self.lines: list[str] = []
        config, stamps = watching.config_with_stable_files(given, first, self.lines.append)
        self.server = MockServer(config)
        self._reloader = watching.reloader(
            self.server, given, config, stamps, all_hosts=False, report=self.lines.append
        )

    async def look(self) -> list[str]:
        """Look twice, and return the lines for the user."""
        self.lines.clear()
        await self._reloader.look()
        await self._reloader.look()
        return self.lines

    async def get(self, path: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(self.server.url + path) as response:
            return await response.text()


def write(file: Path, value: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(value if isinstance(value, str) else yaml.safe_dump(value))
    return file


def tape(file: Path, path: str, body: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    return tapes.write(file, tapes.exchange("GET", f"https://example.org{path}", body, kind="text/plain"))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project of its own."""
    write(tmp_path / "pyproject.toml", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_the_settings_file(project: Path) -> None:
    site = write(project / "site.yaml", {"plugin": "1.8.93"})
    watched = Watched(options(site_file=site))
    async with watched.server:
        clock, journal = watched.server.sites.root.clock, watched.server.sites.root.journal
        await watched.get("/chat/")
        assert await watched.look() == []
        write(site, {"plugin": "2.3", "model": {"reply": "New"}})
        assert await watched.look() == ["reloaded: site.yaml (changed)"]
        root = watched.server.sites.root
        assert (root.spec.release, root.settings.model.reply) == ("2.3", "New")
        assert (root.clock, root.journal.total) == (clock, journal.total)
        assert "data-config" in await watched.get("/chat/")


async def test_a_wrong_file_leaves_everything_as_it_was_until_it_is_right(project: Path) -> None:
    site = write(project / "site.yaml", {"pack": "recorded"})
    recorded = tape(project / "tapes" / "one.yaml", "/one", "one")
    watched = Watched(options(site_file=site, cassettes=(str(recorded.parent),)))
    async with watched.server:
        before = watched.server.sites.root.site
        write(site, "pack: recorded\ncasettes: []\n")
        tape(recorded, "/one", "changed")
        (line,) = await watched.look()
        assert line.startswith("not reloaded, the site stays as it was: ")
        assert "site.yaml" in line
        assert "did you mean `cassettes`?" in line
        assert watched.server.sites.root.site is before
        assert await watched.get("/one") == "one"
        assert await watched.look() == []  # once is enough
        write(site, {"pack": "recorded"})
        assert await watched.look() == ["reloaded: site.yaml (changed), tapes/one.yaml (changed)"]
        assert await watched.get("/one") == "changed"


async def test_a_new_recording_of_a_path_of_the_mock_is_named_and_answered(project: Path) -> None:
    folder = project / "tapes"
    tape(folder / "one.yaml", "/s/one", "one")
    watched = Watched(options(cassettes=(str(folder),)))
    async with watched.server:
        assert "Bearer" in await watched.get("/__mock__/api/sites")
        tape(folder / "two.yaml", "/__mock__/api/sites", "two")
        assert await watched.look() == [
            "Recorded, so not the mock's own: /__mock__/api/sites",
            "reloaded: tapes/two.yaml (new)",
        ]
        assert (await watched.get("/s/one"), await watched.get("/__mock__/api/sites")) == ("one", "two")


async def test_recordings_come_change_and_go(project: Path) -> None:
    folder = project / "tapes"
    tape(folder / "one.yaml", "/one", "one")
    watched = Watched(options(cassettes=(str(folder),)))
    async with watched.server:
        tape(folder / "two.yaml", "/two", "two")
        assert await watched.look() == ["reloaded: tapes/two.yaml (new)"]
        assert (await watched.get("/one"), await watched.get("/two")) == ("one", "two")
        (folder / "one.yaml").unlink()
        assert await watched.look() == ["reloaded: tapes/one.yaml (gone)"]
        assert "two" in await watched.get("/two")
        assert await watched.get("/one") != "one"
        write(folder / "two.yaml", "interactions: [")
        (line,) = await watched.look()
        assert line.startswith("not reloaded")
        assert await watched.get("/two") == "two"


async def test_one_broken_recording_among_good_ones_is_not_left_out_on_a_reload(project: Path) -> None:
    folder = project / "tapes"
    for name in ("one", "two"):
        tape(folder / f"{name}.yaml", f"/{name}", name)
    watched = Watched(options(cassettes=(str(folder),)))
    async with watched.server:
        write(folder / "two.yaml", "services: {}")
        (line,) = await watched.look()
        assert line.startswith("not reloaded, the site stays as it was: ")
        assert "tapes/two.yaml: left out" in line
        assert await watched.get("/two") == "two"


async def test_a_recording_that_the_settings_name(project: Path) -> None:
    recorded = tape(project / "one.yaml", "/one", "one")
    site = write(project / "site.yaml", {"pack": "recorded", "cassettes": [str(recorded)]})
    watched = Watched(options(site_file=site))
    async with watched.server:
        tape(recorded, "/one", "changed")
        assert await watched.look() == ["reloaded: one.yaml (changed)"]
        assert await watched.get("/one") == "changed"


def scenario(title: str, reply: str) -> dict[str, Any]:
    site = {"plugin": "1.8.93", "model": {"reply": reply}}
    return {"title": title, "site": site, "expect": {"text": reply}}


async def test_scenarios_and_their_runs(project: Path) -> None:
    folder = project / "mine"
    for name in ("one", "two"):
        write(folder / "own" / f"{name}.yaml", scenario(name, name))
    watched = Watched(options(scenarios=(folder,)))
    async with watched.server:
        plays = watched.server.app[SCENARIO_SITES]
        runs = {name: plays.find(f"/s/own/{name}/@1/chat/", "")[0] for name in ("one", "two")}
        write(folder / "own" / "two.yaml", scenario("two", "other"))
        assert await watched.look() == ["reloaded: mine/own/two.yaml (changed)"]
        assert plays.find("/s/own/one/@1/chat/", "")[0] is runs["one"]
        found = plays.find("/s/own/two/@1/chat/", "")[0]
        assert found is not runs["two"]
        assert found.settings.model.reply == "other"
        write(folder / "own" / "two.yaml", {"title": "no expectation"})
        (line,) = await watched.look()
        assert line.startswith("not reloaded")
        assert "two.yaml" in line
        assert plays.library["own/two"].scenario.expect.text == "other"


async def test_releases(project: Path) -> None:
    release = fictional.write(project)
    watched = Watched(options(release_files=(release,), plugin=NEWEST))
    async with watched.server:
        added = watched.server.sites.add(watched.server.sites.root.spec, AS_RECORDED, name="mine")
        pack = added.spec.pack
        write(release, release.read_text() + "\n# a remark\n")
        (line,) = await watched.look()
        assert line == f"reloaded: {release.name} (changed)"
        assert added.spec.pack is watched.server.sites.root.spec.pack is not pack
        write(release, "nonsense: 1\n")
        (line,) = await watched.look()
        assert line.startswith("not reloaded")
        assert added.spec.pack is watched.server.sites.root.spec.pack


def header(text: str) -> str:
    return f'{{% extends "shipped/page.html.j2" %}}{{% block header %}}<i>{text}</i>{{% endblock %}}'


@pytest.mark.parametrize("named_by", ["option", "table"])
async def test_templates(named_by: str, project: Path) -> None:
    page = write(project / "pages" / "page.html.j2", header("before"))
    if named_by == "table":
        write(project / "pyproject.toml", '[tool.chatgptfree_mock]\ntemplates = ["pages"]\n')
    watched = Watched(options(templates=(page.parent,) if named_by == "option" else ()))
    async with watched.server:
        assert "<i>before</i>" in await watched.get("/chat/")
        write(page, header("and after"))
        assert await watched.look() == ["reloaded: pages/page.html.j2 (changed)"]
        assert "<i>and after</i>" in await watched.get("/chat/")
        write(page, header("{{ tittle }}"))
        (line,) = await watched.look()
        assert line.startswith("not reloaded, the site stays as it was: ")
        assert "'tittle' is undefined" in line
        assert "<i>and after</i>" in await watched.get("/chat/")
        page.unlink()
        (line,) = await watched.look()
        assert "no template in this folder" in line
        assert "<i>and after</i>" in await watched.get("/chat/")
        write(page.with_name("comments.html.j2"), "<b>comments</b>")
        assert await watched.look() == ["reloaded: pages/comments.html.j2 (new), pages/page.html.j2 (gone)"]
        assert "<i>" not in (answer := await watched.get("/chat/"))
        assert "<b>comments</b>" in answer


@pytest.mark.parametrize("named_by", ["options", "settings", "folder"])
async def test_a_change_while_the_server_starts_is_not_missed(named_by: str, project: Path) -> None:
    recorded = tape(project / "tapes" / "one.yaml", "/one", "one")
    names = [str(recorded)] if named_by == "settings" else []
    site = write(project / "site.yaml", {"pack": "recorded", "cassettes": names})
    options_of = {"options": (str(recorded),), "settings": (), "folder": (str(recorded.parent),)}

    def change() -> None:
        tape(recorded, "/one", "changed")
        if named_by == "folder":
            tape(recorded.with_name("two.yaml"), "/two", "two")

    watched = Watched(options(site_file=site, cassettes=options_of[named_by]), once_loaded=change)
    async with watched.server:
        await watched.look()
        assert await watched.get("/one") == "changed"
        assert (await watched.get("/two") == "two") == (named_by == "folder")
        assert await watched.look() == []


async def test_a_change_while_a_file_is_read_for_the_first_time_is_not_missed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = tape(project / "one.yaml", "/one", "one")
    site = write(project / "site.yaml", {"plugin": "1.8.93"})
    watched = Watched(options(site_file=site))
    later = ["changed", "changed again"]

    def load(given: SiteOptions) -> ServerConfig:
        loaded = given.config(given.recordings())
        if later:
            tape(recorded, "/one", later.pop(0))
        return loaded

    monkeypatch.setattr(watching, "load", load)
    async with watched.server:
        write(site, {"pack": "recorded", "cassettes": [str(recorded)]})
        assert await watched.look() == ["reloaded: site.yaml (changed)"]
        assert await watched.look() == ["reloaded: one.yaml (changed)"]
        assert await watched.get("/one") == "changed again"


async def test_a_recording_that_is_left_out_of_a_second_reading_is_named(project: Path) -> None:
    for name in ("one", "two"):
        tape(project / "tapes" / f"{name}.yaml", f"/{name}", name)
    watched = Watched(
        options(cassettes=("tapes",)), once_loaded=lambda: write(project / "tapes" / "three.yaml", "services: {}")
    )
    assert [line for line in watched.lines if "tapes/three.yaml: left out" in line] == watched.lines != []


async def test_the_projects_table(project: Path) -> None:
    watched = Watched(options())
    async with watched.server:
        write(project / "pyproject.toml", '[tool.chatgptfree_mock]\nchunks = "bytes"\nplugin = "1.8.93"\n')
        assert await watched.look() == ["reloaded: pyproject.toml (changed)"]
        root = watched.server.sites.root
        assert (str(root.delivery.chunks), root.spec.release) == ("bytes", "1.8.93")
        write(project / "pyproject.toml", '[tool.chatgptfree_mock]\nchunk = "bytes"\n')
        (line,) = await watched.look()
        assert "did you mean `chunks`?" in line


async def test_recordings_are_refused_while_answers_are_pushed_by_hand(project: Path) -> None:
    site = write(project / "site.yaml", "")
    recorded = tape(project / "one.yaml", "/one", "one")
    watched = Watched(options(site_file=site))
    async with watched.server:
        watched.server.sites.root.live = LiveReply()
        write(site, {"pack": "recorded", "cassettes": [str(recorded)]})
        (line,) = await watched.look()
        assert line.startswith("not reloaded, the site stays as it was: the answers of this site are live")
        assert watched.server.sites.root.spec.pack.name == "aipower"
