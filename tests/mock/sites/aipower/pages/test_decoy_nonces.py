"""The journal names a decoy's nonce: a client that took the wrong one learns which."""

from __future__ import annotations

import re

import pytest
from tests.support import plain_http
from tests.support.chat_site import ChatSite

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.settings import SiteSettings


def nonces(page: str) -> set[str]:
    return set(re.findall(r"\b[0-9a-f]{10}\b", page))


def test_a_page_has_no_decoys_unless_it_is_asked_for_them() -> None:
    plain, full = (ChatSite(**settings) for settings in ({}, {"decoys": True}))
    assert SiteSettings().decoys is False
    assert nonces(plain.page().response.body.decode()) < nonces(full.page().response.body.decode())


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.93", "2.2"])
def test_a_decoy_is_named_with_what_it_is_for(plugin: str) -> None:
    chat = ChatSite(plugin, decoys=True)
    decoys = nonces(chat.page().response.body.decode()) - {chat.site.nonce()}
    named = [why for nonce in decoys for why in chat.post(_wpnonce=nonce).why if "decoy" in why]
    assert len(named) == len(decoys) > 5
    assert "this nonce is a decoy's: the page made it for `post-like`, not for the chat" in named


@pytest.mark.parametrize("nonce", ["", "0123456789"])
def test_any_other_wrong_nonce_is_not(nonce: str) -> None:
    reply = ChatSite(decoys=True).post(_wpnonce=nonce)
    assert reply.refused == "nonce"
    assert not [why for why in reply.why if "decoy" in why]


def test_the_journal_has_it_for_aipkit_as_well() -> None:
    with MockSite(settings={"plugin": "2.4.71", "decoys": True}) as site:
        for nonce in nonces(plain_http.get(site.url).text) - {site.nonce}:
            fields = {"action": "aipkit_cache_sse_message", "_ajax_nonce": nonce}
            assert plain_http.post(f"{site.url}/wp-admin/admin-ajax.php", data=fields).status_code == 403
        assert "this nonce is a decoy's: the page made it for `post-like`, not for the chat" in site.journal.text()
