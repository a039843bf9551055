"""Recordings of releases that nobody wrote down: each is learned, or what is missing is a question and a difference."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recorded_session import Session
from tests.support.releases import BASE_RELEASE

from chatgptfree import blocking
from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.learned_release import LearnedRelease
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.tape.model import Cassette, Interaction

JUDGE = partial(differences, marks=PAGE_MARKS)
NAME = "92.5.0"
TAPE = Session(BASE_RELEASE).ask_twice()
Edit = Callable[[str], str]


def kind_of(interaction: Interaction) -> str:
    uri, kind = interaction.request.uri, interaction.response.header("Content-Type")
    return "stream" if "event-stream" in kind else "ajax" if "admin-ajax" in uri else "page"


def edited(kind: str, edit: Edit, content_type: str = "") -> Cassette:
    """Return the recording with the bodies of one kind edited."""
    changed = []
    for each in TAPE.interactions:
        response = each.response
        if kind_of(each) == kind:
            body = edit(response.body.decode()).encode()
            headers = tuple(
                (name, content_type if content_type and name == "Content-Type" else value)
                for name, value in response.headers
            )
            response = replace(response, body=body, chunks=(), headers=headers)
        changed.append(replace(each, response=response))
    assert tuple(changed) != TAPE.interactions
    return replace(TAPE, interactions=tuple(changed))


def learn(tape: Cassette) -> LearnedRelease:
    return learn_release(built_in(), [tape], name=NAME, base=BASE_RELEASE, judge=JUDGE)


def config(edit: Callable[[dict[str, Any]], dict[str, Any]], *, more: str = "", body: str = "") -> Edit:
    """Return an edit of the chat's config; *more* attributes are put beside it, and *body* at the end of the page."""

    def change(page: str) -> str:
        found = re.search(r"data-config='([^']*)'", page)
        assert found is not None
        before = json.loads(html.unescape(found[1]))
        after = html.escape(json.dumps(edit(before)))
        fills = {"nonce": before["nonce"]}
        return page.replace(found[0], f"data-config='{after}'{more.format_map(fills)}") + body.format_map(fills)

    return change


def without(*keys: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda config: {key: value for key, value in config.items() if key not in keys}


def nonce_as(value: Callable[[str], object]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda config: {**config, "nonce": value(config["nonce"])}


QUESTIONS: Mapping[str, tuple[Cassette, str]] = {
    "nonce in a script": (
        edited("page", config(without("nonce"), body="<script>var chat = {{'nonce': '{nonce}'}};</script>")),
        "the nonce is in a script, where no release file can put it",
    ),
    "nonce in a hidden input": (
        edited("page", config(without("nonce"), body="<input type='hidden' name='n' value='{nonce}'>")),
        "the nonce is in a hidden input, where no release file can put it",
    ),
    "nonce in a meta tag": (
        edited("page", config(without("nonce"), body="<meta name='n' content='{nonce}'>")),
        "the nonce is in a tag of its own, where no release file can put it",
    ),
    "bot id as text": (
        edited("page", config(lambda config: {**config, "botId": str(config["botId"])})),
        "what explains this? data-config botId holds number, not text",
    ),
    "class of another name": (
        edited("page", lambda page: page.replace("aipkit_chat_container", "aipuffer_box")),
        "what explains this? element renamed: div.aipuffer_box",
    ),
    "no end mark": (
        edited("stream", lambda stream: stream[: stream.index("event: done")]),
        "what explains this? new: event done",
    ),
    "text deeper in the event": (
        edited("stream", lambda stream: re.sub(r'\{("delta":"[^"]*")\}', r'{"data":{\1}}', stream)),
        "what explains this? gone: event (without a name)",
    ),
    "lines that end with CRLF": (
        edited("stream", lambda stream: stream.replace("\n", "\r\n")),
        "what explains this? lines end with CRLF → LF",
    ),
    "no blank after the colon": (
        edited("stream", lambda stream: re.sub(r"(?m)^(data|event): ", r"\1:", stream)),
        "what explains this? after the colon: none → a blank",
    ),
    "cache key of another name": (
        edited("ajax", lambda reply: reply.replace("cache_key", "token")),
        "what explains this? keys gone: data.token",
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_no_file_can_express_is_a_question_and_a_difference(name: str) -> None:
    tape, question = QUESTIONS[name]
    learned = learn(tape)
    assert question in learned.text
    unlike = [each for each in learned.exchanges if not each.alike]
    assert unlike
    assert all(f"#   ? {each.name}: " in learned.text for each in unlike)


def test_a_nonce_of_another_form_is_a_question() -> None:
    longer = edited("page", config(nonce_as(lambda nonce: f"{nonce}abcdef")))
    nonces = {value for each in TAPE.interactions for value in re.findall(r"_ajax_nonce=(\w+)", each.request.uri)}
    assert len(nonces) == 1
    (nonce,) = nonces
    sent = [
        replace(
            each,
            request=replace(
                each.request,
                uri=each.request.uri.replace(nonce, f"{nonce}abcdef"),
                body=(each.request.body or b"").replace(nonce.encode(), f"{nonce}abcdef".encode()) or None,
            ),
        )
        for each in longer.interactions
    ]
    learned = learn(replace(longer, interactions=tuple(sent)))
    assert "the nonce is not ten hexadecimal digits but 16 characters" in learned.text
    assert not next(each for each in learned.exchanges if "/chat/" in each.name).alike


LEARNED: Mapping[str, tuple[Cassette, str]] = {
    "nonce with its expiry": (
        edited("page", config(nonce_as(lambda nonce: {"value": nonce, "expires": 1795394135}))),
        'nonce: {value: "{nonce}", expires: 1795394135}',
    ),
    "nonce in an attribute": (
        edited("page", config(without("nonce"), more=' data-token="{nonce}"')),
        '{name: data-token, value: "{nonce}", after: data-config}',
    ),
    "relative address": (
        edited("page", config(lambda config: {**config, "ajaxUrl": "/wp-admin/admin-ajax.php"})),
        'ajaxUrl: "/wp-admin/admin-ajax.php"',
    ),
    "end mark of another name": (
        edited("stream", lambda stream: stream.replace("event: done", "event: finished")),
        "done: finished",
    ),
}


@pytest.mark.parametrize("name", LEARNED)
def test_differences_that_a_file_can_express_are_served_as_recorded(name: str, tmp_path: Path) -> None:
    tape, line = LEARNED[name]
    learned = learn(tape)
    assert line in learned.text
    assert learned.alike == len(learned.exchanges), learned.text
    assert "?" not in learned.text.partition("\nbase:")[0]
    file = tmp_path / f"{NAME}.yaml"
    file.write_text(learned.text, encoding="utf-8")
    with (
        MockSite(pack=registry.reference("aipower", releases=[file]), plugin=NAME, reply="Hello!") as site,
        blocking.ChatClient(site.url + "/chat/") as chat,
    ):
        assert chat.ask("Hi").text == "Hello!"


@pytest.mark.parametrize(
    ("tape", "words"),
    [
        pytest.param(
            edited("page", lambda _: "<p>No chat.</p>"),
            "HTML pages none has a chat's values in attributes",
            id="page",
        ),
        pytest.param(
            edited("stream", lambda stream: '{"delta": "Hi"}\n', "application/x-ndjson"),
            "is application/x-ndjson, which is not an event stream",
            id="stream",
        ),
    ],
)
def test_what_cannot_be_learned_from_is_named(tape: Cassette, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        learn(tape)
