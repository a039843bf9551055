"""How a client comes to know the site and learns again, as scripts: bounded, and past caches where it must be."""

from __future__ import annotations

import pytest
from tests.support.playbook import START, URL, Script, Sends, Stage, learns, received
from tests.support.raw_site import NONCES, aipkit_page, as_json, response, wpaicg_page

from chatgptfree.core.session.commands import Refresh

AJAX = f"{URL}wp-admin/admin-ajax.php"
FIRST, SECOND, _, _ = NONCES
NO_SUCH_ACTION = response("0", status="400 Bad Request")


def knowing(page: bytes) -> Stage:
    """Return a stage whose memory has read *page* in an earlier call."""
    stage = Stage()
    learns(page)(stage.memory)
    return stage


def gets(*headers: str) -> Sends:
    return Sends("GET", URL, headers=headers)


ENDPOINT = Sends("POST", AJAX, action="aipkit_get_frontend_chat_nonce", bot_id="5")
PAST_CACHES = gets("Cache-Control")
BUSTED = Sends("GET", URL, headers=["Cache-Control"], nocache="id-1")


def nonce_reply(nonce: str) -> bytes:
    return as_json({"success": True, "data": {"nonce": nonce}})


def test_the_first_page() -> None:
    stage = Stage()
    assert stage.renew(Refresh(seen=0), [(START, gets()), (received(wpaicg_page()), None)]) is None
    assert stage.memory.version == 1


def test_the_cache_that_served_the_refused_nonce_is_passed_by() -> None:
    stage = knowing(wpaicg_page(FIRST))
    script: Script = [
        (START, BUSTED),
        (received(wpaicg_page(SECOND)), None),
    ]
    assert stage.renew(Refresh(seen=1, refused=FIRST), script) is None
    assert stage.memory.page is not None
    assert stage.memory.page.find(None).nonce == SECOND


def test_a_page_that_still_has_the_refused_nonce_is_learned_all_the_same() -> None:
    stage = knowing(wpaicg_page(FIRST))
    script: Script = [
        (START, BUSTED),
        (received(wpaicg_page(FIRST)), None),
    ]
    assert stage.renew(Refresh(seen=1, refused=FIRST), script) is None
    assert stage.memory.version == 2


def test_a_site_that_changed_is_looked_at_without_a_cache() -> None:
    script: Script = [(START, PAST_CACHES), (received(aipkit_page()), None)]
    assert knowing(wpaicg_page()).renew(Refresh(seen=1), script) is None


def test_a_comment_in_place_of_the_nonce_is_passed_by_once() -> None:
    stage = Stage()
    script: Script = [
        (START, gets()),
        (received(wpaicg_page("&lt;!-- ESI --&gt;")), BUSTED),
        (received(wpaicg_page(SECOND)), None),
    ]
    assert stage.renew(Refresh(seen=0), script) is None


def test_aipkit_is_asked_for_a_nonce_alone() -> None:
    stage = knowing(aipkit_page(FIRST))
    script: Script = [(START, ENDPOINT), (received(nonce_reply(SECOND)), None)]
    assert stage.renew(Refresh(seen=1, refused=FIRST), script) is None
    assert stage.memory.page is not None
    assert stage.memory.page.find(None).nonce == SECOND


@pytest.mark.parametrize(
    "reply", [NO_SUCH_ACTION, nonce_reply(FIRST), response("<html>")], ids=["0", "the same", "HTML"]
)
def test_after_a_useless_nonce_endpoint_the_page_is_fetched(reply: bytes) -> None:
    stage = knowing(aipkit_page(FIRST))
    script: Script = [
        (START, ENDPOINT),
        (received(reply), BUSTED),
        (received(aipkit_page(SECOND)), None),
    ]
    assert stage.renew(Refresh(seen=1, refused=FIRST), script) is None


def test_a_page_of_aipkit_without_a_nonce_is_completed_by_the_endpoint() -> None:
    stage = Stage()
    script: Script = [
        (START, gets()),
        (received(aipkit_page("")), ENDPOINT),
        (received(nonce_reply(SECOND)), None),
    ]
    assert stage.renew(Refresh(seen=0), script) is None
    assert stage.memory.page is not None
    assert stage.memory.page.find(None).nonce == SECOND
