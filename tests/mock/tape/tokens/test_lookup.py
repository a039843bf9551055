"""Where a value was given out, and whether its name is shortly before it."""

from __future__ import annotations

import pytest

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.tokens.lookup import Wanted, look_up

VALUE = "0a1b2c3d4e"


@pytest.mark.parametrize(
    ("body", "beside"),
    [
        (f"nonce={VALUE}\n", True),
        (f'{{"nonce":"{VALUE}"}}', True),
        (f'{{"chat_nonce": "{VALUE}"}}', True),
        (f'{{"other":"{VALUE}"}}', False),
        (f'{{"nonce":1,"filler":"{"x" * 40}","a":"{VALUE}"}}', False),
    ],
)
def test_a_value_is_found_with_its_name_or_without(body: str, *, beside: bool) -> None:
    response = Response(headers=(("Content-Type", "text/plain"),), body=body.encode())
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/"), response=response)
    (found,) = look_up([interaction], [Wanted(name="nonce", value=VALUE, before=1)]).values()
    assert (found.source.interaction, found.beside_its_name) == (0, beside)


def test_a_value_that_only_a_later_response_holds_was_not_given_out() -> None:
    response = Response(headers=(("Content-Type", "text/plain"),), body=f"nonce={VALUE}\n".encode())
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/"), response=response)
    assert look_up([interaction], [Wanted(name="nonce", value=VALUE, before=0)]) == {}
