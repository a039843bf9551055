"""A release that exists in a file only: page, script, stream and words follow it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.support import fictional
from tests.support.aipkit_guest import data_of, events_of, guest
from tests.support.releases import BASE_RELEASE, NEWEST

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.aipkit.text_framing import framing
from chatgptfree_mock.sites.aipower.pages.chats import PLUGIN_PATH
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, aipkit_traits, built_in
from chatgptfree_mock.sites.wordpress.release_number import order

SCRIPT = PLUGIN_PATH + "/dist/js/public-main.bundle.js"


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> ReleaseTable:
    return built_in().with_files([fictional.write(tmp_path)])


def get(table: ReleaseTable, path: str, **settings: Any) -> str:
    site = guest(fictional.NAME, table, **settings).site
    return site.answer(SiteRequest(method="GET", path=path)).response.body.decode()


def test_the_file_is_short() -> None:
    assert len(fictional.FILE.splitlines()) <= 25


def test_it_is_the_newest_and_has_no_notice(table: ReleaseTable) -> None:
    assert table.names[-1] == fictional.NAME
    assert table.notice("92.5.0") is None
    assert table.find("92.5.3").name == "92.5.0"
    assert built_in().find("92.5.0").name == NEWEST


def test_the_changes_are_described_as_any_other(table: ReleaseTable) -> None:
    after = {change.after for change in table.changes(BASE_RELEASE, "92.5.0")}
    assert after == {
        'An event `session_info` is sent before the first event with a delta of the answer: {"model": "gpt-6"}.',
        '"Message not found in cache." reads "Nothing is waiting under this key.".',
        "Gone from data-config: nonce.",
        "New in data-settings: auth (after theme).",
        "Renamed in the chat element: data-config → data-settings.",
        'Changed in data-settings: text.sendMessage from "Send Message" to "Send it".',
    }
    # A release that ships later than the base may have the same change.
    since = {change.after: order(change.since) for change in table.changes("2.4.96", "92.5.0")}
    names = ("Gone from data-config: nonce.", "New in data-settings: auth (after theme).")
    assert all(order(BASE_RELEASE) < since[name] <= order("92.5.0") for name in names)
    assert {change.after for change in table.changes("92.5.0", BASE_RELEASE)} >= {
        "Gone from data-settings: auth.",
        "This is no longer so.",
    }


@pytest.mark.parametrize("place", ["inline", "popup"])
def test_the_page_follows(table: ReleaseTable, place: str) -> None:
    tree = LexborHTMLParser(get(table, "/chat/", bots=[{"place": place}], decoys=False))
    assert not tree.css("[data-config]")
    (element,) = tree.css("[data-settings]")
    config = json.loads(element.attributes["data-settings"] or "")
    assert "nonce" not in config
    assert re.fullmatch(r"[0-9a-f]{10}", config["auth"]["token"])
    assert list(config)[2:6] == ["postId", "theme", "auth", "popupEnabled"]
    assert config["text"]["sendMessage"] == "Send it"
    assert f"public-main.bundle.js?ver={fictional.NAME}" in get(table, "/chat/")


def test_the_script_learns_where_the_page_has_what(table: ReleaseTable) -> None:
    line = get(table, SCRIPT).split("\n")[0]
    ways = json.loads(line.removeprefix("window.chatReleaseOptions = ").removesuffix(";"))
    assert ways["attributes"] == {"config": "settings"}
    assert ways["keys"] == {"nonce": ["auth", "token"]}


def test_the_stream_follows(table: ReleaseTable) -> None:
    events = guest(fictional.NAME, table, model={"reply": ["Hel", "lo"]}).ask()
    names = [name for name, _ in events if name != "status"]
    assert names == ["message_start", "session_info", "", "", "openai_response_id", "done"]
    assert dict(events)["session_info"] == {"model": "gpt-6"}
    assert "".join(data["delta"] for name, data in events if not name) == "Hello"


def test_the_event_comes_before_text_only(table: ReleaseTable) -> None:
    assert [name for name, _ in guest(fictional.NAME, table).ask("Hi", conversation_uuid=None)] == ["error", "done"]


def test_an_answer_that_is_pushed_by_hand_follows(table: ReleaseTable) -> None:
    release = table.find("92.5.0")
    assert isinstance(release.traits, aipkit_traits.AipkitTraits)
    framed = framing(release, release.traits)
    assert framed.opening[-1] == b'event: session_info\ndata: {"model":"gpt-6"}\n\n'
    assert framed.text("Hi") == b'data: {"delta":"Hi"}\n\n'


def test_the_sentences_follow(table: ReleaseTable) -> None:
    visitor = guest(fictional.NAME, table)
    assert events_of(visitor.stream(key="aipkit_sse_none"))[0][1]["error"] == "Nothing is waiting under this key."


def test_another_release_is_as_it_was(table: ReleaseTable) -> None:
    site = guest("2.4.97", table).site
    page = site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode()
    assert "data-config=" in page
    assert "data-settings" not in page


RENAMED = """\
base = "2.4.97"

[events]
renamed = { text = "chunk", done = "finished", error = "failure" }
keys = { text = { delta = "content" }, done = { finished = "end" } }

[wording]
"API key missing for {provider}." = "{provider} wants a key."
"Invalid chatbot specified." = "There is no such bot."
"""


def test_events_and_their_keys_are_renamed(tmp_path: Path) -> None:
    (tmp_path / "92.6.0.toml").write_text(RENAMED)
    table = built_in().with_files([tmp_path])
    events = guest("92.6.0", table, model={"reply": ["Hi"]}).ask()
    assert ("chunk", {"content": "Hi"}) in events
    assert events[-1] == ("finished", {"end": True})
    keyless = guest("92.6.0", table, api_key=False).ask()
    assert keyless == [("failure", {"error": "OpenAI wants a key."}), ("finished", {"end": True})]
    site = guest("92.6.0", table).site
    ways = site.answer(SiteRequest(method="GET", path=SCRIPT)).response.body.decode().split("\n")[0]
    assert '"events": {"text": "chunk", "done": "finished", "error": "failure"}' in ways
    assert '"data": {"text": {"delta": "content"}, "done": {"finished": "end"}}' in ways


def test_sentences_of_json_answers_follow_as_well(tmp_path: Path) -> None:
    (tmp_path / "92.6.0.toml").write_text(RENAMED)
    visitor = guest("92.6.0", built_in().with_files([tmp_path]))
    reply = visitor.post("aipkit_chat_generate_image", bot_id="99")
    assert data_of(reply) == {"message": "There is no such bot.", "code": "invalid_bot_id"}
    assert reply.response.chunks in ((), ((0, len(reply.response.body)),))


OLD = """\
base: 2.2
page:
  renamed: {data-nonce: data-token}
  added:
    - {name: data-proof, value: "{nonce}-{bot_id}", before: data-width}
    - {name: data-only-here, value: {widget: "1"}, after: data-proof}
events:
  added: [{name: hello, data: {a: 1}, before: text}]
wording:
  Nonce verification failed: No.
  The link you followed has expired.: Too late.
  It appears that nothing was inputted.: Say something.
"""


def test_generation_1_follows_too(tmp_path: Path) -> None:
    (tmp_path / "2.2.5.yaml").write_text(OLD)
    table = built_in().with_files([tmp_path])
    site = guest("2.2.5", table, bots=[{}, {"place": "widget"}]).site
    page = LexborHTMLParser(site.answer(SiteRequest(method="GET", path="/chat/")).response.body.decode())
    (shortcode,) = page.css("div.wpaicg-chat-shortcode[data-token]")
    (widget,) = page.css("div.wpaicg-chatbox[data-token]")
    assert shortcode.attributes["data-proof"] == f"{shortcode.attributes['data-token']}-0"
    assert "data-only-here" not in shortcode.attributes
    assert list(widget.attributes)[-len(widget.attributes) :].index("data-only-here") == (
        list(widget.attributes).index("data-width") - 1
    )
    script = site.answer(SiteRequest(method="GET", path=PLUGIN_PATH + "/public/js/wpaicg-chat.js")).response.body
    assert b'"attributes": {"nonce": "token"}' in script.split(b"\n")[0]
    nonce = shortcode.attributes["data-token"]
    body = f"action=wpaicg_chat_shortcode_message&_wpnonce={nonce}&message=Hello"
    assert ask(site, body).startswith('event: hello\ndata: {"a":1}\n\ndata: {')
    assert "Too late." in ask(site, "action=wpaicg_chat_shortcode_message&_wpnonce=bad&message=Hello")
    assert '"msg":"Say something."' in ask(site, body.replace("Hello", ""))


def ask(site: Any, body: str) -> str:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = SiteRequest(method="POST", path="/wp-admin/admin-ajax.php", headers=form, body=body.encode())
    whole: str = site.answer(request).response.body.decode()
    return whole
