"""Laws of the family `tokens/`: a right reader reads each new value as it was made, and no two are the same."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.tokens.token_block import ValueShape
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.token_rules import TOKEN_RULES, TokenRule
from chatgptfree_mock.variants.token_spelling import as_html_references, as_string_escapes

RULES = {rule.name: rule for rule in TOKEN_RULES}
OPAQUE = st.text("abcdefXYZ0123456789", min_size=12, max_size=40).filter(
    lambda text: not re.fullmatch("[0-9a-f]{10}", text)
)
KEYS = st.binary(min_size=1, max_size=64)
MINTING = [rule for rule in TOKEN_RULES if rule.name != "tokens/missing"]


def minted(rule: TokenRule, recorded: str, key: bytes) -> str | None:
    return rule.mint(recorded, ValueShape(alphabet="letters-digits", length=len(recorded)), key)


@given(recorded=OPAQUE, key=KEYS, rule=st.sampled_from(MINTING))
def test_a_new_value_is_another_and_the_same_for_the_same_key(recorded: str, key: bytes, rule: TokenRule) -> None:
    value = minted(rule, recorded, key)
    assert value is not None
    assert value != recorded
    assert minted(rule, recorded, key) == value
    assert minted(rule, recorded, key + b"x" if len(key) < 64 else key[:-1] + bytes([key[-1] ^ 1])) != value


@given(recorded=OPAQUE, key=KEYS)
def test_what_each_rule_promises_of_its_values(recorded: str, key: bytes) -> None:
    assert len(minted(RULES["tokens/fresh"], recorded, key) or "") == len(recorded)
    assert len(minted(RULES["tokens/longer"], recorded, key) or "") == 2 * len(recorded)
    assert not re.fullmatch("[0-9a-f]*", minted(RULES["tokens/other-letters"], recorded, key) or "")
    assert {"+", "/", "="} <= set(minted(RULES["tokens/base64"], recorded, key) or "")
    assert minted(RULES["tokens/missing"], recorded, key) == ""


@given(recorded=OPAQUE, key=KEYS, rule=st.sampled_from(MINTING))
def test_a_form_carries_every_value(recorded: str, key: bytes, rule: TokenRule) -> None:
    value = minted(rule, recorded, key) or ""
    assert parse_qs(urlencode({"nonce": value}))["nonce"] == [value]


@for_each("name", ["tokens/longer", "tokens/other-letters", "tokens/base64"])
@for_each("recorded", ["a1b2c3d4e5", "0f0f0f0f0f", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "a.b"])
def test_a_shape_on_which_clients_may_rely_is_kept(name: str, recorded: str) -> None:
    assert minted(RULES[name], recorded, b"key") is None


class Reader(HTMLParser):
    """Collects the values of attributes and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[str | None] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        self.attributes += [value for _, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


VALUES = st.text("abcdef0123456789XYZ+/=", min_size=8, max_size=24)
NEAR = st.text("ab <>&'\"=\\/{}:,é", max_size=12)


@given(value=VALUES, near=NEAR)
def test_references_are_read_by_a_parser_as_the_value_itself(value: str, near: str) -> None:
    assume("--" not in near)
    data = json.dumps({"t": value, "x": near}).replace("<", "\\u003c")
    quoted = near.replace("&", "&amp;").replace('"', "&quot;")
    attributes = f'data-t="{value}" data-o=\'{{"t":"{value}"}}\''
    page = f'<p title="{quoted}"><i {attributes}>{value}</i><script>var c = {data};</script>'
    spelled = as_html_references("text/html", page, value)
    assert spelled.count(value) == 2
    assert Reader(spelled).attributes == Reader(page).attributes
    assert Reader(spelled).scripts == Reader(page).scripts
    assert as_html_references("application/json", page, value) == page


@given(value=VALUES, near=NEAR)
def test_escapes_are_read_by_a_parser_as_the_value_itself(value: str, near: str) -> None:
    data = {"t": value, value: [near, f"a {value} b"]}
    text = json.dumps(data)
    spelled = as_string_escapes("application/json", text, value)
    assert value not in spelled
    assert json.loads(spelled) == data
    assert as_string_escapes("text/plain", text, value) == text


@given(value=VALUES)
def test_escapes_are_for_the_strings_of_scripts_alone(value: str) -> None:
    page = f'<i data-t="{value}"></i><script>var a = "{value}", b = \'{value}\', c = `{value}`;</script><p>"{value}"'
    spelled = as_string_escapes("text/html", page, value)
    assert Reader(spelled).attributes == [value]
    (script,) = Reader(spelled).scripts
    assert script.count(value) == 1
    assert json.loads(re.findall('"[^"]*"', script)[0]) == value
    assert spelled.endswith(f'<p>"{value}"')


def test_the_names_grades_and_sources_of_the_rules() -> None:
    assert len(RULES) == len(TOKEN_RULES)
    assert all(name.startswith("tokens/") for name in RULES)
    assert all(rule.source for rule in TOKEN_RULES)
    assert {rule.name for rule in TOKEN_RULES if rule.kind is VariantKind.BREAKAGE and rule.once} == {
        "tokens/expired/once"
    }
