"""The first look at a page or at decoded strings hides no secret that its readers would find."""

import json
from html import escape

from hypothesis import given
from hypothesis import strategies as st
from tests.mock.tape.redaction.secrets import NAMED

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

NAMES = st.sampled_from(sorted(NAMED))
FILLING = '<p class="a">The quick brown fox <a href="/x?b=1&amp;c=2">jumps</a> over it</p>' * 12
WRAPPERS = st.sampled_from(
    [
        "<input name='{name}' value='{value}'>",
        "<meta name='{name}' content='{value}'>",
        "<b data-{name}='{value}'></b>",
        "<b data-config='{json}'></b>",
        "<b onclick=\"put('{name}', '{value}')\"></b>",
        "<!-- {name}={value} -->",
        "<script>var a = {{ \"{name}\" : '{value}' }};</script>",
        '<script>put("{name}","{value}")</script>',
        "<textarea name='{name}'>{value}</textarea>",
    ]
)


@given(name=NAMES, wrapper=WRAPPERS)
def test_a_secret_in_a_long_page_is_found_as_in_a_short_one(name: str, wrapper: str) -> None:
    held = wrapper.format(name=name, value=escape(NAMED[name]), json=escape(json.dumps({name: NAMED[name]})))
    assert values("text/html", FILLING + held + FILLING) == values("text/html", held)


@given(
    name=NAMES, form=st.sampled_from(["{}: {}\n", "\n{}={}", '\n{{"{}": "{}"}}', "\n/a?{}={}", "\n<b data-{}='{}'>"])
)
def test_a_secret_among_long_strings_is_found_as_in_a_short_one(name: str, form: str) -> None:
    held, filling = form.format(name, NAMED[name]), ["The quick\nbrown fox"] * 60
    assert values("application/json", json.dumps([*filling, held])) == values("application/json", json.dumps([held]))


def values(kind: str, text: str) -> list[str]:
    response = Response(headers=(("Content-Type", kind),), body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return sorted(each.secret.value for each in found)
