"""Texts in base64 that hold secrets: they are decoded, redacted and encoded again, whatever carries them."""

import base64
import json
import re
from collections.abc import Callable
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact

WRAPPED = {
    "a key": ('{"apiKey":"k3yk3yk3yk3y","model":"m"}', "k3yk3yk3yk3y"),
    "a password that is a word": ('{"user":"jane","password":"swordfish"}', "swordfish"),
    "a list": ('[{"name":"x","token":"tok7aaaaaaaa1"}]', "tok7aaaaaaaa1"),
    "spaced JSON": ('{\n  "client_secret": "abcdefghijkl"\n}', "abcdefghijkl"),
    "an e-mail address": ('{"name":"Jörg","mail":"jane@example.org"}', "jane@example.org"),
    "settings": ("DB_HOST=db.example\nDB_PASSWORD=swordfish\n", "swordfish"),
    "XML": ("<config><accessToken>kGaJESwL7SHdGx</accessToken></config>", "kGaJESwL7SHdGx"),
    "base64 again": (base64.b64encode(b'{"apiKey":"k3yk3yk3yk3y","model":"m"}').decode() + "  ", ""),
}
CARRIERS: dict[str, tuple[str, Callable[[str], str]]] = {
    "JSON": ("application/json", lambda text: json.dumps({"config": text, "n": 1})),
    "JSON with escapes": ("application/json", lambda text: json.dumps({"config": f"é {text}"}).replace("/", "\\/")),
    "a script": ("text/html", lambda text: f'<script>var c=JSON.parse(atob("{text}"));</script>'),
    "JavaScript": ("text/javascript", lambda text: f'var c=atob("{text}");'),
    "an attribute": ("text/html", lambda text: f'<div data-config="{text}"></div>'),
    "a data URL": ("text/html", lambda text: f'<a href="data:application/json;base64,{text}">x</a>'),
    "a form": ("application/x-www-form-urlencoded", lambda text: f"a=1&config={quote(text, safe='')}"),
    "an event": (
        "text/event-stream",
        lambda text: 'data: {"x":' + json.dumps(text) + "}\n\n",
    ),
    "prose": ("text/plain", lambda text: f"It is {text} indeed."),
    "a path": ("text/plain", lambda text: f"/config/{text.rstrip('=').replace('+', '-').replace('/', '_')}/edit"),
}


def clean(kind: str, text: str) -> str:
    interaction = Interaction(
        request=Request(method="GET", uri="https://site.example/"),
        response=Response(headers=(("Content-Type", kind),), body=text.encode()),
    )
    after = redact(Cassette(interactions=(interaction,))).interactions
    assert [found.secret for each in find_all(after) for found in each] == []
    assert redact(Cassette(interactions=after)).interactions == after
    return after[0].response.body.decode()


def decoded(text: str) -> str:
    """Return all that is base64 in *text*, decoded as often as it takes."""
    text = text.replace("\\/", "/").replace("%2B", "+").replace("%2F", "/")
    pieces = []
    for run in re.findall(r"[A-Za-z0-9+/_-]{20,}", text):
        for part in (run, *run.split("/")):
            plain = part.replace("-", "+").replace("_", "/")
            try:
                pieces.append(base64.b64decode(plain + "=" * (-len(plain) % 4)).decode())
            except ValueError:
                continue
    return "\n".join([*pieces, *(decoded(piece) for piece in pieces)])


@for_each("carrier", CARRIERS)
@for_each("what", WRAPPED)
def test_a_secret_in_base64_goes(what: str, carrier: str) -> None:
    text, secret = WRAPPED[what]
    kind, carry = CARRIERS[carrier]
    body = carry(base64.b64encode(text.encode()).decode())
    assert (secret or "k3yk3yk3yk3y") in decoded(body)
    after = clean(kind, body)
    assert after != body
    assert (secret or "k3yk3yk3yk3y") not in decoded(after)


@given(name=st.text(max_size=20), mark=st.sampled_from(["", "é", "?>~", "漢"]), urlsafe=st.booleans())
def test_what_is_around_the_secret_stays(name: str, mark: str, urlsafe: bool) -> None:
    data = {"name": name, "mark": mark * 3, "client_secret": "swordfishes", "more": {"n": [1, 2]}}
    source = json.dumps(data, ensure_ascii=False).encode()
    text = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(source).decode()
    after = json.loads(clean("application/json", json.dumps({"state": text})))["state"]
    again = json.loads((base64.urlsafe_b64decode if urlsafe else base64.b64decode)(after))
    assert again.pop("client_secret") != data.pop("client_secret")
    assert {key: value for key, value in again.items() if key != "name"} == {
        k: v for k, v in data.items() if k != "name"
    }
