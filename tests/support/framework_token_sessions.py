"""
Recorded sessions of web frameworks, whose tokens are known, with what else such requests send.

They complete `site_token_sessions`; see `token_sessions` for what a kind is.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, urlencode

from tests.support.token_visit import NOISE, NOISE_SENT, Expected, Visit

_EVENTS = 'data: {"text":"hi"}\n\n'


def laravel_livewire(visit: Visit) -> Expected:
    """The state of a component is JSON in an attribute, and comes back as JSON in a string of JSON."""
    token, checksum = visit.letters(40), visit.hex(64)
    memo = {"id": visit.letters(20), "name": "chat-box", "path": "/", "method": "GET", "locale": "en"}
    snapshot = json.dumps({"data": {"message": ""}, "memo": memo, "checksum": checksum})
    page = f'<script src="/livewire/livewire.js?id=90730a3b" data-csrf="{token}" data-update-uri="/livewire/update">'
    visit.get("/", f'{page}</script><div wire:snapshot="{html.escape(snapshot)}" wire:effects="[]">{NOISE}')
    calls = [{"path": "", "method": "send", "params": []}]
    component = {"snapshot": snapshot, "updates": {"message": "hi"}, "calls": calls}
    visit.send({"_token": token, "components": [component]}, path="/livewire/update", sent=(("X-Livewire", ""),))
    return [("_token", "token"), ("checksum", "token"), ("id", "token")]


def django_with_htmx(visit: Visit) -> Expected:
    """The header is JSON in an attribute; the cookie has another value, as Django masks what it puts into pages."""
    masked, cookie = visit.letters(64), visit.letters(32)
    page = f"<body hx-headers='{json.dumps({'X-CSRFToken': masked})}' hx-vals='{{\"room\": \"lobby\"}}'>{NOISE}"
    visit.get("/", page, given=(("Set-Cookie", f"csrftoken={cookie}; Path=/; SameSite=Lax"),))
    sent = (("X-CSRFToken", masked), ("HX-Request", "true"), ("Cookie", f"csrftoken={cookie}"))
    visit.post({"room": "lobby", "message": "hi"}, sent=sent, text="<p>hello</p>")
    return [("x-csrftoken", "token"), ("csrftoken", "token")]


def rails_turbo_stream(visit: Visit) -> Expected:
    token, signed = visit.url_safe(86), f"{visit.base64(30)}--{visit.hex(64)}"
    source = f'<turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="{signed}">'
    visit.get("/", f'<meta name="csrf-param" content="authenticity_token"><meta name="csrf-token" content="{token}">')
    visit.get("/chats/4711", f"{source}</turbo-cable-stream-source>{NOISE}")
    visit.get(f"/cable?{urlencode({'channel': 'Turbo::StreamsChannel', 'signed_stream_name': signed})}", _EVENTS)
    visit.post({"message[body]": "hi"}, sent=(("X-CSRF-Token", token), ("Accept", "text/vnd.turbo-stream.html")))
    return [("signed_stream_name", "token"), ("x-csrf-token", "token")]


def asp_net_core(visit: Visit) -> Expected:
    """The cookie's name has a suffix of its own; the field and the cookie hold different halves."""
    cookie, form = f"CfDJ8{visit.url_safe(130)}", f"CfDJ8{visit.url_safe(150)}"
    name = f".AspNetCore.Antiforgery.{visit.letters(11)}"
    field = f'<input name="__RequestVerificationToken" type="hidden" value="{form}" />'
    visit.get("/", f"<form>{field}</form>{NOISE}", given=(("Set-Cookie", f"{name}={cookie}; path=/; httponly"),))
    visit.post({"Input.Message": "hi", "__RequestVerificationToken": form}, sent=(("Cookie", f"{name}={cookie}"),))
    return [("__RequestVerificationToken", "token"), (name, "token")]


def asp_net_with_updates(visit: Visit) -> Expected:
    """The answer to a partial postback has the next state between bars, with lengths before it."""
    states = [f"/wEP{visit.base64(90)}" for _ in range(2)]
    checks = [f"/wEd{visit.base64(60)}" for _ in range(2)]
    fields = f'<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{states[0]}" />'
    visit.get("/", f'{fields}<input type="hidden" name="__EVENTVALIDATION" value="{checks[0]}" />{NOISE}')
    for number, following in ((0, 1), (1, 0)):
        parts = (("__VIEWSTATE", states[following]), ("__EVENTVALIDATION", checks[following]))
        update = "".join(f"{len(value)}|hiddenField|{name}|{value}|" for name, value in parts)
        sent = {"__VIEWSTATE": states[number], "__EVENTVALIDATION": checks[number], "ctl00$message": "hi"}
        visit.post({**sent, "__ASYNCPOST": "true"}, text=f"1|#||4|27|updatePanel|answer|<p>hi</p>|{update}")
    return [("__VIEWSTATE", "token"), ("__EVENTVALIDATION", "token")] * 2


def next_server_action(visit: Visit) -> Expected:
    """The id of the action is in the name of a hidden field; what the action returned is bound to the next call."""
    action, bound = visit.hex(40), visit.url_safe(43)
    tree = quote(json.dumps(["", {"children": ["__PAGE__", {}]}, None, None, True]), safe="")
    page = f'<form action="" method="POST"><input type="hidden" name="$ACTION_ID_{action}"/></form>{NOISE}'
    visit.get("/", page, given=(("Vary", "RSC, Next-Router-State-Tree"),))
    sent = (("Next-Action", action), ("Next-Router-State-Tree", tree), ("Accept", "text/x-component"))
    visit.send(
        [{"text": "hi"}],
        path="/",
        sent=sent,
        text=f'0:{{"a":"$@1"}}\n1:{{"ticket":"{bound}"}}\n',
        kind="text/x-component",
    )
    visit.send(
        [{"text": "more", "ticket": bound}], path="/", sent=sent, text='0:{"a":"$@1"}\n', kind="text/x-component"
    )
    return [("next-action", "token"), ("ticket", "token")]


def graphql_with_a_csrf_header(visit: Visit) -> Expected:
    """The hash of a persisted query, and the id of a mutation, are the client's."""
    token, chat = visit.letters(36), visit.uuid()
    state = json.dumps({"ROOT_QUERY": {"csrfToken": token, "__typename": "Query"}}).replace("</", "<\\/")
    visit.get("/", f"<script>window.__APOLLO_STATE__={state};</script>{NOISE}")
    headers = (("X-CSRF-Token", token), ("apollo-require-preflight", "true"))
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": visit.hex(64)}}
    visit.send(
        {"operationName": "OpenChat", "variables": {}, "extensions": persisted},
        path="/graphql",
        sent=headers,
        text=json.dumps({"data": {"openChat": {"conversationId": chat, "__typename": "Chat"}}}),
    )
    given = {"conversationId": chat, "text": "hi", "clientMutationId": visit.uuid()}
    visit.send({"operationName": "Ask", "variables": {"input": given}}, path="/graphql", sent=headers, text=_EVENTS)
    return [
        ("x-csrf-token", "token"),
        ("sha256Hash", "client"),
        ("conversationId", "token"),
        ("clientMutationId", "client"),
    ]


def attribute_in_json_in_an_attribute(visit: Visit) -> Expected:
    """A page whose attribute holds JSON, one value of which is HTML, whose attribute holds JSON with the nonce."""
    nonce = visit.hex()
    widget = f'<div data-props="{html.escape(json.dumps({"ajax": {"nonce": nonce}}))}"></div>'
    visit.get("/", f'<main data-page="{html.escape(json.dumps({"html": widget, "locale": "en_GB"}))}">{NOISE}')
    visit.post({"action": "chat_ask", "security": nonce, **NOISE_SENT})
    return [("security", "token")]


def xsrf_cookie_that_rotates(visit: Visit) -> Expected:
    """As Angular has it: whatever cookie the last response set is the header of the next request."""
    values = [visit.uuid() for _ in range(4)]
    visit.get("/", NOISE, given=(("Set-Cookie", f"XSRF-TOKEN={values[0]}; Path=/"),))
    for one, following in pairwise(values):
        sent = (("Cookie", f"lang=en; XSRF-TOKEN={one}"), ("X-XSRF-TOKEN", one))
        visit.send({"q": "hi"}, sent=sent, given=(("Set-Cookie", f"XSRF-TOKEN={following}; Path=/"),))
    return [("XSRF-TOKEN", "token"), ("x-xsrf-token", "token")] * 3


def stream_below_a_path_of_its_own(visit: Visit) -> Expected:
    """The address of the stream comes in the answer to the question, and leads on to another."""
    stream, ticket = visit.url_safe(32), visit.hex(32)
    visit.send({"message": "hi"}, text=json.dumps({"stream_url": f"/stream/{stream}/events"}))
    visit.get(f"/stream/{stream}/events", "", given=(("Location", f"/live/{ticket}"),), status=302)
    visit.get(f"/live/{ticket}", _EVENTS, kind="text/event-stream")
    return [("path:2", "token"), ("path:2", "token")]


def negotiation_of_signalr(visit: Visit) -> Expected:
    connection, token = visit.url_safe(22), visit.url_safe(22)
    offered = [{"transport": "ServerSentEvents", "transferFormats": ["Text"]}]
    given = {"negotiateVersion": 1, "connectionId": connection, "connectionToken": token}
    visit.send({}, path="/hub/negotiate?negotiateVersion=1", text=json.dumps({**given, "availableTransports": offered}))
    visit.get(f"/hub?id={token}", f"data: {json.dumps({'type': 6})}\x1e\n\n", kind="text/event-stream")
    visit.send({"type": 1, "target": "Ask", "arguments": ["hi"], "invocationId": "0"}, path=f"/hub?id={token}")
    return [("id", "token")]


def queue_of_gradio(visit: Visit) -> Expected:
    """The hash of the session is the client's, the id of the event is the server's."""
    own, event = visit.letters(11).lower(), visit.hex(32)
    config = json.dumps({"version": "5.49.1", "root": "", "dependencies": [{"id": 0, "api_name": "chat"}]})
    visit.get("/", f"<script>window.gradio_config = {config};</script>{NOISE}")
    body = {"data": ["hi", None], "fn_index": 0, "trigger_id": 12, "session_hash": own}
    visit.send(body, path="/gradio_api/call/chat", text=json.dumps({"event_id": event}))
    visit.get(f"/gradio_api/call/chat/{event}", _EVENTS, kind="text/event-stream")
    return [("session_hash", "client"), ("path:4", "token")]


def long_polling_of_phoenix(visit: Visit) -> Expected:
    token, session, static = visit.url_safe(56), visit.url_safe(200), visit.url_safe(120)
    page = f'<meta name="csrf-token" content="{token}"><div id="phx-{visit.letters(16)}" data-phx-main'
    visit.get("/", f'{page} data-phx-session="SFMyNTY.{session}" data-phx-static="SFMyNTY.{static}">{NOISE}')
    poll = f"SFMyNTY.{visit.url_safe(140)}"
    first = {"_csrf_token": token, "_track_static[0]": "/assets/app.js", "_mounts": "0", "vsn": "2.0.0"}
    visit.get(f"/live/longpoll?{urlencode(first)}", json.dumps({"status": 410, "token": poll}), kind="json")
    joined = ["4", "4", "lv:phx", "phx_join", {"session": f"SFMyNTY.{session}", "static": f"SFMyNTY.{static}"}]
    visit.send(joined, path=f"/live/longpoll?{urlencode({**first, 'token': poll})}")
    return [("_csrf_token", "token"), ("token", "token"), ("session", "token"), ("static", "token")]


FRAMEWORK_KINDS: list[Callable[[Visit], Expected]] = [
    laravel_livewire,
    django_with_htmx,
    rails_turbo_stream,
    asp_net_core,
    asp_net_with_updates,
    next_server_action,
    graphql_with_a_csrf_header,
    attribute_in_json_in_an_attribute,
    xsrf_cookie_that_rotates,
    stream_below_a_path_of_its_own,
    negotiation_of_signalr,
    queue_of_gradio,
    long_polling_of_phoenix,
]
