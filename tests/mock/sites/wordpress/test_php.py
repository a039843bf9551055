"""PHP and WordPress as far as they touch strings."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.php import Json
from chatgptfree_mock.sites.wordpress.php_tags import strip_tags

FLAGS = Json.UNESCAPED_UNICODE | Json.HEX_TAG | Json.HEX_AMP | Json.HEX_APOS | Json.HEX_QUOT
SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        pytest.param("a/b", r'"a\/b"', id="slashes are escaped"),
        pytest.param("é👋", r'"\u00e9\ud83d\udc4b"', id="what is no ASCII is escaped, in lower case"),
        pytest.param('"\\\b\f\n\r\t\x01\x7f', '"\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f"', id="control characters"),
        pytest.param({"b": 1, "a": [True, False, None]}, '{"b":1,"a":[true,false,null]}', id="keys keep their order"),
        pytest.param([1.0, 0.3, 1e25, 1e-7, 1.5e300], "[1.0,0.3,1.0e+25,1.0e-7,1.5e+300]", id="floats"),
        pytest.param("\udcff", '"?"', id="a byte that is no UTF-8"),
        pytest.param({}, "{}", id="an object without keys"),
    ],
)
def test_json_is_written_as_php_writes_it(value: object, encoded: str) -> None:
    assert php.json_encode(value) == encoded


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        pytest.param("é", '"é"', id="letters stay"),
        pytest.param("\u2028\u2029", r'"\u2028\u2029"', id="line separators do not"),
        pytest.param(
            "<a href='x'>\"&\"</a>", r'"\u003Ca href=\u0027x\u0027\u003E\u0022\u0026\u0022\u003C\/a\u003E"', id="hex"
        ),
        pytest.param('\\"', r'"\\\u0022"', id="a backslash before a quote"),
    ],
)
def test_json_flags(text: str, encoded: str) -> None:
    assert php.json_encode(text, FLAGS) == encoded


@given(value=VALUES, flags=st.sampled_from([Json.DEFAULT, Json.UNESCAPED_UNICODE, FLAGS]))
def test_json_can_be_read_again(value: object, flags: Json) -> None:
    assert json.loads(php.json_encode(value, flags)) == value


def test_php_has_no_sets() -> None:
    with pytest.raises(TypeError, match="PHP has no set"):
        php.json_encode({1})


@pytest.mark.parametrize("value", ["", "0", None, False, 0, 0.0, {}, []], ids=repr)
def test_empty_values(value: object) -> None:
    assert php.empty(value)


@pytest.mark.parametrize("value", [" ", "00", "0.0", "false", True, 1, [0]], ids=repr)
def test_values_that_are_not_empty(value: object) -> None:
    assert not php.empty(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [("42", 42), (" 42abc", 42), ("-7", -7), ("<42", 0), ("NaN", 0), ("", 0), ("٤", 0), ({"0": "1"}, 1), ({}, 0)],
    ids=repr,
)
def test_intval(value: object, number: int) -> None:
    assert php.intval(value) == number


def test_slashes_are_added_before_quotes_backslashes_and_nuls_alone() -> None:
    assert php.addslashes("""it's "a" \\ b/c\0""") == r"""it\'s \"a\" \\ b/c\0"""


@for_each(
    ("text", "line", "area"),
    [
        pytest.param("  a\n\tb  c ", "a b c", "a\n\tb  c", id="blanks"),
        pytest.param("a <b>c</b> d", "a c d", "a c d", id="tags"),
        pytest.param("x<script>alert(1)</SCRIPT>y", "xy", "xy", id="scripts go with their content"),
        pytest.param("x<style>a</style><SCRIPT a>b</script>y<script>", "xy", "xy", id="the last one is not closed"),
        pytest.param("<style>a<script>b</style>c</script>d", "cd", "cd", id="one in the other"),
        pytest.param("a%%%414141b%4", "ab%4", "ab%4", id="octets in octets"),
        pytest.param("3<4 & 5>2", "32", "32", id="a tag that is none to a person"),
        pytest.param("3<4", "3&lt;4", "3&lt;4", id="a lone less-than"),
        pytest.param('3 <4 "x"', "3 &lt;4 &quot;x&quot;", "3 &lt;4 &quot;x&quot;", id="all after it is escaped"),
        pytest.param("a < b > c", "a < b > c", "a < b > c", id="a less-than before a blank is text"),
        pytest.param("%41%%4142", "", "", id="octets, also those that appear when others go"),
        pytest.param("<b></b>", "", "", id="nothing but tags"),
        pytest.param("<!-- a > b -->c", "c", "c", id="comments"),
        pytest.param('<a title="x>y">z</a>', "z", "z", id="a greater-than in quotes"),
        pytest.param("<?php if (a > b) ?>c", "c", "c", id="PHP's own code"),
        pytest.param("a<?php > b", "a", "a", id="which may have no end"),
        pytest.param("<?xml version='1.0'>b", "b", "b", id="but not that of XML"),
        pytest.param("<\xa0b>c", "c", "c", id="a blank that is none to C"),
        pytest.param("\udcff abc", "", "", id="no UTF-8 at all"),
    ],
)
def test_text_is_sanitized(text: str, line: str, area: str) -> None:
    assert php.sanitize_text_field(text) == line
    assert php.sanitize_textarea_field(text) == area


@given(
    st.lists(st.sampled_from(["<script>", "</script>", "<style", ">", "</STYLE>", "a", "%", "4", "1", "\n"])).map(
        "".join
    )
)
def test_code_and_octets_go_as_the_rules_say(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = re.sub(r"<(script|style)[^>]*?>.*?</\1>", "", text, flags=re.IGNORECASE | re.DOTALL)
    assert php.strip_all_tags(text) == php.trim(strip_tags(expected))
    assert not re.search("%[a-f0-9]{2}", php.sanitize_text_field(text))


@given(st.text())
def test_a_sanitized_line_is_one_line(text: str) -> None:
    assert not set(php.sanitize_text_field(text)) & set("\r\n\t")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<a b=\"c\" d='e'>", "&lt;a b=&quot;c&quot; d=&#039;e&#039;&gt;"),
        ("a & b &amp; c &#38; d &#x26; e &nosuch; f", "a &amp; b &amp; c &#38; d &#x26; e &amp;nosuch; f"),
        ("\udcff", ""),
    ],
    ids=ascii,
)
def test_html_is_escaped_once(text: str, escaped: str) -> None:
    assert php.esc_html(text) == escaped
    assert php.esc_html(escaped) == escaped


def test_keys_are_lower_case() -> None:
    assert php.sanitize_key("AIPKit_sse-1 é!") == "aipkit_sse-1"
