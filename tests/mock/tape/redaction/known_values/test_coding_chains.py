"""A value that is proven secret anywhere in a file is found nowhere in it, however often it is coded."""

import base64
import html
import json
import re
from collections.abc import Callable
from functools import reduce
from html.parser import HTMLParser
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact

Coding = tuple[Callable[[str], str], Callable[[str], str]]


def from_base64(text: str) -> str:
    plain = re.sub(r"\s", "", text).rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()


CODINGS: dict[str, Coding] = {
    "html": (html.escape, html.unescape),
    "numbers": (
        lambda text: "".join(c if c.isascii() and c.isalnum() else f"&#{ord(c)};" for c in text),
        html.unescape,
    ),
    "json": (lambda text: json.dumps(text)[1:-1], lambda text: str(json.loads(f'"{text}"'))),
    "object": (
        lambda text: json.dumps({"k": text, "n": "é"}, ensure_ascii=False),
        lambda text: str(json.loads(text)["k"]),
    ),
    "slashes": (lambda text: json.dumps(text)[1:-1].replace("/", "\\/"), lambda text: str(json.loads(f'"{text}"'))),
    "url": (lambda text: quote(text, safe=""), unquote),
    "double url": (lambda text: quote(quote(text, safe=""), safe=""), lambda text: unquote(unquote(text))),
    "form": (quote_plus, unquote_plus),
    "base64": (lambda text: base64.b64encode(text.encode()).decode(), from_base64),
    "base64url": (lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="), from_base64),
    "lines": (lambda text: base64.encodebytes(text.encode()).decode(), from_base64),
}
SECRETS = (
    *("fc6c7cf580", "5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc", "sess_8f7e6d5c4b3a2910", "k3y/w1th+s1gns==&more4you"),
    *(
        "h\u00fcnter2-\u6f22\u5b57-\U0001f600x9",
        'it\'s "4" <secret>',
        "correct horse 4 battery",
        "a1pha%b2&c3;d4\\e5/f6",
    ),
)


class Page(HTMLParser):
    """What a browser makes of a page: its tags, the names of their attributes, and the value of `data-x`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[object] = []
        self.value = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, [name for name, _ in attrs]))
        self.value = dict(attrs).get("data-x") or self.value

    def handle_endtag(self, tag: str) -> None:
        self.shape.append(tag)


def from_page(text: str) -> tuple[object, str]:
    page = Page(text)
    return page.shape, page.value


def from_json(text: str) -> tuple[object, str]:
    data = json.loads(text)
    return list(data), data["x"]


def from_events(text: str) -> tuple[object, str]:
    events = [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]
    return [list(event) for event in events], "".join(event["x"] for event in events)


CARRIERS: dict[str, tuple[str, Callable[[str], str], Callable[[str], tuple[object, str]]]] = {
    "page": ("text/html", lambda text: f'<p>Hi</p><div data-x="{html.escape(text)}" id="a">1</div>', from_page),
    "JSON": ("application/json", lambda text: json.dumps({"a": 1, "x": text}), from_json),
    "events": ("text/event-stream", lambda text: f"data: {json.dumps({'x': text})}\n\n" * 1, from_events),
}


def exchange(kind: str, body: str) -> Interaction:
    response = Response(headers=(("Content-Type", kind),), body=body.encode())
    return Interaction(request=Request(method="GET", uri="https://site.example/"), response=response)


def check_gone(secret: str, chain: list[str], carrier: str, around: str) -> None:
    text = around + secret + "."
    for name in chain:
        text = CODINGS[name][0](text)
    kind, carry, read = CARRIERS[carrier]
    proof = exchange("application/json", json.dumps({"password": secret}))
    held = exchange(kind, carry(text))
    after = redact(Cassette(interactions=(held, proof))).interactions
    before_shape, _ = read(held.response.body.decode())
    shape, value = read(after[0].response.body.decode())
    assert shape == before_shape
    plain = reduce(lambda text, name: CODINGS[name][1](text), reversed(chain), value)
    assert secret not in plain
    assert plain.startswith(around)
    assert plain.endswith(".")
    assert [found.secret for each in find_all(after) for found in each] == []


@settings(max_examples=150)
@given(
    secret=st.sampled_from(SECRETS),
    chain=st.lists(st.sampled_from(sorted(CODINGS)), max_size=4),
    carrier=st.sampled_from(sorted(CARRIERS)),
    around=st.sampled_from(["", "It is ", '{"a": "', "é: ", "x" * 90 + " "]),
)
@example(secret=SECRETS[1], chain=["numbers"] * 4, carrier="page", around="")
@example(secret=SECRETS[4], chain=["double url", *["numbers"] * 3], carrier="page", around="")
@example(secret=SECRETS[0], chain=["object", "base64", "url", "html"], carrier="page", around="")
def test_a_secret_is_redacted_in_every_chain_of_codings(
    secret: str, chain: list[str], carrier: str, around: str
) -> None:
    check_gone(secret, chain, carrier, around)
