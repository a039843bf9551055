"""What is learned of a release from recordings of it, beside what is known of it; ``pytest -s`` prints the counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from tests.support import fictional
from tests.support.recorded_release import recorded_release
from tests.support.recorded_session import Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract.learned_release import LearnedRelease
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable, built_in
from chatgptfree_mock.tape.model import Cassette

JUDGE = partial(differences, marks=PAGE_MARKS)
TABLE = Path(__file__).parents[5] / "mock_server/chatgptfree_mock/sites/aipower/releases/table"


def learn(cassettes: list[Cassette], name: str, base: str | None = None) -> tuple[LearnedRelease, dict[str, Any]]:
    """Return what is learned, and the file as data."""
    learned = learn_release(built_in(), cassettes, name=name, base=base, judge=partial(differences, marks=PAGE_MARKS))
    return learned, yaml.safe_load(learned.text)


def as_release(learned: LearnedRelease, name: str, folder: Path) -> PluginRelease:
    """Return the learned release, read as a user's file is."""
    (folder / f"{name}.yaml").write_text(learned.text, encoding="utf-8")
    return built_in().with_files([folder / f"{name}.yaml"]).find(name)


def built_in_traits(*names: str) -> dict[str, Any]:
    """Return the traits in the files of these releases, which follow each other."""
    files = [yaml.safe_load((TABLE / f"{name}.yaml").read_text()) for name in names]
    return {key: value for file in files for key, value in file.get("traits", {}).items()}


def count(name: str, learned: LearnedRelease, known: Mapping[str, Any], traits: Mapping[str, Any]) -> None:
    """Print the counts of a proof; what is learned is never wrong, and may be less."""
    right = {key for key, value in traits.items() if known.get(key) == value}
    alike = f"{learned.alike} of {len(learned.exchanges)} exchanges alike"
    print(f"\n{name} from {learned.base}: {alike}, {len(right)} of {len(known)} traits learned")
    assert set(traits) == right


def test_2_3_20_from_2_3_13() -> None:
    learned, file = learn([Session("2.3.20").visit()], "2.3.20", "2.3.13")
    count("2.3.20", learned, built_in_traits("2.3.14", "2.3.18", "2.3.19", "2.3.20"), file["traits"])
    assert learned.alike == len(learned.exchanges) == 13
    assert file == {"base": "2.3.13", "source": "recorded", "traits": built_in_traits("2.3.20")}


def another(release: str, settings: Mapping[str, Any], visits: Mapping[str, Any]) -> Cassette:
    """Return a second visit of a site on *release* with other *settings*: the page, two questions, and *visits*."""
    session = Session(release, seed=len(repr(settings)), **settings)
    session.get("/chat/")
    for _ in range(2):
        session.ask_2x(session.who())
    for action, fields in visits.items():
        session.post({**session.who(), "action": action, **fields})
    return replace(session.cassette, path="another.yaml")


def test_2_3_20_from_2_3_13_on_sites_that_fail_and_that_keep_keys() -> None:
    failing = {"model": {"http_error": {"status": 429, "message": "Slow down"}}}
    message = {"aipkit_frontend_chat_message": {"message": "Hello"}}
    visits = [Session("2.3.20").visit(), another("2.3.20", failing, message)]
    visits.append(another("2.3.20", {"object_cache": True}, {}))
    learned, file = learn(visits, "2.3.20", "2.3.13")
    known = built_in_traits("2.3.14", "2.3.18", "2.3.19", "2.3.20")
    count("2.3.20 (three sites)", learned, known, file["traits"])
    assert learned.alike == len(learned.exchanges)
    assert file["traits"] == known
    assert "#   ?" not in learned.text


def test_2_4_0_from_2_3_93_by_what_was_recorded() -> None:
    learned, file = learn(recorded_release("2.4.0"), "2.4.0", "2.3.93")
    count("2.4.0 (recorded)", learned, built_in_traits("2.3.94", "2.4.0"), file["traits"])
    assert learned.alike == len(learned.exchanges) == 32
    assert file["traits"] == {"quota_words": "You have reached your quota for this period."}


def test_2_4_0_from_2_3_93_by_whole_pages() -> None:
    session = Session("2.4.0", bots=[{"place": "popup"}])
    learned, file = learn([session.visit()], "2.4.0", "2.3.93")
    count("2.4.0 (whole page)", learned, built_in_traits("2.3.94", "2.4.0"), file["traits"])
    assert learned.alike == len(learned.exchanges)
    assert file["traits"] == built_in_traits("2.4.0")


def test_2_4_0_from_2_3_93_by_whole_pages_and_a_quota() -> None:
    limited = another("2.4.0", {"limit": {"tokens": 1}, "bots": [{"place": "popup"}]}, {})
    learned, file = learn([Session("2.4.0", bots=[{"place": "popup"}]).visit(), limited], "2.4.0", "2.3.93")
    known = built_in_traits("2.3.94", "2.4.0")
    count("2.4.0 (whole page and quota)", learned, known, file["traits"])
    assert learned.alike == len(learned.exchanges)
    assert file["traits"] == known


def test_1_8_91_from_1_8_90_by_what_was_recorded() -> None:
    learned, file = learn(recorded_release("1.8.91"), "1.8.91", "1.8.90")
    count("1.8.91 (recorded)", learned, built_in_traits("1.8.91"), file["traits"])
    # openrouter_burst_s lost half lines where the plugin's reads ended, and nothing in a response shows where.
    assert [each.name.split()[0] for each in learned.exchanges if not each.alike] == ["openrouter_burst_s"]
    assert len(learned.exchanges) == 39
    # How the model gets the message and the history is in no response, and no voice message was recorded.
    assert file["traits"] == {"nonce_refusal": "forbidden", "fields_from": "post"}


def test_1_8_91_from_1_8_90_with_a_voice_message() -> None:
    session = Session("1.8.91")
    session.visit()
    session.speak({"_wpnonce": session.site.nonce(), "action": "wpaicg_chat_shortcode_message", "bot_id": "0"}, "v.mpg")
    learned, file = learn([session.cassette], "1.8.91", "1.8.90")
    known = built_in_traits("1.8.91")
    count("1.8.91 (voice message)", learned, known, file["traits"])
    assert learned.alike == len(learned.exchanges)
    assert set(known) - set(file["traits"]) == {"message", "history"}


NEW_KEYS = {"formGateEnabled", "voiceEngine", "sttLimits", "themeDimensionOverrides"}


def by_hand(place: str) -> Cassette:
    """Return a page of 2.4.97 as somebody writes it down who has only seen the tag, and a stream."""
    whole = Session("2.4.97", bots=[{"place": place}], decoys=False).visit()
    page, *rest = whole.interactions
    body = page.response.body.decode()
    start = body.index('<div class="aipkit_popup_wrapper' if place == "popup" else '<div class="aipkit_chat_container')
    tag = body[start : body.index(">", start) + 1]
    response = type(page.response)(
        headers=page.response.headers, body=f"<html><body>{tag}</div></body></html>".encode()
    )
    return Cassette(interactions=(type(page)(request=page.request, response=response), *rest), path="hand.yaml")


@pytest.mark.parametrize("place", ["inline", "popup"])
def test_2_4_97_from_2_4_71_by_pages_made_by_hand(place: str, tmp_path: Path) -> None:
    learned, file = learn([by_hand(place)], "2.4.97", "2.4.71")
    release, known = as_release(learned, "2.4.97", tmp_path), built_in().find("2.4.97")
    print(f"\n2.4.97 from 2.4.71: {learned.alike} of {len(learned.exchanges)} exchanges alike")
    assert learned.alike == len(learned.exchanges)
    assert {row["name"] for row in file["page"]["added"]} == NEW_KEYS
    for part in ("keys", "texts"):
        assert names(release, part) == names(known, part)


def names(release: PluginRelease, part: str) -> list[tuple[str, Any]]:
    """Return the rows of a part of the page, in order, those of a chat's own values without them."""
    own = ("botId", "ajaxUrl", "nonce", "postId", "headerName", "popupEnabled", "enableSidebar")
    return [(row.name, None if row.name in own else row.value) for row in getattr(release.page, part)]


@pytest.fixture(name="table", scope="module")
def _table(tmp_path_factory: pytest.TempPathFactory) -> ReleaseTable:
    return built_in().with_files([fictional.write(tmp_path_factory.mktemp("fictional"))])


def test_the_fictional_release_is_written_as_its_author_wrote_it(table: ReleaseTable) -> None:
    learned, file = learn([Session("92.5.0", table).visit()], "92.5.0", BASE_RELEASE)
    assert learned.alike == len(learned.exchanges)
    assert file == {key: value for key, value in yaml.safe_load(fictional.FILE).items() if key != "date"}


def test_each_line_has_its_evidence(table: ReleaseTable) -> None:
    text = learn([Session("92.5.0", table).visit()], "92.5.0", BASE_RELEASE)[0].text
    lines = [line for line in text.splitlines() if not line.startswith("#") and not line.rstrip().endswith(":")]
    assert [line for line in lines if "  # " not in line] == [f'base: "{BASE_RELEASE}"', "source: recorded"]
    assert "data-config: data-settings  # 1 (GET /chat/): `settings` is where `config` was" in text


def test_known_releases_are_nothing_new() -> None:
    session = Session("2.4.36").visit()
    learned, file = learn([session], "2.4.37")
    assert file == {"base": learned.base, "source": "recorded"}
    assert learned.base == "2.4.36"


def test_words_that_may_be_several_sentences_are_a_question() -> None:
    session = Session(BASE_RELEASE, api_key=False)
    session.visit()
    found = [
        each.__class__(request=each.request, response=changed(each.response, "API key missing for OpenAI.", "Not now."))
        for each in session.interactions
    ]
    learned, file = learn([Cassette(interactions=tuple(found))], "2.4.98")
    assert "wording" not in file
    assert '? 3 (GET aipkit_frontend_chat_stream): which sentence reads "Not now." now?' in learned.text
    assert learned.alike == len(learned.exchanges) - 1


def changed(response: Any, old: str, new: str) -> Any:
    """Return *response* with other words."""
    body = response.body.replace(json.dumps(old).encode(), json.dumps(new).encode())
    return type(response)(status=response.status, headers=response.headers, body=body)


REFUSALS = {
    "base": BASE_RELEASE,
    "source": "recorded",
    "traits": {"stream_nonce_words": "Nonce?!"},
    "events": {"renamed": {"message_start": "begin", "error": "failure", "done": "end"}},
    "wording": {"Data to cache (message or image) cannot be empty.": "Say something."},
}
KEYS = {
    "base": BASE_RELEASE,
    "source": "recorded",
    "events": {"renamed": {"error": "failure"}, "keys": {"error": {"error": "reason"}, "done": {"finished": "over"}}},
}
OLD = {
    "base": "2.2",
    "source": "recorded",
    "page": {
        "renamed": {"data-nonce": "data-token", "data-post-id": "data-page"},
        "dropped": ["data-footer"],
        "added": [{"name": "data-proof", "value": "{nonce}-7", "after": "data-speech"}],
    },
    "events": {"added": [{"name": "hello", "data": {"a": 1}, "before": "text"}]},
    "wording": {"It appears that nothing was inputted.": "Say something."},
}


@pytest.mark.parametrize(("name", "written"), [("92.5.1", REFUSALS), ("92.5.2", KEYS), ("2.2.5", OLD)])
def test_refusals_and_generation_1_are_learned_as_written(name: str, written: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / f"{name}.yaml").write_text(json.dumps(written))
    table = built_in().with_files([tmp_path])
    nearest = None if written is OLD else BASE_RELEASE  # what is nearest after the newest changes with each release
    learned, file = learn([Session(name, table, chat_page_id=7).visit()], name, nearest)
    assert learned.alike == len(learned.exchanges), learned.text
    assert file == written


@pytest.mark.parametrize("path", ["/", "/chat/", "/another/page/"])
@pytest.mark.parametrize("release", ["1.8.90", "1.9.18"])
def test_the_address_of_the_recorded_page_is_not_learned(release: str, path: str) -> None:
    cassette = Session(release, bots=[{"place": "shortcode"}]).visit()
    learned, file = learn([at(path, cassette)], "92.5.0", release)
    assert learned.alike == len(learned.exchanges)
    assert file == {"base": release, "source": "recorded"}
    questions = [line for line in learned.text.splitlines() if line.startswith("#   ?")]
    assert all("`wpaicg_nothing`" in line for line in questions)


def test_a_new_attribute_with_the_address_of_the_site_is_a_question() -> None:
    cassette = at(
        "/", Session("1.9.18", bots=[{"place": "shortcode"}]).visit(), b'data-home="http://127.0.0.1:18600/x"'
    )
    learned, file = learn([cassette], "92.5.0", "1.9.18")
    assert file["page"]["added"] == [{"name": "data-home", "value": "", "after": "data-url"}]
    assert "`home` holds the recorded site's address" in learned.text


def at(path: str, cassette: Cassette, more: bytes = b"") -> Cassette:
    """Return *cassette*, of a site of 1.x, with its page at *path*, and *more* behind the address in its tag."""
    page, *rest = cassette.interactions
    address = b'data-url="http://127.0.0.1:18600'
    old, new = address + b'/chat"', address + path.rstrip("/").encode() + b'"'
    assert old in page.response.body
    response = replace(page.response, body=page.response.body.replace(old, new + b" " + more), chunks=())
    request = replace(page.request, uri=f"http://127.0.0.1:18600{path}")
    return replace(cassette, interactions=(replace(page, request=request, response=response), *rest))


@pytest.mark.parametrize(
    ("base", "renamed"),
    [
        ("1.9.18", {"data-bot-id": "data-robot"}),
        ("1.9.18", {"data-bot-id": "data-entry"}),
        ("1.9.18", {"data-bot-id": "data-one", "data-post-id": "data-two", "data-nonce": "data-three"}),
        (BASE_RELEASE, {"postId": "entry"}),
        (BASE_RELEASE, {"botId": "one", "postId": "two", "nonce": "three", "ajaxUrl": "four"}),
    ],
)
@pytest.mark.parametrize("number", [5, 25_865])
def test_ids_under_new_names_are_not_new_values(
    base: str, renamed: dict[str, str], number: int, tmp_path: Path
) -> None:
    written = {"base": base, "source": "recorded", "page": {"renamed": renamed}}
    (tmp_path / "92.6.0.yaml").write_text(json.dumps(written))
    table = built_in().with_files([tmp_path])
    cassette = Session("92.6.0", table, chat_page_id=6, bots=[{"id": number, "name": "Ada"}]).visit()
    learned, file = learn([cassette], "92.6.0", base)
    assert file == written, learned.text
    assert learned.alike == len(learned.exchanges)
