"""However a name, its separator and its value are aligned, the value is found."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

SECRET = "aB3dE5gH7jK9mN1p"
FILLING = "The quick brown fox jumps over the lazy dog: a=b. " * 20
BLANKS = st.text(" \t", max_size=12)
BLANKS_AND_LINE_ENDS = st.text(" \t\r\n", max_size=12)
QUOTES = st.sampled_from(['"', "'", ""])
NAMES = st.sampled_from(["token", "api_key", "wpNonce", "X-CSRF-Token"])


def values(kind: str, text: str) -> list[str]:
    response = Response(headers=(("Content-Type", kind),), body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return [each.secret.value for each in found]


@given(name=NAMES, before=BLANKS_AND_LINE_ENDS, after=BLANKS_AND_LINE_ENDS, filling=st.sampled_from(["", FILLING]))
@example(name="token", before="  ", after="", filling="")
@example(name="token", before="\r", after="", filling="")
@example(name="token", before=" \t", after="", filling=FILLING)
def test_in_json(name: str, before: str, after: str, filling: str) -> None:
    text = f'{{"a": {json.dumps(filling)}, "{name}"{before}:{after}"{SECRET}"}}'
    assert values("application/json", text) == [SECRET]


@given(name=NAMES.filter(str.isidentifier), quote=QUOTES, before=BLANKS_AND_LINE_ENDS, after=BLANKS_AND_LINE_ENDS)
@example(name="token", quote="", before="    ", after=" ")
def test_in_an_object_of_a_script(name: str, quote: str, before: str, after: str) -> None:
    text = f'let options = {{a: 1, {quote}{name}{quote}{before}:{after}"{SECRET}"}};'
    assert values("text/javascript", text) == [SECRET]
    assert values("text/html", f"<p>{FILLING}</p><script>{text}</script>") == [SECRET]


@given(name=NAMES.filter(str.isidentifier), before=BLANKS_AND_LINE_ENDS, after=BLANKS_AND_LINE_ENDS)
@example(name="api_key", before="\t\t", after="  ")
def test_in_an_assignment_of_a_script(name: str, before: str, after: str) -> None:
    assert values("text/javascript", f'var {name}{before}={after}"{SECRET}";') == [SECRET]


@given(name=NAMES, separator=st.sampled_from("=:"), before=BLANKS, after=BLANKS, filling=st.sampled_from(["", FILLING]))
@example(name="api_key", separator="=", before="     ", after="", filling="")
@example(name="api_key", separator=":", before="", after="            ", filling=FILLING)
def test_in_settings(name: str, separator: str, before: str, after: str, filling: str) -> None:
    text = f"{filling}\na = 1\n{name}{before}{separator}{after}{SECRET}\nb = 2\n{filling}"
    # Behind a tab it may be a cell of a table, separator and all.
    for written in (text, text.replace(SECRET, f'"{SECRET}"')):
        assert [value.lstrip("=:").strip(' \t"') for value in values("text/plain", written)] == [SECRET]
