"""The files that pages link to: they are there, in the right type, and the scripts know their release."""

import json
import re
from random import Random

import pytest
from tests.support.page_of_site import page

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.pages.chats import PLUGIN_PATH
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.aipower.static import static_file

TYPES = {"css": "text/css", "js": "application/javascript", "svg": "image/svg+xml", "png": "image/svg+xml"}


def ways(plugin: str, path: str) -> dict[str, bool]:
    response = static_file(PLUGIN_PATH + path, built_in().find(plugin))
    assert response is not None
    match = re.match(r"window\.chatReleaseOptions = (\{.*\});\n", response.body.decode())
    assert match
    found: dict[str, bool] = json.loads(match[1])
    return found


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.95", "1.9.18", "2.3", "2.3.41", "2.4.71"])
def test_everything_that_a_page_loads_is_there(plugin: str) -> None:
    text = page(SiteSettings(plugin=plugin, page_kilobytes=0))
    links = re.findall(r"(?:<link rel=.(?:stylesheet|icon). .*?href|<script src|<img .*?src)=[\"'](.*?)[\"']", text)
    assert len(links) >= 5
    site = AipowerSite(SiteSettings(plugin=plugin), now=lambda: 0.0, random=Random(1))
    for link in links:
        path = link.removeprefix("http://site.test").partition("?")[0]
        response = site.answer(SiteRequest(method="GET", path=path)).response
        assert response.status == 200, link
        assert response.header("Content-Type") == TYPES[path.rpartition(".")[2]]
        assert int(response.header("Content-Length")) == len(response.body)


def test_nothing_else_is_there() -> None:
    site = AipowerSite(SiteSettings(), now=lambda: 0.0, random=Random(1))
    for path in ("/wp-content/plugins/other/x.js", "/wp-includes/", "/wp-content/../static/__init__.py"):
        assert site.answer(SiteRequest(method="GET", path=path)).response.status == 404


@pytest.mark.parametrize(
    ("way", "last", "first"),
    [
        ("eventSource", "1.8.80", "1.8.79"),
        ("historyLimitOnPage", "1.8.79", "1.8.80"),
        ("historyHoldsMessage", "1.9.4", "1.9.3"),
        ("chatIdAlways", "1.9.4", "1.9.3"),
    ],
)
def test_script_of_generation_1_has_the_traits_of_its_release(way: str, last: str, first: str) -> None:
    assert not ways(last, "/public/js/wpaicg-chat.js")[way]
    assert ways(first, "/public/js/wpaicg-chat.js")[way]


@pytest.mark.parametrize(
    ("way", "without", "since"),
    [
        ("botInCacheCall", "2.3.30", "2.3.31"),
        ("nonceRefresh", "2.3.40", "2.3.41"),
        ("timestamp", "2.3.40", "2.3.41"),
        ("status", "2.3.92", "2.3.93"),
        ("interactions", "2.4.66", "2.4.67"),
    ],
)
def test_script_of_generation_2_has_the_traits_of_its_release(way: str, without: str, since: str) -> None:
    assert not ways(without, "/dist/js/public-main.bundle.js")[way]
    assert ways(since, "/dist/js/public-main.bundle.js")[way]
