"""Structured values keep their structure, whatever is put in place of the values within, in every spelling."""

import base64
import html
import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.structured_values import rewritten, values_in


def coded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def content(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def starred(value: str) -> str:
    return "*" * len(value)


TOKEN = (
    f"{coded({'alg': 'HS256', 'kid': 'k-1'})}.{coded({'sub': 'jane', 'exp': 1764310000, 'iss': 'https://i.d/'})}.c2ln"
)
TABLE = {
    TOKEN: ["jane", "c2ln"],
    f"{coded({'alg': 'dir', 'enc': 'A256GCM'})}..aXY.Y2lwaGVy.dGFn": ["aXY", "Y2lwaGVy", "dGFn"],
    f"{coded({'csrf': 'abc'})}.ZxYz12.c2ln": ["abc", "ZxYz12", "c2ln"],
    '{"a": "b", "n": 12, "id": 123456, "ok": true, "none": null, "list": ["c", 1.5]}': ["b", "123456", "c"],
    '{"expires_at": 1764310000, "scope": "read write", "token_type": "bearer"}': [],
    '{"type": "jane@site.example", "x-0a1b2c3d4e5f": 1}': ["jane@site.example", "x-0a1b2c3d4e5f"],
    "uid=42&token=a%2Fb&theme=dark&exp=1764310000": ["a%2Fb", "dark"],
    'username="bo\\"b", realm="a site", nonce=abc, qop=auth, uri="/x/y", nc=00000001': ['bo"b', "abc"],
    "Credential=AK/2026/s3, SignedHeaders=host;date, Signature=0a1b": ["AK/2026/s3", "0a1b"],
    f"base64-{coded({'access_token': TOKEN})}": ["jane", "c2ln"],
    'j:{"a":"b"}': ["b"],
}


@for_each("text", TABLE)
def test_the_values_within_a_structure_are_found(text: str) -> None:
    assert values_in(text) == TABLE[text]


@for_each("spell", [str, quote, html.escape, lambda text: json.dumps(text)[1:-1]])
@for_each("text", TABLE)
def test_a_structure_is_found_in_every_spelling_and_kept_as_it_is(text: str, spell: Callable[[str], str]) -> None:
    assert [unquote(each) for each in values_in(spell(text))] == [unquote(each) for each in TABLE[text]]
    if spell is not html.escape:  # ' is one of the characters that it escapes more than it must
        assert rewritten(spell(text), str) == spell(text)


def test_the_case_of_percent_encoding_stays() -> None:
    assert rewritten("%7b%22a%22%3a%22b%22%7d", starred) == "%7b%22a%22%3a%22%2a%22%7d"
    assert rewritten("%7B%22a%22:%22b%22%7D", starred) == "%7B%22a%22:%22%2A%22%7D"


@for_each(
    "text",
    ["", "a", "{", "[broken", '{"a": }', "a=b", "eyJh.b.c", "hunter2", "a, b", "x=1, y", "[" * 10_000, "%7B", "100%"],
)
def test_other_text_has_no_structure(text: str) -> None:
    assert rewritten(text, starred) is None


def test_a_web_token_still_decodes() -> None:
    head, claims, signature = (rewritten(TOKEN, starred) or "").split(".")
    assert content(head) == {"alg": "HS256", "kid": "k-1"}
    assert content(claims) == {"sub": "****", "exp": 1764310000, "iss": "https://i.d/"}
    assert signature == "****"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CONTAINERS = st.lists(JSON_VALUES, max_size=4) | st.dictionaries(st.text(), JSON_VALUES, max_size=4)


def shape(value: Any) -> Any:
    """Return the value without its strings and integers, which may be replaced."""
    if isinstance(value, dict):
        return [shape(each) for each in value.values()]
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value)


@given(CONTAINERS, st.booleans(), st.sampled_from([None, 2]))
def test_json_keeps_its_shape(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass").decode("latin-1")
    numbers = count(1000)
    result = rewritten(text, lambda _: str(next(numbers)))
    assert result is not None
    assert shape(json.loads(result)) == shape(json.loads(text))


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert len(values_in(text)) >= 0
