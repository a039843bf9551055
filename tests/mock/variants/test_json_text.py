"""JSON in another spelling has the same values; numbers keep their digits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each
from tests.support.variant_answers import VALUES

from chatgptfree_mock.variants import json_text

SPELLINGS: dict[str, Callable[[str], str]] = {
    "spaced": lambda text: json_text.spaced(text, colon=" :\t", comma=" ,\n", inside=" "),
    "indented": json_text.indented,
    "backwards": json_text.reordered,
    "sorted": lambda text: json_text.reordered(text, alphabetical=True),
    "escaped": lambda text: json_text.respelled(text, json_text.escaped, keys=True),
    "upper": lambda text: json_text.respelled(text, json_text.escaped_upper, keys=True),
    "plain": lambda text: json_text.respelled(text, json_text.plain, keys=True),
    "raw": lambda text: json_text.respelled(text, json_text.raw_text),
    "ascii": lambda text: json_text.respelled(text, json_text.ascii_only),
    "slashed": lambda text: json_text.respelled(text, json_text.slashed),
}


@given(value=st.one_of(st.lists(VALUES), st.dictionaries(st.text(), VALUES)), ascii_only=st.booleans())
def test_every_spelling_keeps_the_value(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    for name, spell in SPELLINGS.items():
        assert json.loads(spell(text)) == json.loads(text), name


@for_each("name", SPELLINGS)
def test_numbers_keep_their_digits(name: str) -> None:
    assert "1.10" in SPELLINGS[name]('{"a": [1.10, 1e5, -0.0]}')
    assert "1e5" in SPELLINGS[name]('{"a": [1.10, 1e5, -0.0]}')


def test_what_the_spellings_look_like() -> None:
    text = '{"a/b":"\\u00e9\\n👋","c":[1,{}]}'
    assert SPELLINGS["ascii"](text) == '{"a/b":"\\u00e9\\n\\ud83d\\udc4b","c":[1,{}]}'
    assert SPELLINGS["raw"](text) == '{"a/b":"é\\n👋","c":[1,{}]}'
    assert SPELLINGS["backwards"](text) == '{"c":[1,{}],"a/b":"\\u00e9\\n👋"}'
    assert json_text.respelled('{"a":"x/y"}', json_text.slashed) == '{"a":"x\\/y"}'
    assert json_text.respelled('{"a":"é"}', json_text.escaped_upper) == '{"a":"\\u00E9"}'
    assert SPELLINGS["spaced"]('{"a":1,"b":[]}') == '{ "a" :\t1 ,\n"b" :\t[  ] }'


def test_line_ends_of_unicode_are_never_written_by_accident() -> None:
    assert json_text.respelled('"\\u2028"', json_text.raw_text) == '"\\u2028"'
    assert json_text.respelled('"\\u2028"', json_text.plain) == '"\u2028"'


@pytest.mark.parametrize(
    ("body", "is_it"),
    [(b"{}", True), (b" [1]\n", True), (b"5", False), (b"[DONE]", False), (b'["\\ud800"]', False), (b"\xff", False)],
)
def test_what_counts_as_json(body: bytes, is_it: bool) -> None:
    assert json_text.is_json(body) is is_it
