"""Sessions of every kind whose tokens are known: all of them are found, and nothing else."""

import base64
import html
import json
from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Final
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.many_cases import for_each
from tests.support.token_sessions import KnownSession, known_sessions
from tests.support.token_visit import NOISE

from chatgptfree_mock.replay.insertion import Insertion
from chatgptfree_mock.tape.har.exporting import to_har
from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data
from chatgptfree_mock.tape.tokens.token_plan import plan_tokens

SESSIONS = known_sessions()
DATED = [each for each in SESSIONS if each.cassette.recording]
"""A HAR always has a date."""
_REDACTED: Final = {
    "laravel",
    "cookie_that_a_script_encodes",
    "base64_in_a_cookie",
    "jwt_and_its_refresh",
    "json_in_the_query_and_a_cookie",
    "digest_authentication",
}
SHALLOW = [each for each in SESSIONS if each.name not in _REDACTED]
"""Sessions whose tokens redaction leaves findable: in the others it replaces a whole value that holds one."""


def names_and_classes(cassette: Cassette) -> Counter[tuple[str, str]]:
    return Counter((each.token.name, each.token.kind.value) for each in find_tokens(cassette))


def test_all_tokens_are_found_and_none_is_invented() -> None:
    expected = sum((Counter(each.expected) for each in SESSIONS), Counter[tuple[str, str]]())
    found = sum((names_and_classes(each.cassette) for each in SESSIONS), Counter[tuple[str, str]]())
    right, invented = (expected & found).total(), (found - expected).total()
    print(f"{len(SESSIONS)} sessions: {right} of {expected.total()} tokens found, {invented} invented")
    assert len(SESSIONS) >= 95
    assert (right, invented) == (expected.total(), 0)


@for_each("seed", range(3))
@for_each("number", range(len(SESSIONS)), ids=lambda number: SESSIONS[number].name)
def test_each_session_has_its_tokens_whatever_their_values(number: int, seed: int) -> None:
    session = known_sessions(seed)[number]
    assert names_and_classes(session.cassette) == Counter(session.expected)


@for_each("session", DATED, ids=attrgetter("name"))
def test_a_har_of_a_session_has_the_same_tokens(session: KnownSession) -> None:
    har = json.dumps(to_har(session.cassette, version="1")).encode()
    assert names_and_classes(from_har(har, file="session.har").cassette) == Counter(session.expected)


@for_each("session", SHALLOW, ids=attrgetter("name"))
def test_a_session_that_was_redacted_has_them_at_the_same_places(session: KnownSession) -> None:
    assert _given_out(redact(session.cassette)) == _given_out(session.cassette)


@for_each("session", SESSIONS, ids=attrgetter("name"))
def test_a_session_that_was_redacted_holds_no_secret(session: KnownSession) -> None:
    assert [each for found in find_all(redact(session.cassette).interactions) for each in found] == []


@for_each("session", SESSIONS, ids=attrgetter("name"))
def test_what_is_found_can_act_on_replay(session: KnownSession) -> None:
    found = tokens_as_data([each.token for each in find_tokens(session.cassette)])
    plan = plan_tokens(replace(session.cassette, tokens=tuple(found)))
    required = [each for required_tokens in plan.required_tokens.values() for each in required_tokens]
    assert len(required) == sum(len(entry["back"]) for entry in found)
    new = {value: value[::-1] for value in plan.written}
    bodies = [Insertion(each.response, list(new)) for each in session.cassette.interactions]
    given = {value for each in bodies for value in each.values}
    given |= {value for each in bodies for value in each.derived}
    assert given == set(plan.written)
    changed = tuple(
        replace(each, response=insertion.response(new))
        for each, insertion in zip(session.cassette.interactions, bodies, strict=True)
    )
    assert (
        not _given_out(replace(session.cassette, interactions=changed)) or "constant" in dict(session.expected).values()
    )


def _given_out(cassette: Cassette) -> list[tuple[str, str, int, list[tuple[int, str]]]]:
    """Return what a response gave out: name, class, and where it comes from and comes back."""
    tokens = [each.token for each in find_tokens(cassette)]
    return [
        (each.name, str(each.kind), each.source.interaction, [(back.interaction, back.place) for back in each.back])
        for each in tokens
        if each.source is not None
    ]


ENCODERS: dict[str, Callable[[str], str]] = {
    "html": html.escape,
    "json": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "javascript": lambda text: text.replace("/", "\\x2f").replace("&", "\\x26").replace("=", "\\x3d"),
    "url": lambda text: quote(text, safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}
VALUES = st.one_of(
    st.text("0123456789abcdef", min_size=10, max_size=10).filter(lambda text: not text.isalpha()),
    st.binary(min_size=12, max_size=48).map(lambda data: base64.b64encode(data).decode()),
    st.uuids(version=4).map(str),
)
PAGES = st.sampled_from(
    ['<i data-x="{}">', "<i data-x='{}'>", "<script>var x = '{}';</script>", "<p>{}</p>", '{{"x":"{}"}}']
)


@given(value=VALUES, chain=st.lists(st.sampled_from(sorted(ENCODERS)), max_size=4), page=PAGES, noisy=st.booleans())
def test_a_value_is_found_through_any_chain_of_codings(value: str, chain: list[str], page: str, noisy: bool) -> None:
    spelled = value
    for name in chain:
        spelled = ENCODERS[name](spelled)
    noise = NOISE + "&amp;&quot;%20\\u00e9\\x41\\/ YWJjZGVmZ2hpams=" * 20 if noisy else ""
    cassette = _visit(noise + page.format(spelled) + noise, {"nonce": value})
    (found,) = find_tokens(cassette)
    assert found.token.kind == "token"
    assert found.token.source is not None
    assert len(found.token.source.decodings) <= len(chain)


@given(text=st.text(min_size=1), name=st.sampled_from(["message", "action", "x", "page"]))
def test_what_no_response_held_has_no_source(text: str, name: str) -> None:
    assert all(each.token.source is None for each in find_tokens(_visit(NOISE, {name: f"{text}§"})))


def _visit(page: str, sent: dict[str, str]) -> Cassette:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request(method="POST", uri="https://chat.invalid/ask", headers=form, body=urlencode(sent).encode())
    read = Request(method="GET", uri="https://chat.invalid/")
    html_page = Response(headers=(("Content-Type", "text/html; charset=utf-8"),), body=page.encode())
    return Cassette(
        interactions=(Interaction(request=read, response=html_page), Interaction(request=request, response=Response()))
    )
