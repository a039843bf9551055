"""A site pack from another distribution: found by its entry point, run by everything, without an edit anywhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.error import HTTPError

import pytest
from tests.support.command_line import run_in_process
from tests.support.serve_command import get, serve_here

from chatgptfree_mock import cli
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.registry import GROUP, PackError, load
from chatgptfree_mock.errors import MockError, SettingsError, UnknownReleaseError
from chatgptfree_mock.serving import MockSite

pytest_plugins = ["pytester"]

DATA = Path(__file__).parents[2] / "data"
TINY = DATA / "tiny"
CLIENT = """
import json, re, sys, urllib.error, urllib.request

def ask(url, message, token):
    body = json.dumps({"question": message, "token": token}).encode()
    return urllib.request.urlopen(urllib.request.Request(url + "api/ask", body))

def page_token(url):
    return re.search('name="token" content="([0-9a-f]+)"', urllib.request.urlopen(url).read().decode())[1]

url, message, fixed = sys.argv[1], sys.argv[2], sys.argv[3:]
try:
    answer = ask(url, message, fixed[0] if fixed else page_token(url))
except urllib.error.HTTPError as exc:
    if exc.code != 403 or fixed:
        raise SystemExit(f"refused: {exc.code}")
    answer = ask(url, message, page_token(url))
for line in answer:
    try:
        part = json.loads(line)
    except ValueError:
        raise SystemExit("cut off")
    if "done" in part:
        break
    print(part["text"], end="", flush=True)
else:
    raise SystemExit("cut off")
"""

FORGETFUL = """
from tiny import TinyPack, TinySettings
from chatgptfree_mock.contract.pack import SitePack
class Pack(SitePack):
    name, Settings = "broken", TinySettings
    build, kind = TinyPack.build, TinyPack.kind
    del {}
PACK = Pack()
"""
OTHER_SETTINGS = """
from tiny import TinyPack
from chatgptfree_mock.contract.settings import SettingsPart
class Settings(SettingsPart):
    first_token: bool
class Pack(TinyPack):
    name, Settings = "broken", {}
PACK = Pack()
"""


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the folder with the pack and its entry point on the path, here and in programs that are started."""
    monkeypatch.syspath_prepend(str(TINY))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TINY), os.environ.get("PYTHONPATH", "")]))


def crash_test(folder: Path, *words: str, options: Sequence[str] = ()) -> tuple[int, dict[str, dict[str, object]]]:
    """Run the crash test's command line on the tiny pack; return its exit code and the results by scenario."""
    (folder / "client.py").write_text(CLIENT, encoding="utf-8")
    command = ["crashtest", "--pack", "tiny", "--json", "out.json", *options]
    client = ["--", sys.executable, "client.py", "{url}", "{message}", *words]
    done = run_in_process(cli.run, *command, *client, folder=folder)
    assert done.returncode in (0, 1), done.stderr
    results = json.loads((folder / "out.json").read_bytes())["results"]
    return done.returncode, {result["scenario"]: result for result in results}


def test_it_is_small() -> None:
    files = [file for file in TINY.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 120


def test_serve_runs_it() -> None:
    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert (announced["pack"], announced["plugin"]) == ("tiny", "current")
        assert '<meta name="token"' in get(announced["url"])
        with pytest.raises(HTTPError) as refused:
            get(announced["url"] + "/api/ask", method="POST", body={"question": "Hi", "token": "0123456789abcdef"})
        refused.value.close()
        assert refused.value.code == 403
        journal = json.loads(get(announced["url"] + "/__mock__/api/journal", token=announced["api_token"]))
        assert journal["exchanges"][-1]["why"] == ["the token is not accepted"]
        assert '<meta name="token"' in get(announced["url"] + "/s/stream/plain/")

    serve_here(visit, "--pack", "tiny")


def test_mock_site_runs_it() -> None:
    with MockSite(pack="tiny", reply=["Hel", "lo"], delivery="chunks=lines") as site:
        answer = get(site.url + "/api/ask", method="POST", body={"question": "Hi", "token": site.nonce})
        assert [json.loads(line) for line in answer.splitlines()] == [{"text": "Hel"}, {"text": "lo"}, {"done": 1}]
        site.configure(first_token=False)
        get(site.url)
        assert site.journal[0].why == ("the answer to 'Hi'",)
        assert len(site.journal[0].chunks) == 3


def test_crashtest_runs_its_scenarios_and_a_good_client_passes(tmp_path: Path) -> None:
    code, results = crash_test(tmp_path)
    assert {name: result["verdict"] for name, result in results.items()} == {
        "nonce/refused": "right",
        "stream/plain": "right",
        "transport/cut": "right",
    }
    assert code == 0
    assert {result["pack"] for result in results.values()} == {"tiny"}


def test_crashtest_reports_a_token_that_is_refused(tmp_path: Path) -> None:
    code, results = crash_test(tmp_path, "0123456789abcdef", options=["--scenario", "stream/*"])
    result = results["stream/plain"]
    assert (code, result["verdict"]) == (1, "wrong")
    assert "gave up" in str(result["reason"])
    assert "the token is not accepted" in str(result["exchanges"])
    assert "--pack tiny" in str(result["reproduce"])


def test_the_table_and_the_files_of_a_user_name_the_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.chatgptfree_mock]\npack = "tiny"\n', encoding="utf-8")
    (tmp_path / "site.yaml").write_text("pack: tiny\nreply: From a file\n", encoding="utf-8")
    own = tmp_path / "own" / "text"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("title: Mine\npack: tiny\nsite: {reply: Hi}\nexpect: {text: Hi}\n", encoding="utf-8")

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert '<meta name="token"' in get(announced["url"] + "/s/text/mine/")
        assert announced["pack"] == "tiny"

    serve_here(visit, "--site", str(tmp_path / "site.yaml"), "--scenarios", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)
    with MockSite() as site:
        assert site.mounted.spec.pack.name == "tiny"
    with pytest.raises(SettingsError, match="the pack aipower is asked for, but the settings are for the pack tiny"):
        MockSite(pack="aipower", settings={"pack": "tiny"})


def test_a_marker_names_the_pack(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
        import urllib.request
        import pytest

        @pytest.mark.chat_site(pack="tiny", reply="Hi")
        @pytest.mark.chat_plugins("all")
        def test_site(chat_site, chat_plugin):
            assert b'name="token"' in urllib.request.urlopen(chat_site.url).read()
            assert chat_plugin == "current"

        @pytest.mark.chat_site(pack="tiny")
        @pytest.mark.chat_scenarios("nonce/*")
        def test_scenario(chat_site, chat_scenario):
            assert b'name="token"' in urllib.request.urlopen(chat_site.url).read()
            assert chat_scenario.scenario.pack == "tiny"
        """
    )
    options = ("-p", "no:cacheprovider", "-p", "chatgptfree_mock.pytest_plugin")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        pytest.param(["serve", "--pack", "tniy"], "no such site pack: `tniy`; did you mean `tiny`?", id="serve"),
        pytest.param(["crashtest", "--pack", "x", "--", "y"], "; there are: aipower, recorded, tiny", id="crashtest"),
        pytest.param(["releases", "--pack", "x"], "no such site pack: `x`", id="releases"),
        pytest.param(["scenarios", "--pack", "x"], "no such site pack: `x`", id="scenarios"),
        pytest.param(
            ["serve", "--pack", "tiny", "--plugin", "2.4.71"], "has no releases: leave it out", id="a release"
        ),
        pytest.param(
            ["serve", "--pack", "tiny", "--cassettes", "1.8.93/msg_ok_s"], "does not answer from", id="a tape"
        ),
    ],
)
def test_what_does_not_exist_is_one_line_and_exit_code_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(words) == 2
    printed = capsys.readouterr().err
    assert complaint in printed
    assert (printed.count("\n"), "Traceback" in printed) == (1, False)


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        pytest.param("raise OSError('no\\nlibrary')", "fails to load: OSError: no library", id="raises"),
        pytest.param("import missing_library", "fails to load: ModuleNotFoundError: No module named", id="an import"),
        pytest.param("raise SystemExit(3)", "fails to load: SystemExit: 3", id="exits"),
        pytest.param("PACK = object()", "; derive its class from chatgptfree_mock.contract.pack.", id="else"),
        pytest.param(FORGETFUL.format("build"), "has no `build`: write `def build(self, ", id="no build"),
        pytest.param(FORGETFUL.format("kind"), "has no `kind`: write `def kind(self, settings, req", id="no kind"),
        pytest.param(OTHER_SETTINGS.format("dict"), "has `Settings` that do not derive from ", id="settings"),
        pytest.param(
            OTHER_SETTINGS.format("Settings"), "has a setting `first_token` without a default", id="no default"
        ),
        pytest.param("from tiny import TinyPack as PACK", "name an object, not a class", id="a class"),
        pytest.param("from tiny import PACK", "calls itself `tiny`", id="another name"),
        pytest.param("", "fails to load: AttributeError", id="nothing there"),
    ],
)
def test_a_pack_that_cannot_be_loaded_is_named_with_the_reason(
    code: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    metadata = tmp_path / "broken-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nbroken = broken_pack:PACK\n", encoding="utf-8")
    (tmp_path / "broken_pack.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_pack", raising=False)
    assert cli.run(["serve", "--pack", "broken"]) == 2
    printed = capsys.readouterr().err
    assert "the site pack `broken` (broken_pack:PACK)" in printed
    assert complaint in printed
    assert "Traceback" not in printed
    monkeypatch.delitem(sys.modules, "broken_pack", raising=False)


def test_packs_are_listed_without_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(registry.names()) >= {"aipower", "recorded", "tiny"}


def test_the_pack_recorded_needs_no_imitation() -> None:
    with MockSite(pack="recorded", cassette="1.8.93/x_page_chat_slash") as site:
        assert site.mounted.site.replays
        paths = site.mounted.site.recorded_paths
        assert paths
    with MockSite(pack="recorded") as site, pytest.raises(HTTPError) as refused:
        get(site.url)
    with refused.value as answer:
        assert b"no recordings" in answer.read()
    with pytest.raises(UnknownReleaseError):
        MockSite(pack="recorded", plugin="2.4.71")
    with pytest.raises(MockError):
        MockSite(pack="recorded", reply="x")
    with pytest.raises(PackError):
        load("nowhere")
