"""`[tool.chatgptfree_mock]`: each key acts in `serve`, `crashtest`, `MockSite` and the marker alike, or is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.support.releases import BASE

from chatgptfree_mock import cli
from chatgptfree_mock.cli import serve
from chatgptfree_mock.config.keys import SETTINGS
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.project_folder import project_folder
from chatgptfree_mock.config.redaction import redaction_rules
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.crashtest.scenarios import session
from chatgptfree_mock.crashtest.scenarios.plan import Case, Plan
from chatgptfree_mock.crashtest.scenarios.results import Card
from chatgptfree_mock.errors import CassetteError, SettingsError, UnknownReleaseError
from chatgptfree_mock.server.app import CONFIG
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.tape.replay_options import ReplayOptions

AJAX = "/wp-admin/admin-ajax.php"
TAPE = f"""
version: 1
interactions:
- request: {{method: GET, uri: 'https://a{AJAX}', headers: {{}}, body: ''}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: one}}}}
"""
STORY = 'title: Mine\nsite: {plugin: "1.8.93"}\nexpect: {text: Hi}\n'
TABLE = {
    "plugin": ("1.8.90", "1.8.90"),
    "chunks": ("bytes", "bytes"),
    "pace": ("x4", "x4"),
    "scenarios": (["mine"], "mine"),
    "releases": (["own/92.5.0.yaml"], "92.5.0"),
    "templates": (["pages"], "<i>Mine</i>"),
    "strict_release": (True, "unknown plugin release `92.6.0`"),
    "match_on": (["path"], ("path",)),
    "volatile": (["id"], ("id",)),
    "on_miss": ("nearest", "nearest"),
    "repeat": (False, False),
    "rewrite": ("all", "all"),
    "tokens": ("off", "off"),
}
"""Of each key a value, and how it shows."""


def of_replay(options: ReplayOptions) -> dict[str, Any]:
    seen = {name: getattr(options, name) for name in ("match_on", "volatile", "on_miss", "repeat", "rewrite")}
    return {**seen, "tokens": options.tokens.word}


def of_pack(reference: str) -> dict[str, Any]:
    """Return what a pack has of the user's own: its newest release, a template, and how it takes an unknown one."""
    pack = registry.load(reference)
    site = pack.build(SiteSettings(page_kilobytes=1), now=lambda: 0.0, random=Random(1), store=MemoryStore())
    try:
        unknown = pack.releases.find("92.6.0").name
    except UnknownReleaseError as exc:
        unknown = str(exc).partition(";")[0]
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    return {
        "releases": pack.releases.names[-1],
        "templates": "<i>Mine</i>" if "<i>Mine</i>" in page else page,
        "strict_release": unknown,
    }


def of_server(config: ServerConfig) -> dict[str, Any]:
    return {
        **of_pack(config.pack.name),
        "plugin": config.settings.plugin,
        "chunks": str(config.delivery.chunks),
        "pace": str(config.delivery.pace),
        "scenarios": config.scenarios[0].name if config.scenarios else None,
        **of_replay(config.replay),
    }


def note_server(monkeypatch: pytest.MonkeyPatch) -> list[ServerConfig]:
    """Let `serve` return at once; the list gets what it was to run."""
    seen: list[ServerConfig] = []

    async def note(server: MockServer, *_arguments: object, **_more: object) -> int:
        seen.append(server.app[CONFIG])
        return 0

    monkeypatch.setattr(serve, "serve_alone", note)
    return seen


def in_serve(_project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen = note_server(monkeypatch)
    assert cli.run(["serve", "--cassettes", "tape.yaml"]) == 0
    return of_server(seen[0])


def in_crashtest(_project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def note(plan: Plan, planned: list[Case], **_more: object) -> Card:
        words = planned[0].scenario.delivery
        seen.update(chunks=words.chunks, pace=words.pace, scenarios=Path(plan.folders[-1]).name)
        seen.update(of_replay(plan.replay))
        seen.update(of_pack(plan.pack))
        return Card(client="client", results=[])

    monkeypatch.setattr(session, "run", note)
    with redirect_stdout(StringIO()) as shown:
        assert cli.run(["crashtest", "--scenario", "text/mine", "--", sys.executable, "{url}"]) == 0
    return {**seen, "plugin": " ".join(shown.getvalue().split())}


def in_mock_site(_project: Path, _monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return of_server(MockSite(cassette="tape.yaml").server.app[CONFIG])


MARKED = """
import json
from pathlib import Path
import pytest
from chatgptfree_mock.server.app import CONFIG

@pytest.mark.chat_site(cassette="tape.yaml")
def test_x(chat_site, chat_server):
    options = chat_site.mounted.site._player._options
    seen = {name: getattr(options, name) for name in ("on_miss", "repeat", "rewrite", "match_on", "volatile")}
    seen |= {"tokens": options.tokens.word}
    seen |= {"plugin": chat_site.mounted.settings.plugin, "scenarios": chat_server.app[CONFIG].scenarios[0].name}
    seen |= {"pack": chat_site.mounted.spec.pack.name}
    delivery = chat_site.mounted.delivery
    Path("seen.json").write_text(json.dumps({**seen, "chunks": str(delivery.chunks), "pace": str(delivery.pace)}))
"""


def in_marker(project: Path, _monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    (project / "test_marked.py").write_text(MARKED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "chatgptfree_mock.pytest_plugin"]
    subprocess.run([*command, "test_marked.py"], env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, check=True)
    seen: dict[str, Any] = json.loads((project / "seen.json").read_bytes())
    seen |= of_pack(seen["pack"])
    return {name: tuple(value) if isinstance(value, list) else value for name, value in seen.items()}


CONSUMERS: Mapping[str, Callable[[Path, pytest.MonkeyPatch], dict[str, Any]]] = {
    "serve": in_serve,
    "crashtest": in_crashtest,
    "MockSite": in_mock_site,
    "marker": in_marker,
}


def write_table(project: Path, **table: object) -> None:
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    text = "\n".join(["[tool.chatgptfree_mock]", *lines, "[tool.pytest.ini_options]", ""])
    (project / "pyproject.toml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each consumer makes of a project whose table has all keys."""
    project = tmp_path_factory.mktemp("project")
    (project / "tape.yaml").write_text(TAPE, encoding="utf-8")
    (project / "mine" / "text").mkdir(parents=True)
    (project / "mine" / "text" / "mine.yaml").write_text(STORY, encoding="utf-8")
    (project / "own").mkdir()
    (project / "own" / "92.5.0.yaml").write_text(BASE, encoding="utf-8")
    (project / "pages").mkdir()
    (project / "pages" / "comments.html.j2").write_text("<i>Mine</i>", encoding="utf-8")
    write_table(project, **{key: value for key, (value, _) in TABLE.items()})
    found = {}
    for name, consumer in CONSUMERS.items():
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.chdir(project)
            found[name] = consumer(project, monkeypatch)
    return found


def test_no_key_is_left_out_here() -> None:
    assert TABLE.keys() | {"pack"} == SETTINGS.keys()  # `pack`: tests/mock/contract/test_third_party_pack.py


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("key", list(TABLE))
def test_every_key_acts_in_every_consumer(key: str, consumer: str, seen: dict[str, dict[str, Any]]) -> None:
    if (key, consumer) == ("plugin", "crashtest"):  # each scenario names its own
        assert "`plugin` in [tool.chatgptfree_mock] has no effect" in seen[consumer][key]
    else:
        assert seen[consumer][key] == TABLE[key][1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('strict_release = "perhaps"', "`strict_release` is neither true nor false: `perhaps`"),
        ('plugin = "newest"', "`newest` is not a release number"),
        ('chunks = "byte"', "did you mean `bytes`?"),
        ('pace = "instnt"', "did you mean `instant`?"),
        ('match_on = ["pth"]', "did you mean `path`?"),
        ('repeat = "perhaps"', "neither true nor false"),
        ('on_miss = "closest"', "no such word: `closest`"),
        ("plugin = 2.10", "`plugin` is not a text in quotes"),
        ('scenarios = ["mine", {a = 1}]', "`scenarios` is not a text in quotes, or a list of such texts"),
        ("repeat = 1", "`repeat` is not true or false"),
        ('redacts = {words = ["Jane"]}', "unknown key `redacts` in [tool.chatgptfree_mock]; did you mean `redact`?"),
    ],
)
def test_a_wrong_value_names_file_table_and_the_nearest_word(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.chatgptfree_mock]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        project_settings(tmp_path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "pyproject.toml"))
    assert "[tool.chatgptfree_mock]" in str(caught.value)


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("[tool.chatgptfree-mock]", "[tool.chatgptfree-mock] has no effect; did you mean [tool.chatgptfree_mock]?"),
        ("[tool.ChatGPTFree]", "[tool.ChatGPTFree] has no effect; did you mean [tool.chatgptfree_mock]?"),
        ("[chatgptfree_mock]", "[chatgptfree_mock] has no effect; write [tool.chatgptfree_mock]"),
    ],
)
def test_a_table_that_would_have_no_effect_is_refused(heading: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(f'{heading}\nchunks = "utf8"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        project_settings(tmp_path)
    assert str(caught.value) == f"{file}: {message}"


def test_the_tables_of_other_tools_are_theirs(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.chat]\n[tool.chatterbox]\n[tool.coverage]\n", encoding="utf-8")
    assert project_settings(tmp_path) == {}


@pytest.mark.parametrize(
    "wrong", ['redacts = {words = ["Jane"]}', 'chunk = "utf8"', "plugin = 2.10", 'redact = {word = ["Jane"]}']
)
def test_what_redacts_refuses_a_table_that_is_wrong_anywhere(wrong: str, tmp_path: Path) -> None:
    """A rule under a mistyped key was dropped, and the recording kept the secret."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.chatgptfree_mock]\n{wrong}\n", encoding="utf-8")
    with pytest.raises(CassetteError, match=r"pyproject\.toml: "):
        redaction_rules(tmp_path)


def test_what_is_given_is_nearer_than_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tape.yaml").write_text(TAPE, encoding="utf-8")
    write_table(tmp_path, plugin="1.8.90", chunks="bytes", pace="x4", on_miss="nearest", volatile=["id"])
    site = MockSite(plugin="1.8.93", delivery="chunks=utf8", cassette="tape.yaml", on_miss="refuse", volatile=["q"])
    given = of_server(site.server.app[CONFIG])
    assert (given["plugin"], given["chunks"], given["pace"], given["on_miss"]) == ("1.8.93", "utf8", "x4", "refuse")
    assert given["volatile"] == ("q", "id")
    assert of_server(MockSite(settings={"plugin": "2.3"}).server.app[CONFIG])["plugin"] == "2.3"
    assert of_server(MockSite(cassette="1.8.91/msg_ok_s").server.app[CONFIG])["plugin"] == "1.8.91"


def test_recordings_of_whole_pages_have_no_use_for_the_release_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tape.yaml").write_text(TAPE.replace(AJAX, "/"), encoding="utf-8")
    write_table(tmp_path, plugin="1.8.90")
    assert of_server(MockSite(cassette="tape.yaml").server.app[CONFIG])["plugin"] == SiteSettings().plugin


@pytest.mark.parametrize(("text", "plugin"), [("plugin: 2.4.71\n", "2.4.71"), ("nonce: fresh\n", "1.8.90")])
def test_a_settings_file_is_nearer_than_the_table(
    text: str, plugin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
    write_table(tmp_path, plugin="1.8.90")
    seen = note_server(monkeypatch)
    assert cli.run(["serve", "--site", "site.yaml"]) == 0
    assert seen[0].settings.plugin == plugin


def test_the_table_is_that_of_the_file_as_it_is_now_in_the_nearest_folder(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.chatgptfree_mock]\nscenarios = ['mine']\n")
    below = tmp_path / "below" / "here"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_bytes(file.read_bytes())
    first = project_settings(tmp_path)
    first["pace"] = "x4"
    assert project_settings(tmp_path) == {"scenarios": str(tmp_path / "mine")}
    assert project_settings(below) == {"scenarios": str(below / "mine")}
    file.write_text("[tool.chatgptfree_mock]\nscenarios = ['ours']\n")
    assert project_settings(tmp_path) == {"scenarios": str(tmp_path / "ours")}
    assert project_folder(below.parent) == tmp_path
    assert project_folder(below) == below


def test_without_a_project_the_folder_is_the_one_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.isfile", lambda _path: False)
    assert project_folder(Path("here")) == Path("here")
    assert project_folder() == Path.cwd()
