"""Every field of a scenario acts alike at `/s/`, in the crash test and under the pytest markers, or is refused."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.crashtest import library, open_case_server, plan, planned
from tests.support.field_traces import trace
from tests.support.plugin_run import outcome

from chatgptfree_mock.crashtest.scenarios.plan import Plan, cases
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.chunking import ALL_CHUNKS
from chatgptfree_mock.scenario.expectation import Expect
from chatgptfree_mock.scenario.library import Library
from chatgptfree_mock.scenario.model import Scenario, Words
from chatgptfree_mock.scenario.static_response import StaticResponse
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer
from chatgptfree_mock.sites.aipower.releases import built_in

pytest_plugins = ["pytester"]

QUICK: Final = {"first_ms": 2, "delta_ms": 1}
SITE: Final = {"plugin": "1.8.93", "model": {"reply": "Hello 👋 you", **QUICK}}


def by_hand(**fields: Any) -> dict[str, Any]:
    return {"responses": [{"body": "twelve bytes", **fields}]}


ACTS: Final[dict[str, dict[str, Any]]] = {
    "site": {"site": {**SITE, "model": {"reply": "Something else", **QUICK}}},
    "delivery": {"delivery": {"chunks": "bytes"}},
    "delivery.chunks": {"delivery": {"chunks": "bytes"}},
    "delivery.pace": {"delivery": {"pace": "every:1ms"}},
    "delivery.fault": {"delivery": {"fault": "truncate@50%"}},
    "delivery.on": {"delivery": {"chunks": "every:500", "on": "everything"}},
    "delivery.first": {"delivery": {"chunks": "bytes", "first": 1}},
    "responses": by_hand(),
    "responses.to": by_hand(to="page"),
    "responses.times": by_hand(times=1),
    "responses.status": by_hand(status=503),
    "responses.reason": by_hand(reason="Fine"),
    "responses.headers": by_hand(headers={"X-Own": "yes"}),
    "responses.body": by_hand(body="another one"),
    "responses.base64": {"responses": [{"base64": "aGFuZA=="}]},
    "responses.repeat": by_hand(repeat=3),
    "responses.head": by_hand(head="before"),
    "responses.tail": by_hand(tail="after"),
    "responses.chunks": by_hand(chunks=[[0, 5], [0, 7]]),
    "responses.end": by_hand(end="truncated"),
}
"""Fields that decide what the site does, each with values under which it shows."""

FOR_THE_CLIENT: Final = {"message", "bot", "expect", *(f"expect.{field}" for field in Expect.__struct_fields__)}
"""Fields about the client: the crash test obeys them, a test reads them in `chat_scenario`."""

ABOUT_IT: Final = {"title", "cases", "naive"}
"""Fields for people."""

ELSEWHERE: Final = {"pack", "delivery.tls"}
"""In tests/mock/contract/test_third_party_pack.py, which has another pack, and tests/mock/scenario/test_tls.py."""

VARIANTS: Final = {"releases", "delivery.recut"}
"""Fields that refuse a variant; see the tests of those."""


def fields(of: type[msgspec.Struct], prefix: str = "") -> set[str]:
    return {prefix + field for field in of.__struct_fields__}


def value(name: str, without: str | None = None) -> dict[str, Any]:
    """Return the scenario in which the field *name* is set, or the same *without* that field."""
    story: dict[str, Any] = {"title": name, "site": SITE, "expect": {"text": "x"}, **deepcopy(ACTS[name])}
    if without is not None:
        first, _, second = without.partition(".")
        parent = story if not second else story[first][0] if first == "responses" else story[first]
        parent.pop(second or first)
        if without == "site":
            story["site"] = SITE
    return story


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("fields")
    (found / "text").mkdir()
    for name in ACTS:
        for kind, story in (("with", value(name)), ("less", value(name, without=name))):
            file = found / "text" / f"{kind}-{name.replace('.', '-')}.yaml"
            file.write_text(json.dumps(story, ensure_ascii=False), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def served(folder: Path) -> dict[str, Any]:
    """Return what a client meets at `/s/`, per scenario."""
    traces = {}
    with MockServer(ServerConfig(scenarios=(folder,))) as server:
        for file in sorted(folder.glob("*/*.yaml")):
            path = f"/s/text/{file.stem}/@1/"
            mounted, _ = server.sites.find(path)
            traces[file.stem] = trace(server.url + path, mounted, partial(server.settle, mounted.journal, 60))
    return traces


def test_every_field_has_its_place_in_the_table() -> None:
    every = (
        fields(Scenario) | fields(Words, "delivery.") | fields(StaticResponse, "responses.") | fields(Expect, "expect.")
    )
    assert every == ACTS.keys() | FOR_THE_CLIENT | ABOUT_IT | VARIANTS | ELSEWHERE


@pytest.mark.parametrize("name", ACTS)
def test_every_field_about_the_site_acts(served: dict[str, Any], name: str) -> None:
    stem = name.replace(".", "-")
    assert served[f"with-{stem}"] != served[f"less-{stem}"]


def test_the_crash_test_obeys_the_same_fields(folder: Path, served: dict[str, Any]) -> None:
    own = Library([folder])
    for case in cases(Plan(scenarios=own.names, folders=[str(folder)], pace="recorded", here="."), own):
        with open_case_server() as server:
            case_run = server.open(case)
            met = trace(case_run.url, case_run.mounted, partial(server.settle, case_run, 60))
            assert met == served[case.entry.name.removeprefix("text/")]


def test_markers_obey_the_same_fields(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, folder: Path, served: dict[str, Any]
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeini(f"[pytest]\nchatgptfree_mock_scenarios = {folder}\n")
    pytester.makepyfile("""
        import json, pytest
        from pathlib import Path
        from tests.support.field_traces import trace

        @pytest.mark.chat_scenarios("text/with-*", "text/less-*")
        def test_it(chat_site, chat_scenario):
            settle = lambda: chat_site.server.settle(chat_site.mounted.journal, 60)
            found = json.dumps(trace(chat_site.url, chat_site.mounted, settle), ensure_ascii=False)
            Path(chat_scenario.name.replace("/", "-") + ".json").write_text(found, encoding="utf-8")
    """)
    outcome(pytester).assert_outcomes(passed=len(served))
    for name, met in served.items():
        found = json.loads((pytester.path / f"text-{name}.json").read_text(encoding="utf-8"))
        assert found[2] == met[2]
        # The page holds the address of its run, which is longer under pytest.
        assert found[0][1:] == met[0][1:]
        assert found[1][1:] == met[1][1:]
        assert found[0][0][:3] == met[0][0][:3]
        assert len(found[1][0][1]) == pytest.approx(len(met[1][0][1]), abs=1)


SCENARIOS = [
    entry
    for entry in library()
    if entry.scenario.releases or entry.scenario.responses or not entry.scenario.delivery.recut
]


ORDER: Final = [release.name for release in built_in().releases]


def number(release: str) -> list[int]:
    return [*map(int, release.split(".")), 0, 0][:3]


def can_be(story: Scenario, plugin: str, chunks: str) -> bool:
    """Words alone: `recut: false` allows the scenario's own cut alone, `releases` those within all its bounds."""
    if not story.delivery.recut and chunks != story.delivery.chunks:
        return False
    if story.releases is None or story.spec.files:
        return plugin == story.spec.release or not (story.responses or story.spec.files)
    here = number(plugin)
    for word in story.releases.split(","):
        named = number(word.lstrip("<>=!"))
        sign = word.rstrip(".0123456789")
        if not {">=": here >= named, "<": here < named, "!=": here != named, "": here == named}[sign]:
            return False
    return True


@given(
    entry=st.sampled_from(SCENARIOS)
    | st.sampled_from([each for each in SCENARIOS if not each.scenario.delivery.recut]),
    other=st.none() | st.sampled_from(ORDER),
    chunks=st.sampled_from(ALL_CHUNKS),
)
def test_a_case_of_the_crash_test_is_a_variant_and_the_other_way_round(
    entry: Any, other: str | None, chunks: str
) -> None:
    plugin = other or entry.scenario.spec.release
    asked = plan([entry.name], plugins=plugin, chunks=[chunks])
    found = [case for case in planned(asked) if case.chunks == chunks]
    possible = can_be(entry.scenario, plugin, chunks)
    assert bool(found) is possible
    if possible:
        assert found[0].scenario == entry.scenario.varied(entry.name, plugin=plugin, chunks=chunks, pace="instant")
    else:
        with pytest.raises(SettingsError, match=r"cannot happen on|must not be cut"):
            entry.scenario.varied(entry.name, plugin=plugin, chunks=chunks)


def test_releases_that_leave_out_the_scenarios_own_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    file = tmp_path / "text" / "x.yaml"
    file.write_text('title: x\nsite: {plugin: "1.8.93"}\nreleases: ">=2.3"\nexpect: {text: x}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"own release, 1.8.93 - at `\$.releases`"):
        Library([tmp_path])["text/x"]
