"""The values of a request: JSON within other values, parameters of Digest, encoded cookies."""

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.model import Headers, Request
from chatgptfree_mock.tape.tokens.request_values import request_values

FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)
INNER = json.dumps({"nonce": "a1b2", "ids": [7, {"user-id": "u1"}], "on": True})


def places(request: Request) -> dict[str, tuple[str, str]]:
    """Return name and value by place, without the path."""
    return {
        entry.place: (entry.name, entry.value)
        for entry in request_values(request)
        if not entry.place.startswith("path:")
    }


def inner(prefix: str) -> dict[str, tuple[str, str]]:
    return {
        f"{prefix}$.nonce": ("nonce", "a1b2"),
        f"{prefix}$.ids[0]": ("ids", "7"),
        f'{prefix}$.ids[1]["user-id"]': ("user-id", "u1"),
    }


@pytest.mark.parametrize(
    ("request_", "prefix"),
    [
        (Request(method="POST", uri="http://a/x", headers=FORM, body=urlencode({"d": INNER}).encode()), "form:d:"),
        (Request(method="GET", uri=f"http://a/x?{urlencode({'d': INNER})}"), "query:d:"),
        (Request(method="GET", uri="http://a/x", headers=(("Cookie", f"d={quote(INNER)}"),)), "cookie:d:"),
        (Request(method="GET", uri="http://a/x", headers=(("X-D", INNER),)), "header:x-d:"),
        (Request(method="POST", uri="http://a/x", body=INNER.encode()), "json:"),
        (Request(method="POST", uri="http://a/x", body=json.dumps({"d": INNER}).encode()), "json:$.d:"),
    ],
)
def test_json_has_leaves_wherever_it_is(request_: Request, prefix: str) -> None:
    assert places(request_) == inner(prefix)


def test_what_only_begins_like_json_is_one_value() -> None:
    sent = {"a": "{not json", "b": "[1, 2", "c": "{}", "d": "[link]"}
    request = Request(method="POST", uri="http://a/x", headers=FORM, body=urlencode(sent).encode())
    assert places(request) == {f"form:{name}": (name, sent[name]) for name in "abd"}


TOKEN = st.text("abcXYZ019+/=_-", min_size=1, max_size=20)
# Without braces and brackets: an empty object or list within a value has no values.
QUOTED = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="{["), max_size=20)


@given(parameters=st.dictionaries(st.sampled_from(["nonce", "opaque", "cnonce", "uri", "nc"]), QUOTED, min_size=1))
def test_the_parameters_of_digest_are_leaves(parameters: dict[str, str]) -> None:
    spelled = (
        f'{name}="{value.translate({34: chr(92) + chr(34), 92: chr(92) * 2})}"' for name, value in parameters.items()
    )
    found = places(
        Request(method="GET", uri="http://a/x", headers=(("Authorization", f"Digest {', '.join(spelled)}"),))
    )
    assert dict(found.values()) == parameters
    assert set(found) == {f"header:authorization:{name}" for name in parameters}


@given(token=TOKEN)
def test_a_bearer_token_is_one_value(token: str) -> None:
    found = places(
        Request(method="GET", uri="http://a/x", headers=(("Authorization", f"Bearer {token.strip('=')}x=="),))
    )
    assert found == {"header:authorization": ("authorization", f"{token.strip('=')}x==")}


def test_an_encoded_cookie_has_two_readings() -> None:
    found = list(request_values(Request(method="GET", uri="http://a/", headers=(("Cookie", "a=x%2By; b=plain"),))))
    assert [(entry.name, entry.value, entry.sent) for entry in found] == [
        ("a", "x%2By", ""),
        ("a", "x+y", "x%2By"),
        ("b", "plain", ""),
    ]
