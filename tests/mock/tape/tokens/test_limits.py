"""How long a value lives and what refuses it, where the recording shows it."""

from random import Random

import pytest
from tests.support.token_visit import Visit

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import Token

DATE = ("Date", "Wed, 25 Nov 2026 20:00:00 GMT")


def token_of(cassette: Cassette, name: str, kind: str = "token") -> Token:
    (found,) = (each.token for each in find_tokens(cassette) if (each.token.name, each.token.kind) == (name, kind))
    return found


@pytest.mark.parametrize(
    ("attributes", "lives"),
    [
        ("Path=/; Max-Age=600", 600),
        ("max-age=600; Expires=Wed, 25 Nov 2026 20:00:01 GMT", 600),
        ("Expires=Wed, 25 Nov 2026 21:00:00 GMT; Path=/", 3600),
        ("Path=/", None),
        ("Max-Age=0", None),
        ("Max-Age=soon", None),
        ("Expires=tomorrow", None),
        ("Expires=Wed, 25 Nov 2026 19:00:00 GMT", None),
    ],
)
def test_a_cookie_expires_by_its_own_attributes(attributes: str, lives: float | None) -> None:
    visit = Visit(random=Random(1))
    sid = visit.hex(20)
    visit.get("/", "", given=(DATE, ("Set-Cookie", f"sid={sid}; {attributes}")))
    visit.post({"message": "hi"}, sent=(("Cookie", f"sid={sid}"),))
    assert token_of(visit.cassette, "sid").lives == lives


def refused_once(status: int, retried: int = 200) -> Cassette:
    """A stale nonce is refused with *status*, the page read, and the new one answered with *retried*."""
    visit = Visit(random=Random(2))
    stale, fresh = visit.hex(), visit.hex()
    visit.post({"_wpnonce": stale, "message": "hi"}, text="-1")
    visit.get("/", f'<b data-nonce="{fresh}">')
    visit.post({"_wpnonce": fresh, "message": "hi"})
    first, page, last = visit.interactions
    return Cassette(interactions=(_with_status(first, status), page, _with_status(last, retried)))


def _with_status(interaction: Interaction, status: int) -> Interaction:
    from msgspec.structs import replace

    return replace(interaction, response=replace(interaction.response, status=status))


def test_a_recorded_refusal_is_found() -> None:
    refused = token_of(refused_once(403), "_wpnonce").refused
    assert refused is not None
    assert (refused.status, refused.interaction) == (403, 0)


@pytest.mark.parametrize(("status", "retried"), [(200, 200), (429, 200), (500, 200), (403, 403)])
def test_a_response_that_refuses_no_value_is_not_a_refusal(status: int, retried: int) -> None:
    assert token_of(refused_once(status, retried), "_wpnonce").refused is None


def test_a_refusal_at_another_address_is_not_this_ones() -> None:
    visit = Visit(random=Random(2))
    fresh = visit.hex()
    headers: Headers = (("X-WP-Nonce", visit.hex()),)
    visit.send({"q": "hi"}, sent=headers, path="/other")
    visit.get("/", f'<b data-nonce="{fresh}">')
    visit.send({"q": "hi"}, sent=(("X-WP-Nonce", fresh),))
    first, *others = visit.interactions
    cassette = Cassette(interactions=(_with_status(first, 403), *others))
    assert token_of(cassette, "x-wp-nonce").refused is None
