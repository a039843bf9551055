"""
What a first look passes over holds nothing: with it and without it, redaction gives the same.

A project's own name turns the first look off, since such a name may end in any way: then every string, tag and
separator is read.  The name here is in none of the texts.
"""

import base64
import html
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from tests.mock.tape.redaction.harmless import HARMLESS
from tests.mock.tape.redaction.secrets import NAMED, PEOPLE, VENDORS

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Rules, redact

EVERY = Rules(names=frozenset({"zzzunused"}))
KINDS = (
    *("text/plain", "application/json", "text/html", "text/event-stream", "application/x-www-form-urlencoded"),
    *("text/javascript", "application/xml", "text/css"),
)
FORMS = (
    *(
        "{n}={v}",
        "{n}: {v}",
        '"{n}": "{v}"',
        '{{"{n}" : "{v}"}}',
        "<input name='{n}' value='{v}'>",
        "<b data-{n}='{v}'>",
    ),
    *("<{n}>{v}</{n}>", "<textarea name={n}>{v}</textarea>", "/a?{n}={v}&x=1", 'set("{n}","{v}")', "my {n} is {v}."),
    *("--{n} {v}", "{n},b\n{v},c\n\n", '{{"name":"{n}","value":"{v}"}}', "cf_chl_{n}={v}", '{{"{n}":{{"key":"{v}"}}}}'),
    *(
        '<b data-a=\'{{"{n}":"{v}"}}\'>',
        "captcha-token-{n}\t: '{v}'",
        "x[{n}]={v}",
        "{n}20245: {v}",
        '{{"{n}1234":"{v}"}}',
        '{n} := "{v}"',
        'let {n}: &str = "{v}";',
        "setenv('{n}', '{v}')",
        "<th>{n}</th><td>{v}</td>",
        '<string name="{n}">{v}</string>',
        "INSERT INTO t (a, {n}) VALUES (1, '{v}');",
        "<script>var a={{{n}:'{v}'}};</script>",
    ),
)
FILLING = (
    *("The quick brown fox jumps over the lazy dog; see https://example.org/a?b=1&amp;c=2 for more. ", "中文漢字。"),
    *(
        "Schlüssel und Waffeln ",
        "\n        \n",
        '<p class="a">x &lt; y <a href="/b">c</a></p>\n',
        "<!-- a=b -->",
        '"a\\nb" ',
    ),
    *(
        '{"a": {"b": [1, 2, "c\\n"]}}\n',
        "12345: 67890=ff::1 :::a:: ",
        "2024-01-01 10:30:00 +0200 (1) 12.34.56 ",
        'data: {"v":"He"}\n\n',
        "a < b ",
        "\\",
        '[0.123, 1.5, -2.25, 3.0, 4, 5, 6, 7.5, 8] {"p":-0.123456,"q": 0.98765} ',
        '<p>it&#8217;s <a href="/x?a=1&#038;b=2">m[0] {c}</a></p>\n',
    ),
)
CODINGS = (
    *(str, str, html.escape, quote, lambda text: json.dumps(text)[1:-1]),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: "".join(f"\\u{ord(each):04x}" if each < "\uffff" else each for each in text),
    lambda text: "".join(f"&#{ord(each)};" for each in text),
)
VALUES = st.sampled_from(sorted((NAMED | VENDORS | PEOPLE).items()))
SECRETS = st.builds(
    lambda form, pair, coding: coding(form.format(n=pair[0], v=pair[1])),
    st.sampled_from(FORMS),
    VALUES,
    st.sampled_from(CODINGS),
)
FILLED = st.builds(lambda text, times: text * times, st.sampled_from(FILLING), st.sampled_from((1, 3, 12)))
PARTS = st.lists(st.one_of(SECRETS, FILLED, st.sampled_from(sorted(text for _, text in HARMLESS))), max_size=6)
JOINTS = st.sampled_from(["", " ", "\n", '"', "</p>", ",", "\0"])


def body(kind: str, parts: list[str], joint: str, *, whole: bool) -> str:
    if kind == "application/json" and whole:
        return json.dumps({"a": parts, "b": joint.join(parts)})
    if kind == "text/event-stream" and whole:
        return "".join(f"data: {json.dumps({'content': part})}\n\n" for part in parts)
    return joint.join(parts)


@given(st.sampled_from(KINDS), PARTS, JOINTS, st.booleans())
def test_redaction_gives_the_same_with_a_first_look_and_without(
    kind: str, parts: list[str], joint: str, whole: bool
) -> None:
    text = body(kind, parts, joint, whole=whole).encode("utf-8", "surrogatepass")
    interaction = Interaction(
        request=Request(method="GET", uri="https://a.example/"),
        response=Response(headers=(("Content-Type", kind),), body=text),
    )
    cassette = Cassette(interactions=(interaction,))
    assert redact(cassette) == redact(cassette, EVERY)
