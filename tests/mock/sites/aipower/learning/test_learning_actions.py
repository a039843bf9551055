"""Renamed actions: what a release file has of them, what the site does with them, and how they are learned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from tests.support.recorded_session import FORM, Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract.learned_release import LearnedRelease
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.pack import AipowerPack
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.releases.actions import ACTIONS
from chatgptfree_mock.sites.aipower.settings import SiteSettings, site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Response

NAME = "92.5.0"
CACHE, STREAM = "aipkit_cache_sse_message", "aipkit_frontend_chat_stream"


def site_of(release: str, releases: ReleaseTable) -> AipowerSite:
    settings = site_from({"plugin": release})
    return AipowerSite(settings, now=lambda: 1.8e9, random=Random(1), releases=releases)


def test_the_listed_actions_are_those_that_some_release_answers() -> None:
    found: dict[str, set[str]] = {"wpaicg": set(), "aipkit": set()}
    for release in built_in().releases:
        found[release.generation].update(site_of(release.name, built_in()).plugin.handlers)
    assert {generation: set(names) for generation, names in ACTIONS.items()} == found


def renaming(names: Mapping[str, str], folder: Path, base: str = BASE_RELEASE, **more: Any) -> ReleaseTable:
    (folder / f"{NAME}.yaml").write_text(json.dumps({"base": base, "actions": dict(names), **more}))
    return built_in().with_files([folder])


def test_a_renamed_action_is_answered_by_its_new_name_only(tmp_path: Path) -> None:
    table = renaming({"aipkit_get_frontend_chat_nonce": "puffer_nonce"}, tmp_path)
    site = site_of(NAME, table)

    def status(action: str) -> int:
        request = SiteRequest(
            method="POST", path="/wp-admin/admin-ajax.php", headers=FORM, body=f"action={action}".encode()
        )
        return site.answer(request).response.status

    assert (status("puffer_nonce"), status("aipkit_get_frontend_chat_nonce")) == (200, 400)
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert 'window.aipkit_getChatNonceAction = "puffer_nonce";' in page
    assert "aipkit_get_frontend_chat_nonce" not in page


def test_it_is_described_and_the_answer_is_known_as_the_answer(tmp_path: Path) -> None:
    table = renaming({STREAM: "puffer_stream"}, tmp_path)
    (change,) = table.changes(BASE_RELEASE, NAME)
    assert (change.topic, change.after) == ("request", f"The action {STREAM} is called puffer_stream.")
    (back,) = table.changes(NAME, BASE_RELEASE)
    assert back.before == change.after
    pack, settings = AipowerPack(table), SiteSettings(plugin=NAME)
    request = SiteRequest(method="GET", path="/wp-admin/admin-ajax.php", query="action=puffer_stream")
    old = SiteRequest(method="GET", path="/wp-admin/admin-ajax.php", query=f"action={STREAM}")
    assert (pack.kind(settings, request), pack.kind(settings, old)) == ("answer", "ask")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"aipkit_cache_sse_mesage": "x"}, "unknown action `aipkit_cache_sse_mesage` - at `$.actions`; did you mean"),
        ({CACHE: STREAM}, f"there is an action `{STREAM}` already - at `$.actions.{CACHE}`"),
        ({CACHE: "x", STREAM: "x"}, "there is an action `x` already"),
        ({CACHE: " "}, f"a name is missing - at `$.actions.{CACHE}`"),
    ],
)
def test_what_cannot_be_renamed_is_one_sentence(names: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        renaming(names, tmp_path)
    assert message in str(caught.value)


def with_actions(cassette: Cassette, names: Mapping[str, str]) -> Cassette:
    """Return the recording as a site that calls its actions otherwise would have left it."""
    return replace(cassette, interactions=tuple(_renamed(each, names) for each in cassette.interactions))


def _renamed(interaction: Interaction, names: Mapping[str, str]) -> Interaction:
    request = interaction.request
    uri, body = request.uri, request.body
    for old, new in names.items():
        uri = uri.replace(f"action={old}", f"action={new}")
        body = body.replace(f"action={old}".encode(), f"action={new}".encode()) if body is not None else None
    return replace(interaction, request=replace(request, uri=uri, body=body))


def learn(cassette: Cassette, name: str = NAME, base: str | None = None) -> tuple[LearnedRelease, dict[str, Any]]:
    judge = partial(differences, marks=PAGE_MARKS)
    learned = learn_release(built_in(), [cassette], name=name, base=base, judge=judge)
    return learned, yaml.safe_load(learned.text)


@pytest.mark.parametrize(
    "names",
    [
        {CACHE: "aipkit_keep_message"},
        {STREAM: "aipkit_answer"},
        {CACHE: "puffer_keep", STREAM: "puffer_answer", "aipkit_get_frontend_chat_nonce": "puffer_nonce"},
    ],
    ids=["the cache call", "the stream", "three of them, under another prefix"],
)
def test_renamed_actions_are_learned(names: dict[str, str]) -> None:
    learned, file = learn(with_actions(Session(BASE_RELEASE).visit(), names))
    assert file["actions"] == names, learned.text
    assert learned.alike == len(learned.exchanges) == 13
    assert f"{next(iter(names))}: {next(iter(names.values()))}  # " in learned.text


def test_the_message_of_generation_1_is_learned_too() -> None:
    names = {"wpaicg_chat_shortcode_message": "wpaicg_say"}
    learned, file = learn(with_actions(Session("2.2").visit(), names), "2.2.5")
    assert file["actions"] == names
    assert learned.alike == len(learned.exchanges)


def test_a_renamed_action_with_renamed_events_is_learned(tmp_path: Path) -> None:
    table = renaming({STREAM: "puffer_stream"}, tmp_path, events={"renamed": {"text": "words", "done": "end"}})
    session = Session(NAME, table)
    session.get("/chat/")
    who = session.who()
    key = json.loads(session.post({**who, "action": CACHE, "message": "Hello, who are you?"}))["data"]["cache_key"]
    session.get("/wp-admin/admin-ajax.php", {**who, "action": "puffer_stream", "cache_key": key})
    learned, file = learn(session.cassette)
    assert file["actions"] == {STREAM: "puffer_stream"}
    assert file["events"] == {"renamed": {"text": "words", "done": "end"}}
    assert learned.alike == len(learned.exchanges) == 3


def test_an_action_that_may_be_several_is_a_question() -> None:
    session = Session(BASE_RELEASE)
    session.visit()
    who = {**session.who(), "_ajax_nonce": "0123456789"}
    session.post({**who, "action": "aipkit_get_conversations_list"})
    names = {"aipkit_get_conversations_list": "aipkit_list"}
    learned, file = learn(with_actions(session.cassette, names))
    assert "actions" not in file
    assert "? 14 (POST aipkit_list): which action is `aipkit_list`? `" in learned.text
    assert learned.alike == len(learned.exchanges) - 1


def test_an_action_that_the_site_did_not_have_is_asked_about() -> None:
    session = Session(BASE_RELEASE)
    session.visit()
    session.post({**session.who(), "action": "aipkit_cache_sse_mesage"})
    learned, file = learn(session.cassette)
    assert file == {"base": BASE_RELEASE, "source": "recorded"}
    assert "? 14 (POST aipkit_cache_sse_mesage): the site has no action `aipkit_cache_sse_mesage` (W" in learned.text
    assert "; was it mistyped?" in learned.text
    assert learned.alike == len(learned.exchanges)


def test_nothing_but_its_absence_is_learned_from_an_action_that_the_site_did_not_have() -> None:
    session = Session(BASE_RELEASE)
    session.visit()
    session.post({**session.who(), "action": "aipkit_transcribe_audio"})
    *others, last = session.cassette.interactions
    nothing = Response(status=400, headers=(("Content-Type", "text/html; charset=UTF-8"),), body=b"0")
    learned, file = learn(replace(session.cassette, interactions=(*others, replace(last, response=nothing))))
    assert file == {"base": BASE_RELEASE, "source": "recorded"}
    assert "? 14 (POST aipkit_transcribe_audio): the site has no such action (WordPress answered 0 wi" in learned.text
    assert learned.alike == len(learned.exchanges) - 1
