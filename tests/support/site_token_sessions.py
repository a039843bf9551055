"""
Recorded sessions after well-known frameworks and protocols, whose tokens are known; see `token_sessions` for more.

Facts are those of each framework's documentation: Laravel, Django, Rails, Drupal, WordPress, Next.js, ASP.NET, OAuth.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, unquote, urlencode

from tests.support.token_visit import NOISE, NOISE_SENT, RECORDED, Expected, Visit

EVENTS = "text/event-stream"


def encoded(value: object) -> str:
    """Return *value* as JSON in base64."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def jwt(visit: Visit, **claims: object) -> str:
    """Return a JSON Web Token (RFC 7519) with *claims*."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, claims)
    ]
    return ".".join([*parts, base64.urlsafe_b64encode(visit.random.randbytes(32)).decode().rstrip("=")])


def laravel(visit: Visit) -> Expected:
    """A plain token in a meta tag, and an encrypted one in a cookie that each response renews."""
    token = visit.letters(40)
    cookies = [quote(encoded({"iv": visit.base64(16), "value": visit.base64(60)})) for _ in range(3)]
    visit.get(
        "/",
        f'<meta name="csrf-token" content="{token}">{NOISE}',
        given=(("Set-Cookie", f"XSRF-TOKEN={cookies[0]}; path=/"),),
    )
    for one, following in pairwise(cookies):
        visit.post(
            {"_token": token, "message": "hi", **NOISE_SENT},
            sent=(("Cookie", f"XSRF-TOKEN={one}"), ("X-XSRF-TOKEN", unquote(one))),
            given=(("Set-Cookie", f"XSRF-TOKEN={following}; path=/"),),
        )
    return [("_token", "token"), *[("XSRF-TOKEN", "token"), ("x-xsrf-token", "token")] * 2]


def django(visit: Visit) -> Expected:
    """The token of the form is masked, and another than that of the cookie."""
    cookie, form = visit.letters(32), visit.letters(64)
    page = f'<input type="hidden" name="csrfmiddlewaretoken" value="{form}">{NOISE}'
    visit.get("/", page, given=(("Set-Cookie", f"csrftoken={cookie}; SameSite=Lax"),))
    visit.post(
        {"csrfmiddlewaretoken": form, "prompt": "hi"}, sent=(("Cookie", f"csrftoken={cookie}"), ("X-CSRFToken", cookie))
    )
    return [("csrfmiddlewaretoken", "token"), ("csrftoken", "token"), ("x-csrftoken", "token")]


def rails_with_several_forms(visit: Visit) -> Expected:
    """Each form has a token of its own; only that of the chat is sent."""
    tokens = [visit.base64(64) for _ in range(3)]
    forms = "".join(
        f'<form action="/{name}"><input type="hidden" name="authenticity_token" value="{token}" /></form>'
        for name, token in zip(("search", "ask", "subscribe"), tokens, strict=True)
    )
    session = quote(f"{visit.base64(80)}--{visit.base64(16)}--{visit.base64(16)}", safe="")
    visit.get("/", forms + NOISE, given=(("Set-Cookie", f"_chat_session={session}; path=/; HttpOnly"),))
    visit.post(
        {"utf8": "✓", "authenticity_token": tokens[1], "commit": "Ask now"},
        sent=(("Cookie", f"_chat_session={session}"),),
    )
    return [("authenticity_token", "token"), ("_chat_session", "token")]


def drupal(visit: Visit) -> Expected:
    build, token = f"form-{visit.url_safe(32)}", visit.url_safe(32)
    fields = {"form_build_id": build, "form_token": token, "form_id": "chat_message_form"}
    page = "".join(
        f'<input data-drupal-selector="x" type="hidden" name="{name}" value="{value}" />'
        for name, value in fields.items()
    )
    visit.get("/chat", page + NOISE)
    visit.post({**fields, "op": "Send message"})
    return [("form_build_id", "token"), ("form_token", "token")]


def wordpress_comments(visit: Visit) -> Expected:
    """Several hidden fields, of which one is a nonce and two are ids."""
    nonce, post = visit.hex(), visit.random.randrange(100, 9999)
    page = (
        f"<input type='hidden' name='comment_post_ID' value='{post}' id='comment_post_ID' />"
        "<input type='hidden' name='comment_parent' id='comment_parent' value='0' />"
        f'<input type="hidden" id="akismet_comment_nonce" name="akismet_comment_nonce" value="{nonce}" />'
    )
    visit.get(f"/?p={post}", page + NOISE)
    visit.post({"comment": "Nice", "comment_post_ID": str(post), "comment_parent": "0", "akismet_comment_nonce": nonce})
    return [("comment_post_ID", "constant"), ("akismet_comment_nonce", "token")]


def next_data(visit: Visit) -> Expected:
    token, build = visit.hex(64), visit.url_safe(21)
    data = json.dumps({"props": {"csrfToken": token, "locale": "de-DE"}, "buildId": build})
    visit.get("/", f'<script id="__NEXT_DATA__" type="application/json">{data}</script>{NOISE}')
    visit.send({"csrfToken": token, "callbackUrl": "/chat", "json": True})
    return [("csrfToken", "token")]


def json_in_json_in_an_attribute(visit: Visit) -> Expected:
    token = f"{visit.letters(10)}/{visit.letters(10)}"
    inner = json.dumps({"nonce": token, "greeting": 'say "hi"'}).replace("/", "\\/")
    visit.get("/", f'<div data-wp="{html.escape(json.dumps({"config": inner, "v": 2}))}">{NOISE}</div>')
    visit.post({"nonce": token, "v": "2"})
    return [("nonce", "token")]


def url_safe_base64_in_an_attribute(visit: Visit) -> Expected:
    key = visit.letters(24)
    config = base64.urlsafe_b64encode(json.dumps({"~~??": "ÿÿÿ", "chatKey": key}).encode()).decode().rstrip("=")
    visit.get("/", f'<chat-app config="{config}"></chat-app>{NOISE}')
    visit.send({"chatKey": key, "q": "hi"})
    return [("chatKey", "token")]


def base64_in_a_cookie(visit: Visit) -> Expected:
    token = visit.hex(24)
    cookie = encoded({"t": token, "theme": "dark"}).rstrip("=")
    visit.get("/", NOISE, given=(("Set-Cookie", f"prefs={cookie}; Path=/"),))
    visit.send({"q": "hi"}, sent=(("Cookie", f"prefs={cookie}"), ("X-Token", token)))
    return [("prefs", "token"), ("x-token", "token")]


def cookie_that_a_script_encodes(visit: Visit) -> Expected:
    token = visit.base64() + "="
    visit.get("/api/csrf", json.dumps({"csrf": token}), kind="json")
    visit.send({"q": "hi"}, sent=(("Cookie", f"lang=de-DE; csrf={quote(token, safe='')}"), ("X-CSRF", token)))
    return [("csrf", "token"), ("x-csrf", "token")]


def double_submit_in_a_form(visit: Visit) -> Expected:
    token = visit.hex(32)
    visit.get("/", NOISE, given=(("Set-Cookie", f'csrf="{token}"; Path=/'),))
    visit.post({"_csrf": token, "text": "hi"}, sent=(("Cookie", f'csrf="{token}"'),))
    return [("_csrf", "token"), ("csrf", "token")]


def uuid_in_the_path(visit: Visit) -> Expected:
    chat = visit.uuid()
    visit.send({"model": "gpt-4o-2024-08-06"}, path="/api/chats", text=json.dumps({"id": chat, "title": "New chat"}))
    visit.send({"content": "hi", "stream": True}, path=f"/api/chats/{chat}/messages")
    return [("path:3", "token")]


def short_id_in_the_path_and_the_query(visit: Visit) -> Expected:
    room = f"c_{visit.letters(8)}7b"
    visit.get("/", f'<a class="enter" href="/c/{room}?lang=en">chat</a>{NOISE}')
    visit.get(f"/c/{room}?lang=en", "hello")
    visit.get(f"/events?room={room}", "data: hi\n\n", kind=EVENTS)
    return [("path:2", "token"), ("room", "token")]


def header_that_rotates(visit: Visit) -> Expected:
    tokens = [visit.letters(20) for _ in range(4)]
    visit.get("/", NOISE, given=(("X-CSRF-Token", tokens[0]),))
    for one, following in pairwise(tokens):
        visit.send({"q": "hi"}, sent=(("X-CSRF-Token", one),), given=(("X-CSRF-Token", following),))
    return [("x-csrf-token", "token")] * 3


def session_of_an_event(visit: Visit) -> Expected:
    session, parent = visit.uuid(), visit.letters(16)
    events = f'event: session\ndata: {{"sid":"{session}"}}\n\ndata: {{"delta":"he","message":{{"id":"{parent}"}}}}\n\n'
    visit.get("/events?v=3", events + "data: [DONE]\n\n", kind=EVENTS)
    visit.send({"sid": session, "parent": parent, "temperature": 0.7})
    return [("sid", "token"), ("parent", "token")]


def continuation_of_the_last_event(visit: Visit) -> Expected:
    """Each stream ends with what the next question has to bring."""
    marks = [visit.url_safe(30) for _ in range(3)]
    visit.send({"q": "hi"}, text=f'data: {{"t":"a"}}\n\ndata: {{"continuation":"{marks[0]}"}}\n\n', kind=EVENTS)
    for one, following in pairwise(marks):
        visit.send({"q": "on", "continuation": one}, text=f'data: {{"continuation":"{following}"}}\n\n', kind=EVENTS)
    return [("continuation", "token")] * 2


def lines_of_json(visit: Visit) -> Expected:
    handle = visit.hex(16)
    visit.send(
        {"q": "hi"},
        text=f'{{"text":"a"}}\n{{"text":"b","done":true,"handle":"{handle}"}}\n',
        kind="application/x-ndjson",
    )
    visit.send({"handle": handle, "vote": "up"})
    return [("handle", "token")]


def localised_page(visit: Visit) -> Expected:
    token, key = visit.letters(18), visit.hex(12)
    page = f"<h1>Größe – 日本語のページ</h1><p>Grüße an Jürgen123</p><input type='hidden' name='jeton' value='{token}'>"
    visit.get("/de/", f"{page}<b data-schlüssel='{key}' lang='de-DE'>{NOISE}")
    visit.post({"jeton": token, "schlüssel": key, "sprache": "de-DE", "nachricht": "Wie groß?", "ort": "Jürgen123"})
    return [("jeton", "token"), ("schlüssel", "token")]


def page_in_latin_1(visit: Visit) -> Expected:
    nonce = visit.hex()
    visit.get(
        "/", f"<p>Gr\u00f6\u00dfe</p><i data-nonce='{nonce}'>".encode("latin-1"), kind="text/html; charset=iso-8859-1"
    )
    visit.post({"nonce": nonce})
    return [("nonce", "token")]


def jwt_and_its_refresh(visit: Visit) -> Expected:
    user = visit.uuid()
    access, refresh = jwt(visit, sub=user, exp=RECORDED + 3600), jwt(visit, typ="refresh", jti=visit.hex(16))
    visit.send({"guest": True}, path="/api/login", text=json.dumps({"access": access, "refresh": refresh}))
    visit.send({"q": "hi", "user": user}, sent=(("Authorization", f"Bearer {access}"),))
    visit.send({"refresh": refresh}, path="/api/refresh", text=json.dumps({"access": jwt(visit, sub=user)}))
    return [("user", "token"), ("authorization", "token"), ("refresh", "token")]


def jwt_in_a_query(visit: Visit) -> Expected:
    token = jwt(visit, room="lobby", iat=RECORDED)
    visit.get("/", f"<script>localStorage.jwt='{token}'</script>{NOISE}")
    visit.get(f"/stream?jwt={token}&v=2", "data: hi\n\n", kind=EVENTS)
    return [("jwt", "token")]


def names_in_any_style(visit: Visit) -> Expected:
    names = ["chatNonce", "CHAT_NONCE2", "chat-nonce", "data[security][nonce]", "wp.nonce", "X_Csrf"]
    values = {name: visit.hex() for name in names}
    visit.get(
        "/", "".join(f'<input type=hidden name="{name}" value="{value}">' for name, value in values.items()) + NOISE
    )
    visit.post({**values, "data[message]": "hi", "data[page]": "2", "settings[size]": "1920x1080"})
    return [(name, "token") for name in names]


def names_that_mean_nothing(visit: Visit) -> Expected:
    values = {name: visit.letters(16) for name in ("a", "f_7", "hp", "xx", "ak_js")}
    visit.get(
        "/", "".join(f'<input value="{value}" name="{name}" type="hidden">' for name, value in values.items()) + NOISE
    )
    visit.post({**values, "url": "", "zz": "checked", "tab": "settings-general"})
    return [(name, "token") for name in values]


def two_sites(visit: Visit) -> Expected:
    """Both have a cookie and a field of one name."""
    expected: Expected = []
    for site in ("https://one.invalid", "https://two.invalid"):
        visit.site, sid, token = site, visit.letters(26), visit.hex()
        visit.get("/", f'<b data-nonce="{token}">{NOISE}', given=(("Set-Cookie", f"sid={sid}; Path=/"),))
        visit.post({"nonce": token, "message": "hi"}, sent=(("Cookie", f"sid={sid}"),))
        expected += [("nonce", "token"), ("sid", "token")]
    return expected


def variables_of_graphql(visit: Visit) -> Expected:
    token = visit.letters(32)
    visit.send(
        {"query": "mutation { guest }"}, path="/graphql", text=json.dumps({"data": {"guest": {"sessionToken": token}}})
    )
    sent = {"operationName": "AskQuestion", "variables": {"input": {"sessionToken": token, "text": "hi"}}}
    visit.send({**sent, "extensions": {"persistedQuery": {"version": 1}}}, path="/graphql")
    return [("sessionToken", "token")]


def json_in_a_field(visit: Visit) -> Expected:
    nonce, post = visit.hex(), str(visit.random.randrange(100, 9999))
    visit.get("/", f"<div data-nonce='{nonce}' data-post-id='{post}'>{NOISE}")
    inner = {"nonce": nonce, "post_id": post, "message": "hi", "models": ["gpt-4o-2024-08-06"]}
    visit.post({"action": "chat", "data": json.dumps(inner)})
    return [("nonce", "token"), ("post_id", "constant")]


def json_in_the_query_and_a_cookie(visit: Visit) -> Expected:
    sid, cursor = visit.letters(22), visit.letters(14)
    cookie = quote(json.dumps({"sid": sid, "theme": "dark2"}), safe="")
    visit.get(
        "/", f"<script>feed({{cursor:'{cursor}'}})</script>{NOISE}", given=(("Set-Cookie", f"chat={cookie}; Path=/"),)
    )
    visit.get(
        f"/feed?{urlencode({'input': json.dumps({'cursor': cursor, 'limit': 20})})}",
        sent=(("Cookie", f"chat={cookie}"),),
    )
    return [("cursor", "token"), ("sid", "token")]


def digest_authentication(visit: Visit) -> Expected:
    """RFC 7616: the nonce and the opaque value are the server's; what is counted and computed is the client's."""
    nonce, opaque, own = visit.base64(33), visit.hex(32), visit.letters(16)
    challenge = f'Digest realm="chat@chat.invalid", qop="auth", algorithm=MD5, nonce="{nonce}", opaque="{opaque}"'
    visit.get("/ask", "no", given=(("WWW-Authenticate", challenge),), status=401)
    proof = hashlib.md5(f"{nonce}{own}".encode(), usedforsecurity=False).hexdigest()
    sent = (
        f'Digest username="ann", realm="chat@chat.invalid", nonce="{nonce}", uri="/ask", algorithm=MD5, qop=auth, '
        f'nc=00000001, cnonce="{own}", response="{proof}", opaque="{opaque}"'
    )
    visit.get("/ask", "hello", sent=(("Authorization", sent),))
    return [("nonce", "token"), ("cnonce", "client"), ("response", "client"), ("opaque", "token")]


def polling_of_socket_io(visit: Visit) -> Expected:
    sid = visit.letters(20)
    visit.get(
        "/socket.io/?EIO=4&transport=polling&t=PmAbc1x",
        f'0{{"sid":"{sid}","upgrades":["websocket"],"pingInterval":25000}}',
        kind="plain",
    )
    visit.get(f"/socket.io/?EIO=4&transport=polling&sid={sid}", "2probe", kind="plain")
    return [("sid", "token")]


def login_with_a_challenge(visit: Visit) -> Expected:
    """OAuth with PKCE (RFC 7636): the verifier and the challenge are the client's."""
    verifier, state, code = visit.url_safe(43), visit.letters(20), visit.url_safe(30)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    form = urlencode(
        {"client_id": "chat-web", "state": state, "code_challenge": challenge, "code_challenge_method": "S256"}
    )
    visit.get(
        f"/authorize?{form}",
        "",
        given=(("Location", f"https://chat.invalid/back?code={code}&state={state}"),),
        status=302,
    )
    visit.post({"grant_type": "authorization_code", "code": code, "code_verifier": verifier})
    return [("state", "client"), ("code_challenge", "client"), ("code", "token"), ("code_verifier", "client")]


def keys_of_the_client(visit: Visit) -> Expected:
    visit.get("/", f"<script nonce='{visit.base64(16)}' src='/app.js'></script>{NOISE}")
    sent = (
        ("Idempotency-Key", visit.uuid()),
        ("X-Request-ID", visit.hex(32)),
        ("Cookie", f"_ga=GA1.1.{visit.letters(12)}9"),
    )
    visit.send({"id": visit.uuid(), "createdAt": "2026-11-25T20:00:00.123Z", "tz": "Europe/Berlin"}, sent=sent)
    return [("id", "client"), ("idempotency-key", "client"), ("x-request-id", "client"), ("_ga", "client")]


def times_of_all_sorts(visit: Visit) -> Expected:
    seconds = RECORDED + visit.random.randrange(60)
    visit.send({"q": "hi"}, text=json.dumps({"created": seconds, "expires_in": 3600, "serial": 2794651200}))
    visit.get(f"/feed?since={seconds}&_={seconds * 1000 + 123}&page=2")
    return [("since", "clock"), ("_", "clock")]


def ids_of_things(visit: Visit) -> Expected:
    numbers = {name: visit.random.randrange(100, 99999) for name in ("postId", "page-id", "chatbot_id", "formId")}
    data = json.dumps({"bots": [{"chatbot_id": numbers["chatbot_id"], "postId": numbers["postId"]}]})
    attributes = " ".join(f'data-{name}="{numbers[name]}"' for name in ("page-id", "formId"))
    visit.get("/", f"<script>bots({data})</script><div {attributes}>{NOISE}")
    visit.send({**numbers, "count": 12345678, "step": 2})
    return [(name, "constant") for name in numbers]


def cookie_of_a_script(visit: Visit) -> Expected:
    visitor = visit.letters(22)
    visit.get("/", f"<script>document.cookie = 'visitor={visitor}; path=/';</script>{NOISE}")
    visit.get("/chat", "hello", sent=(("Cookie", f"visitor={visitor}; lang=en; consent=yes"),))
    return [("visitor", "token")]


def cookie_that_is_deleted(visit: Visit) -> Expected:
    sid = visit.letters(26)
    visit.get("/", NOISE, given=(("Set-Cookie", "cart=deleted; Max-Age=0"), ("Set-Cookie", f"sid={sid}; Path=/")))
    visit.get("/chat", "bye", sent=(("Cookie", f"sid={sid}"),), given=(("Set-Cookie", "sid=deleted; Max-Age=0"),))
    visit.get("/", NOISE, sent=(("Cookie", "cart=deleted"),))
    return [("sid", "token")]


def link_with_a_signature(visit: Visit) -> Expected:
    signature, expires = visit.hex(64), RECORDED + 600
    visit.get("/", f'<a href="/file?name=notes&amp;expires={expires}&amp;signature={signature}">notes</a>{NOISE}')
    visit.get(f"/file?name=notes&expires={expires}&signature={signature}", "hello", kind="plain")
    return [("expires", "clock"), ("signature", "token")]


def refresh_of_a_meta_tag(visit: Visit) -> Expected:
    ticket = visit.letters(16)
    visit.get("/", f'<meta http-equiv="refresh" content="0; url=/enter?ticket={ticket}&amp;lang=en">')
    visit.get(f"/enter?ticket={ticket}&lang=en", "hello")
    return [("ticket", "token")]


def upload_with_a_policy(visit: Visit) -> Expected:
    """A form that uploads to a store of files: policy and signature come as JSON, and go as multipart."""
    fields = {"policy": encoded({"expiration": "2026-11-25T20:10:00Z", "c": visit.hex()}), "x-signature": visit.hex(64)}
    visit.send({"file": "notes.txt"}, path="/api/upload", text=json.dumps({"fields": fields, "max": 1048576}))
    visit.upload({**fields, "key": "uploads/notes.txt", "file": "Hello there"})
    return [("policy", "token"), ("x-signature", "token")]


def numbers_as_tokens(visit: Visit) -> Expected:
    """A number is a token if its name is one of tokens."""
    pin, session = str(visit.random.randrange(100000, 999999)), visit.random.randrange(10**11, 10**12)
    visit.get("/", f'<input name="csrf_pin_token" value="{pin}">{NOISE}')
    visit.send({"start": True}, text=json.dumps({"session_id": session, "count": 12345678}))
    visit.send({"csrf_pin_token": pin, "session_id": session, "count": 12345678})
    return [("csrf_pin_token", "token"), ("session_id", "token")]


SITE_KINDS: list[Callable[[Visit], Expected]] = [
    laravel,
    django,
    rails_with_several_forms,
    drupal,
    wordpress_comments,
    next_data,
    json_in_json_in_an_attribute,
    url_safe_base64_in_an_attribute,
    base64_in_a_cookie,
    cookie_that_a_script_encodes,
    double_submit_in_a_form,
    uuid_in_the_path,
    short_id_in_the_path_and_the_query,
    header_that_rotates,
    session_of_an_event,
    continuation_of_the_last_event,
    lines_of_json,
    localised_page,
    page_in_latin_1,
    jwt_and_its_refresh,
    jwt_in_a_query,
    names_in_any_style,
    names_that_mean_nothing,
    two_sites,
    variables_of_graphql,
    json_in_a_field,
    json_in_the_query_and_a_cookie,
    digest_authentication,
    polling_of_socket_io,
    login_with_a_challenge,
    keys_of_the_client,
    times_of_all_sorts,
    ids_of_things,
    cookie_of_a_script,
    cookie_that_is_deleted,
    link_with_a_signature,
    refresh_of_a_meta_tag,
    upload_with_a_policy,
    numbers_as_tokens,
]
