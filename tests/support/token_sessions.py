"""
Recorded sessions whose tokens are known: every kind in which sites give values out and demand them back.

Each kind is a function that plays a visit with values of its own and returns what has to be found, as pairs of name and
class.  Around the tokens is what looks like some: words, versions, sizes of pictures, hashed file names, model names.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from urllib.parse import quote, unquote

from tests.support.framework_token_sessions import FRAMEWORK_KINDS
from tests.support.site_token_sessions import SITE_KINDS
from tests.support.token_visit import NOISE, NOISE_SENT, RECORDED, SITE, Expected, Visit

from chatgptfree_mock.tape.model import Cassette


def csrf_in_a_meta_tag_and_a_cookie(visit: Visit) -> Expected:
    token, sid = visit.base64(), visit.hex(26)
    page = f'<meta name="csrf-token" content="{html.escape(token)}">{NOISE}'
    visit.get("/", page, given=(("Set-Cookie", f"PHPSESSID={sid}; Path=/; HttpOnly"),))
    sent = {"csrf_token": token, "message": "Hello, who are you?", **NOISE_SENT}
    visit.post(sent, sent=(("Cookie", f"PHPSESSID={sid}; theme=dark2"),))
    return [("csrf_token", "token"), ("PHPSESSID", "token")]


def double_submit_cookie(visit: Visit) -> Expected:
    token = quote(visit.base64(), safe="")
    visit.get("/", NOISE, given=(("Set-Cookie", f"XSRF-TOKEN={token}; Path=/"),))
    visit.send({"q": "hi"}, sent=(("Cookie", f"XSRF-TOKEN={token}"), ("X-XSRF-TOKEN", unquote(token))))
    return [("XSRF-TOKEN", "token"), ("x-xsrf-token", "token")]


def json_in_an_attribute(visit: Visit) -> Expected:
    token = f"{visit.hex()}/{visit.hex()}+"
    config = json.dumps({"ajax": "/ask", "nonce": token}).replace("/", "\\/")
    visit.get("/", f'<div data-config="{html.escape(config).replace("+", "&#43;")}">{NOISE}')
    visit.post({"_ajax_nonce": token, "action": "chat", **NOISE_SENT})
    return [("_ajax_nonce", "token")]


def json_in_a_single_quoted_attribute(visit: Visit) -> Expected:
    token = visit.hex()
    visit.get("/", f"<div data-x='{json.dumps({'bot_id': 'b4711', 'nonce': token})}'>{NOISE}</div>")
    visit.post({"_ajax_nonce": token, "bot_id": "b4711", "action": "chat"})
    return [("_ajax_nonce", "token"), ("bot_id", "constant")]


def base64_in_the_page(visit: Visit) -> Expected:
    token = visit.hex(20)
    config = base64.b64encode(json.dumps({"token": token}).encode()).decode()
    visit.get("/", f"<script>const c = JSON.parse(atob('{config}'))</script>{NOISE}")
    visit.post({"token": token, "q": "hello", **NOISE_SENT})
    return [("token", "token")]


def base64_of_the_bare_value(visit: Visit) -> Expected:
    token = visit.hex()
    visit.get("/", f"<input value={base64.b64encode(token.encode()).decode()} name=n>{NOISE}")
    visit.post({"n": token})
    return [("n", "token")]


def four_codings_deep(visit: Visit) -> Expected:
    token = visit.base64() + "/x"
    inner = base64.b64encode(quote(json.dumps({"ticket": token}).replace("/", "\\/"), safe="").encode()).decode()
    noise = "&amp;&quot;%20\\u00e9\\x41\\/ " * 50
    visit.get("/", f'{noise}{NOISE}<i data-s="{html.escape(json.dumps(inner))}">{noise}')
    visit.post({"ticket": token})
    return [("ticket", "token")]


def javascript_string(visit: Visit) -> Expected:
    token = visit.letters(12) + "'" + visit.letters(12)
    escaped = token.replace("'", "\\x27")
    visit.get("/", f"<script>window.chat = {{nonce: '{escaped}', step: 'next'}};</script>{NOISE}")
    visit.post({"nonce": token, **NOISE_SENT})
    return [("nonce", "token")]


def url_encoded_in_a_link(visit: Visit) -> Expected:
    token = visit.base64()
    visit.get("/", f'<a href="/go?next=%2Fchat%3Ft%3D{quote(quote(token, safe=""), safe="")}%26p%3D2">chat</a>{NOISE}')
    visit.get(f"/chat?t={quote(token, safe='')}&p=2", "hello")
    return [("t", "token")]


def segment_of_a_path(visit: Visit) -> Expected:
    room = visit.hex(24)
    visit.get("/", f'<a href="/rooms/{room}/live">enter</a>{NOISE}')
    visit.get(f"/rooms/{room}/live", "hello")
    return [("path:2", "token")]


def short_segment_of_a_path(visit: Visit) -> Expected:
    room = visit.hex(12)
    visit.get("/", f'{NOISE}<a href="/rooms/{room}">enter</a>')
    visit.get(f"/rooms/{room}", "hello")
    return [("path:2", "token")]


def header_with_a_scheme(visit: Visit) -> Expected:
    token = f"{visit.letters(36)}.{visit.letters(80)}.{visit.letters(43)}"
    visit.send({"guest": True}, path="/api/login", text=json.dumps({"access_token": token, "expires_in": 3600}))
    visit.send({"q": "hi"}, sent=(("Authorization", f"Bearer {token}"), ("X-Requested-With", "XMLHttpRequest")))
    return [("authorization", "token")]


def header_without_a_scheme(visit: Visit) -> Expected:
    token = visit.hex()
    visit.get("/", f'<script>var wpApiSettings = {{"root":"\\/wp-json\\/","nonce":"{token}"}};</script>{NOISE}')
    visit.send({"message": "hi"}, sent=(("X-WP-Nonce", token), ("Referer", f"{SITE}/?x={visit.hex(20)}")))
    return [("x-wp-nonce", "token")]


def header_with_a_scheme_of_its_own(visit: Visit) -> Expected:
    token = visit.letters()
    visit.get("/session", f"ticket: {token}\n", kind="plain")
    visit.send({"q": "hi"}, sent=(("Authorization", f"ChatSession {token}"),))
    return [("authorization", "token")]


def session_in_a_header_of_the_response(visit: Visit) -> Expected:
    session = visit.uuid()
    visit.get("/mcp", "{}", given=(("Mcp-Session-Id", session), ("CF-Ray", visit.hex(16))), kind="json")
    visit.send({"id": 2, "method": "tools/list"}, sent=(("Mcp-Session-Id", session),))
    return [("mcp-session-id", "token")]


def multipart_form(visit: Visit) -> Expected:
    token = visit.hex()
    visit.get("/", f'<input type="hidden" name="_wpnonce" value="{token}"><input name="post_id" value="7">{NOISE}')
    visit.upload({"_wpnonce": token, "post_id": "7", "message": "What is 1920x1080?"})
    return [("_wpnonce", "token"), ("post_id", "constant")]


def post_id(visit: Visit) -> Expected:
    number, nonce = str(visit.random.randrange(100, 99999)), visit.hex()
    visit.get("/", f'<div data-post-id="{number}" data-nonce="{nonce}">Price {number}, room 101</div>{NOISE}')
    visit.post({"post_id": number, "_wpnonce": nonce, "bot_id": "0", "action": "wpaicg_chat_shortcode_message"})
    return [("post_id", "constant"), ("_wpnonce", "token")]


def id_whose_name_comes_behind(visit: Visit) -> Expected:
    number = str(visit.random.randrange(1000, 9999))
    visit.get("/", f"<input type=hidden value={number} name=form_id>{NOISE}")
    visit.post({"form_id": number, "price": "1201", "total": "12345678"})
    return [("form_id", "constant")]


def public_id_that_looks_random(visit: Visit) -> Expected:
    assistant = f"asst_{visit.letters(24)}"
    visit.get("/", f'<chat-box assistant-id="{assistant}"></chat-box>{NOISE}')
    visit.send({"assistant_id": assistant, "model": "gpt-4o-2024-08-06", "max_tokens": 4096})
    return [("assistant_id", "constant")]


def time_in_milliseconds(visit: Visit) -> Expected:
    milliseconds = str(RECORDED * 1000 + visit.random.randrange(60_000))
    visit.get("/", NOISE)
    visit.post({"_ts": milliseconds, "message": "hi", "views": "12345678"})
    return [("_ts", "clock")]


def time_in_seconds_of_the_page(visit: Visit) -> Expected:
    seconds = RECORDED + visit.random.randrange(60)
    visit.get("/", f'<form data-rendered="{seconds}">{NOISE}')
    visit.send({"rendered": seconds, "limit": 4096, "sent": seconds + 5.125, "temperature": 0.7})
    return [("rendered", "clock"), ("sent", "clock")]


def time_without_a_date(visit: Visit) -> Expected:
    visit.dated = False
    visit.get("/", NOISE)
    visit.post({"timestamp": f"{RECORDED}.{visit.random.randrange(100, 999)}", "message": "hi"})
    return [("timestamp", "clock")]


def ids_of_the_client(visit: Visit) -> Expected:
    visit.get("/", NOISE)
    visit.post({"session_id": visit.uuid(), "message": "internationalisation", "email": "ann1234567@chat.invalid"})
    return [("session_id", "client")]


def id_of_the_client_that_comes_back_under_another_name(visit: Visit) -> Expected:
    own = visit.letters(16)
    visit.send({"client_id": own, "q": "hi"}, text=json.dumps({"conversation": own, "token": "none"}))
    visit.send({"conversation": own, "q": "more"})
    return [("client_id", "client"), ("conversation", "client")]


def cache_key_of_a_stream(visit: Visit) -> Expected:
    nonce, key = visit.hex(), f"sse_{visit.hex(13)}.{visit.random.randrange(10**8, 10**9)}"
    visit.get("/", f"<script>var chat={{'nonce':'{nonce}'}}</script>{NOISE}")
    visit.post(
        {"_ajax_nonce": nonce, "action": "cache"}, text=json.dumps({"success": True, "data": {"cache_key": key}})
    )
    visit.get(f"/ajax?action=stream&cache_key={key}&_ajax_nonce={nonce}", "data: hi\n\n", kind="text/event-stream")
    return [("_ajax_nonce", "token"), ("cache_key", "token")]


def nonce_that_rotates_with_each_answer(visit: Visit) -> Expected:
    nonces = [visit.hex(16) for _ in range(4)]
    visit.get("/", f'<body data-nonce="{nonces[0]}">{NOISE}')
    for one, following in pairwise(nonces):
        visit.send({"nonce": one, "q": "hi"}, text=json.dumps({"text": "hello", "next_nonce": following}))
    return [("nonce", "token")] * 3


def two_visitors(visit: Visit) -> Expected:
    for _ in range(2):
        sid, token = visit.letters(26), visit.hex()
        visit.get("/", f'<b data-csrf="{token}">{NOISE}', given=(("Set-Cookie", f"sid={sid}; Path=/"),))
        visit.post({"csrf": token, "message": "hi"}, sent=(("Cookie", f"sid={sid}"),))
    return [("csrf", "token"), ("sid", "token")] * 2


def prefixes_in_common(visit: Visit) -> Expected:
    head = visit.hex(20)
    tokens = [f"{head}-{number}" for number in (1, 12, 123)]
    visit.get("/", " ".join(f'<i data-key="{token}"></i>' for token in reversed(tokens)) + NOISE)
    for token in tokens:
        visit.post({"key": token})
    return [("key", "token")] * 3


def low_entropy_by_its_name(visit: Visit) -> Expected:
    number = visit.random.randrange(10, 99)
    visit.get("/", f'<input name="csrf" value="qwert"><input name="ticket" value="tck{number}">{NOISE}')
    visit.post({"csrf": "qwert", "ticket": f"tck{number}", "state": "open", "key": "submit"})
    return [("csrf", "token"), ("ticket", "token")]


def inside_a_text(visit: Visit) -> Expected:
    token = visit.letters(20)
    visit.get("/", f"<script>subscribe('room:{token}|public');</script>{NOISE}")
    visit.send({"room": token, "step": "subscribe"})
    return [("room", "token")]


def not_inside_a_longer_one(visit: Visit) -> Expected:
    token = visit.letters(20)
    visit.get("/", f"<script src='/chunk-{token}abc/app.js'></script>{NOISE}")
    visit.send({"device": token})
    return [("device", "client")]


def given_out_twice(visit: Visit) -> Expected:
    token = visit.hex(32)
    visit.get("/", f'<b data-token="{token}">{NOISE}')
    visit.get("/again", f'{{"token":"{token}"}}', kind="json")
    visit.post({"token": token})
    return [("token", "token")]


def words_of_the_page(visit: Visit) -> Expected:
    page = "<h1>getChatResponse</h1><option value='Europe/Berlin'>submit</option><a href='/chat/2026/11'>v2.4.71</a>"
    visit.get("/", page + NOISE + '<b data-email="ann1234@chat.invalid" data-d="2026-11-25" data-z="PT1H30M15S">')
    sent = {"action": "getChatResponse", "tz": "Europe/Berlin", "redirect_to": "/chat/2026/11", "ver": "v2.4.71"}
    visit.post({**sent, "email": "ann1234@chat.invalid", "day": "2026-11-25", "max_age": "PT1H30M15S", **NOISE_SENT})
    return []


def numbers_of_the_page(visit: Visit) -> Expected:
    visit.get("/", f'<b data-total="12345678" data-count=4096 data-phone="4915112345678">{NOISE}<i>1201</i>')
    visit.send({"total": 12345678, "page_count": 4096, "phone": "4915112345678", "room": 1201, "paid": "1201"})
    return []


def numbers_of_things(visit: Visit) -> Expected:
    """Numbers by which shops and networks call what is the same for every visitor."""
    book, post = "9783161484100", "1834567890123456789"
    visit.get("/", f'<b data-x="{book}" data-y="{post}">{NOISE}')
    visit.send({"isbn": book, "tweet": post})
    return [("isbn", "constant"), ("tweet", "constant")]


def files_of_the_page(visit: Visit) -> Expected:
    nonce = visit.hex()
    visit.get("/", f'{NOISE}<b data-nonce="{nonce}">')
    visit.get(
        "/assets/app-3f2a9c1e77.js?v=9f8e7d6c5b", "let a", kind="text/javascript", sent=(("If-None-Match", '"x"'),)
    )
    visit.post({"nonce": nonce, "file": "app-3f2a9c1e77.js"})
    return [("nonce", "token")]


def unquoted_attribute(visit: Visit) -> Expected:
    nonce = visit.hex()
    visit.get("/", f"<form><input type=hidden name=_wpnonce value={nonce} /></form>{NOISE}")
    visit.post({"_wpnonce": nonce})
    return [("_wpnonce", "token")]


def state_of_a_login(visit: Visit) -> Expected:
    state, code = visit.letters(16), visit.letters(30)
    visit.get("/login", "", given=(("Location", f"{SITE}/authorize?app=chat&state={state}"),))
    visit.get(f"/authorize?app=chat&state={state}", "", given=(("Location", f"/back?code={code}&state={state}"),))
    visit.get(f"/back?code={code}&state={state}", "welcome")
    return [("state", "token"), ("code", "token")]


def hidden_fields_of_asp(visit: Visit) -> Expected:
    view, check = visit.base64(90), visit.base64(60)
    fields = {"__VIEWSTATE": view, "__RequestVerificationToken": check, "__EVENTTARGET": "submit"}
    visit.get("/", "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items()) + NOISE)
    visit.post({**fields, "text": "hello"})
    return [("__VIEWSTATE", "token"), ("__RequestVerificationToken", "token")]


def conversation_of_the_server(visit: Visit) -> Expected:
    conversation, message = visit.uuid(), visit.uuid()
    visit.send(
        {"messages": [{"id": message, "role": "user", "content": "hi"}]},
        text=f'data: {{"conversation_id":"{conversation}","text":"he"}}\n\ndata: [DONE]\n\n',
    )
    visit.send({"conversation_id": conversation, "parent_message_id": message})
    return [("id", "client"), ("conversation_id", "token"), ("parent_message_id", "client")]


def escaped_characters_in_json(visit: Visit) -> Expected:
    token = f"{visit.letters(8)}+{visit.letters(8)}="
    spelled = token.replace("+", "\\u002B").replace("=", "\\u003d")
    visit.get("/config.json", f'{{"csrf":"{spelled}","next":"\\/chat"}}', kind="json")
    visit.send({"csrf": token, "next": "/chat"})
    return [("csrf", "token")]


def key_of_the_api(visit: Visit) -> Expected:
    key = f"sk-{visit.letters(40)}"
    visit.send({"model": "gpt-4o-2024-08-06", "max_tokens": 4096}, sent=(("Authorization", f"Bearer {key}"),))
    visit.send({"model": "gpt-4o-2024-08-06"}, sent=(("Authorization", f"Bearer {key}"), ("X-Stainless-Os", "Linux5x")))
    return [("authorization", "client")]


def short_value_of_the_client_that_the_page_repeats(visit: Visit) -> Expected:
    own = f"ab{visit.random.randrange(10, 99)}cd"
    visit.get(f"/?ref={own}", f'<b data-session="{own}">{NOISE}')
    visit.post({"session": own})
    return [("session", "client")]


def cursor_of_a_link_header(visit: Visit) -> Expected:
    cursor = visit.letters(14)
    visit.get("/", NOISE, given=(("Link", f'<{SITE}/next?cursor={cursor}&limit=4096>; rel="next"'),))
    visit.get(f"/next?cursor={cursor}&limit=4096", "more")
    return [("cursor", "token")]


def id_of_an_event(visit: Visit) -> Expected:
    last = visit.hex(16).upper()
    visit.get("/events", f"id: {last}\ndata: hi\n\n", kind="text/event-stream")
    visit.get("/events", "data: more\n\n", sent=(("Last-Event-ID", last),), kind="text/event-stream")
    return [("last-event-id", "token")]


Kind = Callable[[Visit], Expected]
KINDS: list[Kind] = [
    csrf_in_a_meta_tag_and_a_cookie,
    double_submit_cookie,
    json_in_an_attribute,
    json_in_a_single_quoted_attribute,
    base64_in_the_page,
    base64_of_the_bare_value,
    four_codings_deep,
    javascript_string,
    url_encoded_in_a_link,
    segment_of_a_path,
    short_segment_of_a_path,
    header_with_a_scheme,
    header_without_a_scheme,
    header_with_a_scheme_of_its_own,
    session_in_a_header_of_the_response,
    multipart_form,
    post_id,
    id_whose_name_comes_behind,
    public_id_that_looks_random,
    time_in_milliseconds,
    time_in_seconds_of_the_page,
    time_without_a_date,
    ids_of_the_client,
    id_of_the_client_that_comes_back_under_another_name,
    cache_key_of_a_stream,
    nonce_that_rotates_with_each_answer,
    two_visitors,
    prefixes_in_common,
    low_entropy_by_its_name,
    inside_a_text,
    not_inside_a_longer_one,
    given_out_twice,
    words_of_the_page,
    numbers_of_the_page,
    numbers_of_things,
    files_of_the_page,
    unquoted_attribute,
    state_of_a_login,
    hidden_fields_of_asp,
    conversation_of_the_server,
    escaped_characters_in_json,
    key_of_the_api,
    short_value_of_the_client_that_the_page_repeats,
    cursor_of_a_link_header,
    id_of_an_event,
    *SITE_KINDS,
    *FRAMEWORK_KINDS,
]


@dataclass(frozen=True, kw_only=True)
class KnownSession:
    """A recorded session, and the name and class of each token in it."""

    name: str
    cassette: Cassette
    expected: Expected


def known_sessions(seed: int = 0) -> list[KnownSession]:
    """Return a session of each kind, with the values of *seed*."""
    made = []
    for number, kind in enumerate(KINDS):
        visit = Visit(random=Random(1000 * seed + number))
        expected = kind(visit)
        made.append(KnownSession(name=kind.__name__, cassette=visit.cassette, expected=expected))
    return made
