"""Redacted web tokens, Digest headers and structured cookies are still parsed, and their tokens still found on replay."""

import base64
import json
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, unquote
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens

SECRET = "9f8e7d6c5b4a39281706ab"


def coded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


WEB_TOKEN = f"{coded({'alg': 'HS256', 'typ': 'JWT'})}.{coded({'name': 'Jane Doe', 'sid': SECRET, 'exp': 1764310000})}.dBjftJeZ4CVPmB92K27"
COOKIE = json.dumps({"sid": SECRET, "theme": "dark", "count": 2}, separators=(",", ":"))
DIGEST = f'Digest username="bob", realm="my site", nonce="{SECRET}", uri="/b", qop=auth, nc=00000001, response="6629fae49393a0539"'
CHALLENGE = f'Digest realm="my site", qop="auth", nonce="{SECRET}", algorithm=MD5'


def exchange(
    request_headers: Headers = (), response_headers: Headers = (), body: bytes = b"{}", path: str = "/"
) -> Interaction:
    return Interaction(
        request=Request(method="GET", uri=f"https://a.example{path}", headers=request_headers),
        response=Response(headers=(("Content-Type", "application/json"), *response_headers), body=body),
    )


def clean(*interactions: Interaction) -> tuple[Interaction, ...]:
    """Return the redacted exchanges; check that nothing more is found in them."""
    found = redact(Cassette(interactions=interactions)).interactions
    assert [each for each in find_all(found) if each] == []
    assert redact(Cassette(interactions=found)).interactions == found
    assert SECRET not in repr(found)
    return found


@pytest.mark.parametrize("header", ["Authorization", "X-Access-Token"])
def test_a_web_token_still_decodes(header: str) -> None:
    body = json.dumps({"access_token": WEB_TOKEN}).encode()
    found = clean(exchange(((header, f"Bearer {WEB_TOKEN}"),), body=body))[0]
    token = found.request.headers[0][1].removeprefix("Bearer ")
    assert json.loads(found.response.body) == {"access_token": token}
    head, claims, signature = token.split(".")
    assert decoded(head) == {"alg": "HS256", "typ": "JWT"}
    assert decoded(claims).keys() == {"name", "sid", "exp"}
    assert decoded(claims)["exp"] == 1764310000
    assert "Jane" not in decoded(claims)["name"]
    assert signature.isdigit()


def test_a_web_token_that_a_stream_cut_still_decodes() -> None:
    pieces = [f"It is {WEB_TOKEN[:30]}", WEB_TOKEN[30:90], f"{WEB_TOKEN[90:]} indeed"]
    body = "".join(f"data: {json.dumps({'choices': [{'delta': {'content': each}}]})}\n\n" for each in pieces).encode()
    stream = Interaction(
        request=Request(method="GET", uri="https://a.example/"),
        response=Response(headers=(("Content-Type", "text/event-stream"),), body=body),
    )
    lines = clean(stream)[0].response.body.decode().split("\n\n")[:-1]
    text = "".join(json.loads(line[6:])["choices"][0]["delta"]["content"] for line in lines)
    _, claims, _ = text.removeprefix("It is ").removesuffix(" indeed").split(".")
    assert decoded(claims)["exp"] == 1764310000


def test_digest_keeps_what_describes_it() -> None:
    found = clean(exchange(response_headers=(("WWW-Authenticate", CHALLENGE),)), exchange((("Authorization", DIGEST),)))
    scheme, _, parameters = found[1].request.headers[0][1].partition(" ")
    pairs = parse_keqv_list(parse_http_list(parameters))
    challenge = parse_keqv_list(parse_http_list(found[0].response.headers[1][1].removeprefix("Digest ")))
    assert scheme == "Digest"
    assert {name: pairs[name] for name in ("realm", "qop", "nc", "uri")} == {
        "realm": "my site",
        "qop": "auth",
        "nc": "00000001",
        "uri": "/b",
    }
    assert pairs["nonce"] == challenge["nonce"] != SECRET
    assert "bob" not in pairs.values()


@pytest.mark.parametrize("value", [quote(COOKIE), base64.b64encode(COOKIE.encode()).decode()])
def test_a_cookie_of_json_stays_json(value: str) -> None:
    found = clean(exchange((("Cookie", f"state={value}"),), (("Set-Cookie", f"state={value}; Path=/"),)))[0]
    set_cookie = SimpleCookie(found.response.headers[1][1])["state"].value
    assert found.request.headers[0][1] == f"state={set_cookie}"
    content = decoded(set_cookie) if "%" not in set_cookie else json.loads(unquote(set_cookie))
    assert content.keys() == {"sid", "theme", "count"}
    assert content["count"] == 2
    assert content["theme"] != "dark"


def test_a_cookie_of_fields_keeps_its_fields() -> None:
    found = clean(exchange((("Cookie", f"state=uid=42&sid={SECRET}&theme=dark"),)))[0]
    name, *fields = found.request.headers[0][1].split("&")
    assert name == "state=uid=42"
    assert [each.partition("=")[0] for each in fields] == ["sid", "theme"]


SESSIONS = {
    "Digest": (
        exchange(response_headers=(("WWW-Authenticate", CHALLENGE),)),
        exchange((("Authorization", DIGEST),), path="/b"),
    ),
    "a cookie of JSON, sent back in a header": (
        exchange(response_headers=(("Set-Cookie", f"state={quote(COOKIE)}; Path=/"),)),
        exchange((("X-Csrf-Token", SECRET),), path="/b"),
    ),
    "a cookie of JSON, sent back as it is": (
        exchange(response_headers=(("Set-Cookie", f"state={quote(COOKIE)}; Path=/"),)),
        exchange((("Cookie", f"state={quote(COOKIE)}"),), path="/b"),
    ),
    "a claim of a web token, sent back in a query": (
        exchange(body=json.dumps({"token": WEB_TOKEN}).encode()),
        exchange(path=f"/b?which={SECRET}"),
    ),
    "a web token, sent back as it is": (
        exchange(body=json.dumps({"token": WEB_TOKEN}).encode()),
        exchange((("Authorization", f"Bearer {WEB_TOKEN}"),), path="/b"),
    ),
}


@pytest.mark.parametrize("session", SESSIONS)
def test_a_token_of_a_structured_value_acts_after_redaction(session: str) -> None:
    before = Cassette(interactions=SESSIONS[session])
    tokens = [each.token for each in find_tokens(before)]
    assert tokens
    found = acting(Cassette(interactions=clean(*before.interactions)), tokens)
    assert found.notes == ()
    assert len(found.entries) == len(tokens)


@pytest.mark.parametrize(
    "media_type", ["application/json; boundary=b", "text/plain; boundary=b", "multipart/mixed", "multipart/form-data"]
)
def test_only_what_is_multipart_by_name_and_boundary_is_read_so(media_type: str) -> None:
    """Of anything else the bytes decide; as parts, this would hold no field at all."""
    body = b'{"a": [{"pass\\u0077ord": "hunter2-Xy7"}], "size": 12}'
    response = Response(headers=(("Content-Type", media_type),), body=body)
    cassette = Cassette(
        interactions=(Interaction(request=Request(method="GET", uri="https://a.test/"), response=response),)
    )
    found = json.loads(redact(cassette).interactions[0].response.body)
    assert found["size"] == 12
    assert "hunter2" not in found["a"][0]["password"]
