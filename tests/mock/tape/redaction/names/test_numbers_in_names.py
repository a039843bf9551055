"""A name that ends with a number counts in a long text as in a short one, where every name is looked at closely."""

import json

import pytest

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets

LONG = "1234: The quick brown fox, 56789=x; " * 40


@pytest.mark.parametrize("name", ["password20245", "api_key_1234", "pin12345"])
def test_a_number_hides_no_name_before_it(name: str) -> None:
    value = "hunter2-but-longer"
    body = json.dumps([LONG + "\n", f"\n{name}={value}\n", {name: value}])
    response = Response(headers=(("Content-Type", "application/json"),), body=body.encode())
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/"), response=response)
    assert [each.secret.value for each in find_secrets(interaction)] == [value, value]
