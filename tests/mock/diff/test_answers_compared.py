"""What counts as a difference between two answers, and what belongs to one visit."""

from __future__ import annotations

import json
from functools import partial

import pytest
from msgspec.structs import replace
from tests.support.page_of_site import page

from chatgptfree_mock.diff import pairing
from chatgptfree_mock.diff.findings import Diff
from chatgptfree_mock.sites.aipower.client_view import what_a_client_makes
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.tape.model import Cassette, End, Headers, Interaction, Request, Response

compare = partial(pairing.compare, marks=PAGE_MARKS)

AJAX = "https://chatgptfree.ai/wp-admin/admin-ajax.php"
FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)


def post(message: str = "Hi", nonce: str = "0123456789", uri: str = AJAX) -> Request:
    body = f"_wpnonce={nonce}&action=wpaicg_chat_shortcode_message&message={message}".encode()
    return Request(method="POST", uri=uri, headers=FORM, body=body)


def answer(body: str, kind: str = "text/event-stream;charset=UTF-8", **more: object) -> Response:
    headers: Headers = (("Content-Type", kind),)
    return replace(Response(headers=headers, body=body.encode()), **more)


def tape(*responses: Response, request: Request | None = None) -> Cassette:
    return Cassette(interactions=tuple(Interaction(request=request or post(), response=each) for each in responses))


def differences(before: Response, after: Response) -> list[str]:
    found = compare([tape(before)], [tape(after)])
    return [finding.sentence for pair in found.pairs for finding in pair.differences]


def delta(text: str, finish: str | None = None) -> str:
    return "data: " + json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}) + "\n\n"


ALIKE = [
    pytest.param(
        answer(delta("Hi") + delta("", "stop") + "data: [DONE]\n\n"),
        answer(delta("Good") + delta(" day") + delta("", "stop") + "data: [DONE]\n\n"),
        id="another text, in more events",
    ),
    pytest.param(
        answer("<p>nonce 0123456789 at http://127.0.0.1:8080/</p>", "text/html"),
        answer("<p>nonce 0123abcdef at http://127.0.0.1:9090/</p>", "text/html"),
        id="another nonce and host",
    ),
    pytest.param(
        answer('{"id":"chatcmpl-1a2b3c4d","object":"chat.completion"}', "application/json"),
        answer('{"id":"chatcmpl-9z8y7x6w","object":"chat.completion"}', "application/json"),
        id="another id",
    ),
    pytest.param(
        answer(delta("Hello"), chunks=((1, len(delta("Hello"))),)),
        answer(delta("Hello"), chunks=((1, 3), (9, len(delta("Hello")) - 3))),
        id="another cut",
    ),
    pytest.param(
        answer('{"t":"Hi","done":false}\n{"done":true,"n":3}\n', "application/x-ndjson"),
        answer('{"t":"Good","done":false}\r\n\r\n{"t":" day"}\r\n{"done":true,"n":7}', "application/x-ndjson"),
        id="another text in lines of JSON",
    ),
]


@pytest.mark.parametrize(("before", "after"), ALIKE)
def test_values_of_one_visit_do_not_count_as_a_difference(before: Response, after: Response) -> None:
    assert differences(before, after) == []


def test_lines_of_json_differ_by_their_keys() -> None:
    before, after = '{"t":"Hi"}\n{"done":true}\n', '{"t":"Hi"}\n{"done":true,"n":5}\n'
    found = differences(*(answer(body, "application/x-ndjson") for body in (before, after)))
    assert found == ["keys new: n"]


DIFFERENT = [
    pytest.param(
        answer(delta("Hi") + "data: [DONE]\n\n"),
        answer(delta("Hi") + delta("", "stop")),
        [
            "gone: [DONE]",
            "last in the stream: [DONE] → event (without a name) with finish_reason",
            "event (without a name): choices[].finish_reason holds null or text, not null",
        ],
        id="the end mark is another",
    ),
    pytest.param(
        answer(delta("Hi")),
        answer(delta("Hi") + "data: {"),
        ["after the last event: nothing → half an event"],
        id="half an event",
    ),
    pytest.param(
        answer(delta("Hi")), answer(delta("Hi"), end=End.RESET), ["how it ended: complete → reset"], id="reset"
    ),
    pytest.param(
        answer('{"data":"Hi"}', "application/json"),
        answer('{"data":{"text":"Hi"}}', "application/json"),
        ["keys new: data.text", "data holds object, not text"],
        id="another type",
    ),
    pytest.param(
        answer("{}", "application/json", headers=(("Content-Type", "application/json"), ("Retry-After", "30"))),
        answer("{}", "application/json", headers=(("Content-Type", "application/json"), ("Set-Cookie", "a=b; Path=/"))),
        ["gone: Retry-After", "cookies new: a"],
        id="headers and cookies",
    ),
    pytest.param(
        answer(delta("Hi") + "data: [DONE]\n\n"),
        answer((delta("Hi") + "data: [DONE]\n\n").replace("\n", "\r\n").replace("data: ", "data:")),
        ["lines end with LF → CRLF", "after the colon: a blank → none"],
        id="the same events in other bytes",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), DIFFERENT)
def test_what_a_client_meets_is_a_difference(before: Response, after: Response, expected: list[str]) -> None:
    assert differences(before, after) == expected


def test_an_event_with_two_names_has_the_last_as_for_any_reader() -> None:
    before, after = answer("event: first\nevent: ping\ndata: {}\n\n"), answer("event: ping\ndata: {}\n\n")
    assert differences(before, after) == ["ping fields: event, event, data → event, data"]


def test_another_cut_is_a_note() -> None:
    body = delta("Hello")
    found = compare([tape(answer(body))], [tape(answer(body, chunks=((1, 3), (9, len(body) - 3))))])
    assert [finding.sentence for finding in found.pairs[0].notes] == ["1 chunk → 2 chunks"]
    assert not found.differs


def test_requests_are_paired_whatever_their_nonce_folder_and_order() -> None:
    here = (post("One"), post("Two"))
    there = tuple(
        post(each, nonce="abcdef0123", uri="http://127.0.0.1:1/v/1.8.91/wp-admin/admin-ajax.php")
        for each in ("Two", "One")
    )
    before = Cassette(interactions=tuple(Interaction(request=each, response=answer(delta("x"))) for each in here))
    after = Cassette(interactions=tuple(Interaction(request=each, response=answer(delta("x"))) for each in there))
    found = compare([before], [after])
    assert [pair.name for pair in found.pairs] == [
        "cassette #1 ↔ cassette #2",
        "cassette #2 ↔ cassette #1",
    ]
    assert not found.differs


def test_the_folder_of_wordpress_does_not_count_as_a_difference() -> None:
    def conversation(root: str) -> Cassette:
        link = f'<http://127.0.0.1:8080{root}/wp-json/>; rel="https://api.w.org/"'
        escaped = f"{root}/wp-admin/".replace("/", r"\/")
        html = f'<a href="{root}/chat/">Chat</a> <i data-url="http://site{root}"> {{"ajaxUrl":"{escaped}"}}'
        page_of_site = answer(html, "text/html", headers=(("Content-Type", "text/html"), ("Link", link)))
        asking = post(uri=f"http://127.0.0.1:8080{root}/wp-admin/admin-ajax.php")
        looking = Request(method="GET", uri=f"http://127.0.0.1:8080{root}/chat/")
        pairs = ((looking, page_of_site), (asking, answer(delta("Hi"))))
        return Cassette(interactions=tuple(Interaction(request=one, response=other) for one, other in pairs))

    found = compare([conversation("/v/1.8.90")], [conversation("")])
    assert [pair.findings for pair in found.pairs] == [(), ()]


def test_another_form_of_a_request_is_reported() -> None:
    get = Request(method="GET", uri=f"{AJAX}?_wpnonce=0&action=wpaicg_chat_shortcode_message&message=Hi&chat_id=1")
    found = compare([tape(answer("", "text/html"), request=get)], [tape(answer("", "text/html"))])
    sentences = [finding.sentence for finding in found.pairs[0].differences]
    assert sentences == [
        "method GET → POST",
        "form sent as no body → application/x-www-form-urlencoded",
        "fields gone: chat_id",
    ]


def pages(before: dict[str, object], after: dict[str, object]) -> Diff:
    request = Request(method="GET", uri="https://chatgptfree.ai/chat/")
    sides = [
        tape(answer(page(site_from(settings)), "text/html; charset=UTF-8"), request=request)
        for settings in (before, after)
    ]
    return compare([sides[0]], [sides[1]], judge=what_a_client_makes)


BOTH = {"bots": [{"place": "shortcode"}, {"place": "widget"}]}
PAGES = [
    pytest.param(
        *("1.8.95", "1.8.96"),
        ["div.wpaicg-chat-shortcode attributes gone: data-use-avatar, data-user-avatar, data-you, data-ai-avatar"],
        id="attributes went",
    ),
    pytest.param(
        *("1.9.14", "1.9.16"),
        ['div.wpaicg-chatbox data-post-id holds text, "<261", not a number'],
        id="a stray bracket",
    ),
    pytest.param("2.3.92", "2.3.93", ["data-config keys new: showSources, text.statusThinking"], id="keys came"),
    pytest.param("2.4.0", "2.4.1", ["data-config keys gone: streamEnabled"], id="a key went"),
    pytest.param(
        *("1.9.18", "2.3"),
        [
            "elements gone: div.wpaicg-chat-shortcode, div.wpaicg-chatbox",
            "the reference client finds wpaicg shortcode and wpaicg widget → finds aipkit inline",
        ],
        id="another generation",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), PAGES)
def test_pages_are_compared_by_their_chats(before: str, after: str, expected: list[str]) -> None:
    settings = BOTH if before.startswith("1.") else {}
    found = pages({"plugin": before, **settings}, {"plugin": after, **(settings if after.startswith("1.") else {})})
    sentences = [finding.sentence for finding in found.pairs[0].differences]
    for sentence in expected:
        assert any(each.startswith(sentence) for each in sentences), sentences


def test_another_setting_is_a_note() -> None:
    found = pages({"plugin": "2.3.93"}, {"plugin": "2.3.93", "bots": [{"name": "Another"}]})
    assert not found.differs
    assert 'data-config headerName "AI" → "Another"' in [finding.sentence for finding in found.pairs[0].notes]


def chat_page(tag: str) -> Response:
    return answer(f"<html><body>{tag}</body></html>", "text/html")


NONCE, OTHER = "0a1b2c3d4e", "f9e8d7c6b5"
CHAT = '<div class="wpaicg-chat-shortcode" data-nonce="{}" data-post-id="6" data-bot-id="0" data-url="x">'
RENAMED = [
    pytest.param(
        CHAT.format(NONCE),
        CHAT.format(OTHER).replace("data-nonce", "data-key"),
        ["div.wpaicg-chat-shortcode attribute renamed: data-nonce → data-key"],
        id="an attribute with a nonce",
    ),
    pytest.param(
        CHAT.format(NONCE),
        CHAT.format(OTHER).replace("data-post-id", "data-page"),
        ["div.wpaicg-chat-shortcode attribute renamed: data-post-id → data-page"],
        id="an attribute between the same neighbours",
    ),
    pytest.param(
        CHAT.format(NONCE),
        CHAT.format(OTHER).replace("wpaicg-chat-shortcode", "new-chat"),
        ["element renamed: div.wpaicg-chat-shortcode → div.new-chat"],
        id="an element",
    ),
    pytest.param(
        CHAT.format(NONCE) + "<script>var wpaicgParams = {}</script>".replace("{}", '{"ajax_url":"x"}'),
        CHAT.replace(' data-nonce="{}"', "") + f'<script>var wpaicgParams = {{"ajax_url":"x","n":"{OTHER}"}}</script>',
        [
            "nonce moved: div.wpaicg-chat-shortcode data-nonce → wpaicgParams n",
            "div.wpaicg-chat-shortcode attributes gone: data-nonce",
            "wpaicgParams keys new: n",
        ],
        id="a nonce into a variable",
    ),
    pytest.param(
        f"""<div class="aipkit_chat_container" data-config='{{"botId":5,"nonce":"{NONCE}","postId":6}}'>""",
        f"""<div class="aipkit_chat_container" data-config='{{"botId":5,"security":"{OTHER}","postId":6}}'>""",
        ["data-config key renamed: nonce → security"],
        id="a key of the config",
    ),
    pytest.param(
        f"""<div class="aipkit_chat_container" data-config='{{"botId":5,"nonce":"{NONCE}","postId":6}}'>""",
        f"""<div class="aipkit_chat_container" data-auth="{OTHER}" data-config='{{"botId":5,"postId":6}}'>""",
        [
            "nonce moved: div.aipkit_chat_container data-config nonce → div.aipkit_chat_container data-auth",
            "div.aipkit_chat_container attributes new: data-auth",
            "data-config keys gone: nonce",
        ],
        id="a nonce out of the config",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), RENAMED)
def test_renamed_names_and_moved_nonces_are_reported_as_such(before: str, after: str, expected: list[str]) -> None:
    assert differences(chat_page(before), chat_page(after)) == expected


def test_the_outcome_decides_what_belongs_together_before_the_message_does() -> None:
    good, refused = answer(delta("Hi") + "data: [DONE]\n\n"), answer("gone", "text/html", status=403)
    half = answer(delta("Hi") + "data: {")

    def conversation(*exchanges: tuple[str, Response]) -> Cassette:
        return Cassette(interactions=tuple(Interaction(request=post(text), response=each) for text, each in exchanges))

    before = conversation(("One", good), ("Two", refused), ("Three", half))
    after = conversation(("Two", half), ("One", refused), ("Four", good))
    found = compare([before], [after])
    assert [pair.name.rpartition("#")[2] for pair in found.pairs] == ["3", "2", "1"]
    assert not found.differs


def test_of_several_with_the_same_outcome_the_message_and_then_the_order_decide() -> None:
    reply = answer(delta("Hi"))

    def conversation(*messages: str) -> Cassette:
        return Cassette(interactions=tuple(Interaction(request=post(each), response=reply) for each in messages))

    found = compare([conversation("A", "A", "B")], [conversation("B", "A", "A")])
    assert [(pair.before[-1], pair.after[-1]) for pair in found.pairs] == [("1", "2"), ("2", "3"), ("3", "1")]


def test_findings_are_data() -> None:
    found = compare([tape(answer("{}", "application/json"))], [tape(answer('{"a": 1}', "application/json"))])
    assert found.as_data()["pairs"] == [
        {
            "before": "cassette #1",
            "after": "cassette #1",
            "request": "POST /wp-admin/admin-ajax.php wpaicg_chat_shortcode_message",
            "findings": [
                {
                    "topic": "json",
                    "change": "added",
                    "what": "keys",
                    "before": [],
                    "after": ["a"],
                    "note": False,
                    "sentence": "keys new: a",
                }
            ],
        }
    ]


def test_a_page_of_a_site_that_nobody_knows_is_compared_by_its_structure() -> None:
    def site(name: str, key: str) -> Cassette:
        html = f"""<html><div class="ask" data-{name}="k3-x" data-csrf-nonce="q8Zt">Ask</div>
        <script>var other_site = {{"{key}": 1}};</script></html>"""
        return tape(answer(html, "text/html"))

    found = pairing.compare([site("room", "a")], [site("channel", "b")])
    (pair,) = found.pairs
    assert [each.sentence for each in pair.differences] == ["div.ask attribute renamed: data-room → data-channel"]
