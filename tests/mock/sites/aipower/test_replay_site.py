"""Recordings in place of the imitation's answers: the nonce is checked, and the address is the site's own."""

from __future__ import annotations

from random import Random
from urllib.parse import urlencode

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.releases import release_of_recordings
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.releases import PluginRelease, aipkit_traits, built_in
from chatgptfree_mock.sites.aipower.replay_site import replay_site
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

AJAX = "/wp-admin/admin-ajax.php"
RECORDED = b"recorded"
MESSAGE = "aipkit_frontend_chat_message"
ACTIONS = (
    "aipkit_cache_sse_message",
    "aipkit_frontend_chat_stream",
    MESSAGE,
    "aipkit_get_conversations_list",
    "aipkit_generate_speech",
    "aipkit_transcribe_audio",
    "aipkit_chat_generate_image",
)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def cassette_of(action: str, *, path: str = AJAX, plugin: str = "") -> Cassette:
    request = Request(
        method="POST",
        uri=f"https://example.org{path}",
        headers=FORM,
        body=urlencode({"action": action, "message": "Hi"}).encode(),
    )
    interaction = Interaction(request=request, response=Response(body=RECORDED))
    return Cassette(interactions=(interaction,), recording={"plugin": plugin} if plugin else {})


def replayed(action: str, *, path: str = AJAX, **settings: object) -> Site:
    chosen = site_from(settings)
    site = AipowerSite(chosen, now=lambda: 1_795_000_000.0, random=Random(1))
    return replay_site(site, chosen, [cassette_of(action, path=path)])


def ask(site: Site, action: str, nonce: str, *, path: str = AJAX) -> SiteReply:
    fields = {"action": action, "message": "Hi", "_ajax_nonce": nonce, "_wpnonce": nonce}
    return site.answer(SiteRequest(method="POST", path=path, headers=FORM, body=urlencode(fields).encode()))


def checked(release: PluginRelease) -> tuple[str, ...]:
    """Return the actions whose nonce this release checks."""
    if not isinstance(release.traits, aipkit_traits.AipkitTraits):
        return ("wpaicg_chat_shortcode_message",)
    message = release.traits.message_action and release.traits.message_nonce
    return tuple(action for action in ACTIONS if action != MESSAGE or message)


@for_each("release", built_in().releases, ids=lambda release: release.name)
def test_a_nonce_is_refused_before_a_recording_is_played(release: PluginRelease) -> None:
    for action in checked(release):
        site = replayed(action, plugin=release.name)
        refused = ask(site, action, "0123456789")
        assert (refused.refused, refused.response.body != RECORDED) == ("nonce", True), action
        assert ask(site, action, site.nonce()).response.body == RECORDED, action


@pytest.mark.parametrize("release", ["2.3", "2.3.19"])
def test_where_no_nonce_is_checked_the_recording_is_played(release: str) -> None:
    assert ask(replayed(MESSAGE, plugin=release), MESSAGE, "0123456789").response.body == RECORDED


@pytest.mark.parametrize("own", ["/my-ajax.php", "/my-ajax/", "/chat-api/call"])
@pytest.mark.parametrize("recorded", [AJAX, "/blog/wp-admin/admin-ajax.php"])
def test_recorded_calls_are_played_at_the_sites_own_address(own: str, recorded: str) -> None:
    action = "wpaicg_chat_shortcode_message"
    site = replayed(action, path=recorded, plugin="1.8.93", front={"ajax_path": own})
    assert ask(site, action, site.nonce(), path=own).response.body == RECORDED
    assert site.answer(SiteRequest(method="GET", path="/chat/")).response.status == 200
    assert ask(site, action, "0123456789", path=own).response.status == 403


@pytest.mark.parametrize(
    ("plugin", "imitated"), [("99.1", built_in().releases[-1].name), ("1.0", built_in().releases[0].name)]
)
def test_a_recording_of_an_unknown_release_is_imitated_as_the_nearest_and_the_journal_has_it(
    plugin: str, imitated: str
) -> None:
    site = MockSite(cassette=cassette_of("nothing", plugin=plugin))
    assert site.mounted.settings.plugin == imitated
    reply = site.mounted.site.answer(SiteRequest(method="GET", path="/chat/"))
    note = f"recorded from {plugin}, which is not known; the page and the checks are those of {imitated}"
    assert reply.why[-1] == note


def test_a_recording_of_a_known_release_has_no_note() -> None:
    site = MockSite(cassette=cassette_of("nothing", plugin="1.8.93"))
    assert len(site.mounted.site.answer(SiteRequest(method="GET", path="/chat/")).why) == 1


def test_a_release_that_is_not_a_number_is_an_error() -> None:
    with pytest.raises(UnknownReleaseError):
        release_of_recordings([cassette_of("nothing", plugin="newest")], registry.load(DEFAULT_PACK).releases)
