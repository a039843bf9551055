"""What redaction leaves of a page is still one: the client reads the same bots, and the nonce fits the call."""

import pytest
from tests.support.page_of_site import page

from chatgptfree.core.page.page_reader import read_page
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets, redact

HEAD = ResponseHead(status=200, url="http://site.test/chat/", headers=(("Content-Type", "text/html; charset=UTF-8"),))
NONCE = "fc6c7cf580"


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.93", "1.9.18", "2.3", "2.3.41", "2.4.71"])
def test_a_redacted_page_reads_the_same(plugin: str) -> None:
    bots = [Bot(id=100, name="One"), Bot(id=101, name="Two & more")]
    body = page(SiteSettings(plugin=plugin, bots=bots), nonce=NONCE).encode()
    shown = Interaction(request=Request(method="GET", uri="http://site.test/chat/"), response=Response(body=body))
    called = Interaction(
        request=Request(
            method="POST", uri="http://site.test/wp-admin/admin-ajax.php", body=f"_wpnonce={NONCE}".encode()
        ),
        response=Response(),
    )
    clean = redact(Cassette(interactions=(shown, called))).interactions
    before, after = read_page(HEAD, body), read_page(HEAD, clean[0].response.body)
    assert [(chat.bot, chat.post_id, chat.ajax_url) for chat in after.chats] == [
        (chat.bot, chat.post_id, chat.ajax_url) for chat in before.chats
    ]
    assert after.release == before.release == plugin
    assert {f"_wpnonce={chat.nonce}".encode() for chat in after.chats} == {clean[1].request.body}
    assert NONCE.encode() not in clean[0].response.body
    assert find_secrets(clean[0]) == []
