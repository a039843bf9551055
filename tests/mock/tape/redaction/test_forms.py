"""A form is cut into fields as it was by a pattern tried from every character, however hostile its text is."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

FIELD = re.compile(r"([^=&;]*)=([^&]*)")
PIECES = st.lists(st.sampled_from(["token", "a", "=", "&", ";", "aB3dE5gH7jK9mN1p", "%3D", "%", ""]), max_size=12)


@given(pieces=PIECES)
def test_each_field_of_a_form_is_read_by_its_own_name(pieces: list[str]) -> None:
    text = "x=1&" + "".join(pieces)
    expected = [
        value for name, value in FIELD.findall(text) if name == "token" and re.fullmatch(r"(?:a|aB3\w{13}){6,}", value)
    ]
    assert set(expected) <= {each for each in values_in(text) if each}


def test_a_form_of_percent_signs_alone_is_read_once() -> None:
    assert values_in("a=" + "%" * 1_000_000 + "&token=aB3dE5gH7jK9mN1p") == ["aB3dE5gH7jK9mN1p"]


def values_in(text: str) -> list[str]:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    response = Response(headers=headers, body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return [each.secret.value for each in found]
