"""The pack refuses a wrong nonce or cache key as the recorded release does."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.many_cases import for_each
from tests.support.masking import masked
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest, as_site_request
from chatgptfree_mock.tape.model import Request

PACK = registry.load("aipower")
REFUSED = [
    path
    for path in recording_paths()
    if path.stem in ("nonce_bad_s", "nonce_bad_b", "cache_nonce_bad", "stream_nonce_bad", "msg_nonce_bad")
    and recording_id(path) != "2.3/msg_nonce_bad"  # it was answered: this release does not look at the nonce there
]
NOW = 1_731_000_000.0
AJAX = "https://chatgptfree.ai/wp-admin/admin-ajax.php"


def site_request(request: Request) -> SiteRequest:
    """Return a recorded request as it came to the site, which was at the address of its Origin."""
    return as_site_request(request, next((value for name, value in request.headers if name == "Origin"), None))


def asked(body: str, *, name: str = "_wpnonce") -> str:
    """Return the body with which the pack refuses a form, and the last reason; empty if it does not know."""
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = site_request(Request(method="POST", uri=AJAX, headers=headers, body=body.encode()))
    reply = PACK.token_refusal([], request, name=name, value="0123456789", now=NOW)
    return "" if reply is None else f"{reply.response.status} {reply.response.body.decode()} | {reply.why[-1]}"


def refusal_of(path: Path) -> SiteReply:
    """Return how the pack refuses the request of a recording."""
    cassette = recording(path)
    name = "_wpnonce" if path.parent.name.startswith("1.") else "_ajax_nonce"
    request = site_request(cassette.interactions[0].request)
    reply = PACK.token_refusal([cassette], request, name=name, value="0123456789", now=NOW)
    assert reply is not None
    return reply


@for_each("path", REFUSED, ids=recording_id)
def test_a_wrong_nonce_is_refused_as_it_was_recorded(path: Path) -> None:
    recorded, reply = recording(path).interactions[0].response, refusal_of(path)
    assert (reply.response.status, reply.response.reason) == (recorded.status, recorded.reason)
    assert masked(reply.response.body) == masked(recorded.body)
    kept = [each for each in recorded.headers if each[0] != "Date"]
    assert [each for each in reply.response.headers if each[0] != "Date"] == kept
    assert reply.why[-1] == f"as {path.parent.name} of AI Power refuses it"


def test_the_refusals_of_releases_differ() -> None:
    """So a release that is not asked would be noticed."""
    found = {masked(refusal_of(path).response.body) for path in REFUSED}
    assert len(found) >= 6


def test_a_wrong_key_is_refused_although_the_nonce_is_wrong_as_well() -> None:
    path = next(each for each in recording_paths() if recording_id(each) == "2.4.71/stream_key_missing")
    cassette = recording(path)
    key = "aipkit_sse_" + "0" * 32
    request = site_request(cassette.interactions[0].request)
    reply = PACK.token_refusal(
        [cassette], replace(request, query=f"{request.query}&x=1"), name="cache_key", value=key, now=NOW
    )
    assert reply is not None
    assert reply.refused == "key"


def test_an_unknown_release_is_the_newest_with_that_action() -> None:
    note = "(the recording names no release, and this is the newest with that action)"
    found = asked("action=wpaicg_chat_shortcode_message&_wpnonce=0123456789&message=Hi")
    assert found.endswith(f"as 2.2 of AI Power refuses it {note}")
    found = asked("action=aipkit_cache_sse_message&_ajax_nonce=0123456789&message=Hi", name="_ajax_nonce")
    assert found.endswith(f"as {PACK.releases.names[-1]} of AI Power refuses it {note}")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("action=another_plugin&_wpnonce=0123456789", "_wpnonce"),
        ("action=wpaicg_chat_shortcode_message&csrf=0123456789", "csrf"),
    ],
)
def test_of_other_plugins_and_other_tokens_nothing_is_known(body: str, name: str) -> None:
    assert asked(body, name=name) == ""


def test_other_addresses_are_not_the_plugins() -> None:
    request = site_request(Request(method="POST", uri="https://api.example.com/ask", headers=(), body=b"_wpnonce=1"))
    assert PACK.token_refusal([], request, name="_wpnonce", value="1", now=NOW) is None


def test_a_pack_may_not_know_the_refusal_of_its_site() -> None:
    request = site_request(Request(method="POST", uri=AJAX, headers=(), body=b"_wpnonce=1"))
    assert registry.load("recorded").token_refusal([], request, name="_wpnonce", value="1", now=NOW) is None
