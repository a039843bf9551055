"""A project's words and patterns are found in what a value means, however the format spells it."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor, Rules

TABLE = {"words": ["Jane Müller"], "patterns": [r"ACME-(\d{6})", r"ÄRZTE/\w+é\d", r"<b>\w+ & co</b>"]}
OWN = {"Jane Müller": "", "ACME-123456": "ACME-", "ÄRZTE/caféé7": "", "<b>smith & co</b>": ""}
"""What is secret, and what of it stays: a pattern with a group replaces its group only."""


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def in_escapes(text: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))


def in_references(text: str) -> str:
    return "".join(f"&#{ord(each)};" for each in text)


def in_percents(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


FORM = "application/x-www-form-urlencoded"
SPELLED: dict[str, tuple[str, str, str, Callable[[str], str]]] = {
    "JSON": ("application/json", '{"note":"', '"}', lambda text: json.dumps(text, ensure_ascii=False)[1:-1]),
    "JSON in ASCII": ("application/json", '{"note":"', '"}', in_json),
    "JSON in escapes": ("application/json", '{"note":"', '"}', in_escapes),
    "JSON in JSON": ("application/json", r'{"note":"{\"inner\":\"', r'\"}"}', lambda text: in_json(in_json(text))),
    "address in JSON": ("application/json", '{"url":"/a?b=', '"}', lambda text: quote(text, safe="")),
    "text of a page": ("text/html", "<p>", "</p>", html.escape),
    "attribute": ("text/html", "<p title='", "'>x</p>", in_references),
    "JSON in an attribute": (
        "text/html",
        '<p data-a="{&quot;n&quot;:&quot;',
        '&quot;}">x</p>',
        lambda text: html.escape(in_json(text)),
    ),
    "form": (FORM, "a=1&note=", "&b=2", quote_plus),
    "form, all escaped": (FORM, "a=1&note=", "&b=2", in_percents),
    "event stream": ("text/event-stream", 'data: {"delta":"', '"}\n\n', in_json),
    "event stream, plain": ("text/event-stream", "data: see ", ".\n\n", str),
    "script": ("text/javascript", 'var note = "', '";', in_json),
    "text": ("text/plain", "see ", ", please", str),
}


def check(spelled: str, own: str, before: str) -> None:
    kind, head, tail, spell = SPELLED[spelled]
    response = Response(headers=(("Content-Type", kind),), body=f"{head}{spell(before + '. ' + own)}{tail}".encode())
    redactor = Redactor(Rules.make(TABLE))
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/"), response=response)
    after = redactor.redact(interaction).response.body.decode()
    kept = re.escape(head + spell(f"{before}. {OWN[own]}"))
    assert re.fullmatch(kept + "1?0{4,}[0-9]+" + re.escape(tail), after), after
    assert redactor.report() == ["own: 1 value in 1 place"]


@for_each("own", OWN)
@for_each("spelled", SPELLED)
def test_it_is_redacted_in_every_spelling(spelled: str, own: str) -> None:
    check(spelled, own, "")


@given(spelled=st.sampled_from(sorted(SPELLED)), own=st.sampled_from(sorted(OWN)), before=st.text("aé👋 ", max_size=5))
def test_what_is_beside_it_stays(spelled: str, own: str, before: str) -> None:
    check(spelled, own, before)


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_it_is_redacted_in_base64_within_base64(times: int) -> None:
    text = "a note about ACME-123456 and more"
    for _ in range(times):
        text = base64.b64encode(text.encode()).decode()
    response = Response(headers=(("Content-Type", "application/json"),), body=json.dumps({"note": text}).encode())
    redactor = Redactor(Rules.make(TABLE))
    redactor.redact(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    assert redactor.report() == ["own: 1 value in 1 place"]
