"""The client's page reader on the imitation's pages: two codebases that know nothing of each other must agree."""

from itertools import cycle, islice
from typing import get_args

import pytest
from tests.support.page_of_site import NONCE, page

from chatgptfree.core.page.page_reader import read_page
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import Bot, BotPlace, SiteSettings
from chatgptfree_mock.sites.wordpress.front.minifier import minify
from chatgptfree_mock.sites.wordpress.settings import Minification

HEAD = ResponseHead(status=200, url="http://site.test/chat/", headers=(("Content-Type", "text/html; charset=UTF-8"),))
PLACES: list[list[BotPlace]] = [["shortcode"], ["widget"], ["shortcode", "widget"], ["inline", "popup"]]


@pytest.mark.parametrize(("turn", "plugin"), list(enumerate(built_in().names)))
def test_bots_and_nonce_are_found_on_every_page_of_every_release(turn: int, plugin: str) -> None:
    """Each release has every page, each in another style, so that each page meets each style on every fifth release."""
    for places, style in zip(PLACES, islice(cycle(get_args(Minification)), turn % 5, None), strict=False):
        bots = [Bot(id=100 + i, name=f'Bot "{i}" & co', place=place) for i, place in enumerate(places)]
        text = page(SiteSettings(plugin=plugin, bots=bots, page_kilobytes=0, decoys=True))
        read = read_page(HEAD, minify(text, style).encode())
        assert [(chat.bot.id, chat.nonce) for chat in read.chats] == [(str(bot.id), NONCE) for bot in bots]
        assert {chat.ajax_url for chat in read.chats} == {"http://site.test/wp-admin/admin-ajax.php"}
        assert read.release == plugin
        assert read.warnings == ()


@pytest.mark.parametrize("plugin", ["1.9.16", "1.9.18"])
def test_stray_sign_before_a_post_id_does_not_get_into_it(plugin: str) -> None:
    text = page(SiteSettings(plugin=plugin, bots=[Bot(place="widget")], page_kilobytes=0, decoys=True))
    assert [chat.post_id for chat in read_page(HEAD, text.encode()).chats] == ["261"]
