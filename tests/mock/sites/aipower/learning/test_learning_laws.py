"""A law: what somebody wrote down as a release, and was recorded, is learned as it was written."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.recorded_session import Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.learning.writing import flow, release_file
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.releases.release_file import ReleaseFile

JUDGE = partial(differences, marks=PAGE_MARKS)
NAME = "92.5.0"
WORDS = st.from_regex(r"[a-z][A-Za-z0-9]{5,10}", fullmatch=True)
SENTENCES = st.text(st.characters(codec="utf-8", exclude_characters="{}", exclude_categories=["Cs"]), min_size=1)
KEYS = ("theme", "popupDelay", "footerText", "enableStarters", "provider", "showSources")
TEXTS = ("sending", "thinking", "errorPrefix", "clearChat", "consentButton")


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a release that renames, drops, moves, changes and adds something, each or not."""
    page: dict[str, Any] = {}
    names = draw(st.lists(WORDS, min_size=9, max_size=9, unique_by=str.lower))
    if draw(st.booleans()):
        page["renamed"] = {"data-config": f"data-{names[0].lower()}"}
    if draw(st.booleans()):
        page.setdefault("renamed", {})["ajaxUrl"] = names[1]
    if draw(st.booleans()):
        page["dropped"] = ["nonce"]
        page["added"] = [{"name": names[2], "value": {names[3]: "{nonce}"}, "after": draw(st.sampled_from(KEYS))}]
    if draw(st.booleans()):
        page.setdefault("added", []).append(
            {"name": names[4], "value": draw(st.booleans()), "after": "customTypingText"}
        )
    texts = {name: draw(SENTENCES) for name in draw(st.lists(st.sampled_from(TEXTS), unique=True, max_size=2))}
    events: dict[str, Any] = {}
    if draw(st.booleans()):
        events["renamed"] = {draw(st.sampled_from(["message_start", "done", "text"])): names[5].lower()}
    if draw(st.booleans()):
        events["keys"] = {"text": {"delta": names[6]}}
    if draw(st.booleans()):
        event = {"name": names[7].lower(), "data": {names[8]: draw(st.integers(0, 99))}}
        events["added"] = [{**event, **draw(st.sampled_from([{"before": "text"}, {"before": "done"}]))}]
    return {"page": page, "texts": {"changed": texts}, "events": events}


@settings(max_examples=5, deadline=None)
@example(
    file={
        "page": {},
        "texts": {"changed": {"sending": "0"}},
        "events": {
            "renamed": {"text": "words"},
            "keys": {"text": {"delta": "letters"}},
            "added": [{"name": "prelude", "data": {"number": 0}, "before": "text"}],
        },
    }
)
@given(file=files())
def test_what_was_written_is_learned(file: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{NAME}.yaml").write_text(flow({"base": BASE_RELEASE, **file}), encoding="utf-8")
        table = built_in().with_files([Path(folder)])
        learned = learn_release(
            built_in(), [Session(NAME, table).ask_twice()], name=NAME, base=BASE_RELEASE, judge=JUDGE
        )
        release = written_and_read(learned.text, Path(folder))
    assert learned.alike == len(learned.exchanges), learned.text
    assert described(release) == described(table.find(NAME)), learned.text


def written_and_read(text: str, folder: Path) -> PluginRelease:
    """Return the release that a file of *text* is."""
    (folder / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    return built_in().with_files([folder]).find(NAME)


def described(release: PluginRelease) -> object:
    """Return what makes a release, as it is on the wire."""
    page = {
        part: [(row.name, row.value) for row in getattr(release.page, part)] for part in ("attributes", "keys", "texts")
    }
    return page, release.events, release.wording, release.traits, release.providers


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=30, deadline=None)
@given(value=PLAIN, name=st.text(min_size=1), words=st.text(), evidence=st.text())
def test_whatever_a_line_holds_is_read_as_it_was_meant(value: Any, name: str, words: str, evidence: str) -> None:
    draft = Draft(name=NAME, base=built_in().find(BASE_RELEASE))
    draft.put(("page", "changed"), name, value, evidence)
    draft.add(("page", "added"), {"name": words or "x", "value": value}, evidence)
    draft.put(("wording",), words, words, evidence)
    draft.ask(evidence)
    text = release_file(draft, source=evidence, alike="1 of 1", assumed=[evidence])
    assert yaml_of(text) == {"base": BASE_RELEASE, "source": "recorded", **draft.data}


def yaml_of(text: str) -> Any:
    """Read *text* as YAML, as release files are read."""
    from chatgptfree_mock.sites.aipower.releases.release_file import load_file

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{NAME}.yaml"
        path.write_text(text, encoding="utf-8")
        file = load_file(path)
    assert file == convert(yaml.safe_load(text), ReleaseFile)
    return {
        "base": file.base,
        "source": file.source,
        "page": {
            "changed": file.page.changed,
            "added": [{"name": row.name, "value": row.value} for row in file.page.added],
        },
        "wording": file.wording,
    }


@pytest.mark.parametrize("releases", [("2.3", "2.3.6"), ("2.4.63", "2.4.65"), ("1.9.18", "2.2")])
def test_a_neighbour_is_learned_from_its_neighbour(releases: tuple[str, str]) -> None:
    older, newer = releases
    table: ReleaseTable = built_in()
    learned = learn_release(table, [Session(newer).visit()], name=newer, base=older, judge=JUDGE)
    assert learned.alike == len(learned.exchanges), learned.text
