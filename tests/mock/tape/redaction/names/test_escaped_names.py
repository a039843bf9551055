"""A secret's name counts however its letters are spelled."""

import json

from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

NAMES = ["password", "access_token", "apiKey", "cf_clearance", "_wpnonce"]
VALUE = "a1b2c3d4e5"


def spelled(name: str, at: int, escape: str) -> str:
    return name[:at] + escape.format(ord(name[at])) + name[at + 1 :]


def values(kind: str, text: str) -> list[str]:
    response = Response(headers=(("Content-Type", kind),), body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return [each.secret.value for each in found]


@for_each("name", NAMES)
@for_each("at", [0, 2, -1])
@for_each("form", ['{{"{}":"{}"}}', '{{"a": "b\\n", "{}" : "{}"}}', '[{{"x": 1,\n"{}":\n"{}"}}]'])
def test_a_key_of_json_with_an_escape_names_its_value(name: str, at: int, form: str) -> None:
    key = spelled(name, at % len(name), "\\u{:04x}")
    text = form.format(key, VALUE)
    assert name in json.dumps(json.loads(text))
    assert values("application/json", text) == [VALUE]
    assert values("text/event-stream", f"data: {text}\n\n".replace(",\n", ",").replace(":\n", ":")) == [VALUE]


@for_each("name", NAMES)
@for_each("at", [0, 2, -1])
def test_a_field_whose_name_has_a_reference_names_its_value(name: str, at: int) -> None:
    label = spelled(name, at % len(name), "&#{};")
    assert values("text/html", f'<p>a</p><input name="{label}" value="{VALUE}">') == [VALUE]


def test_an_escaped_value_before_a_colon_in_a_text_is_not_a_key() -> None:
    assert values("application/json", json.dumps({"a": 'the "password": none', "b\\n": VALUE})) == []
