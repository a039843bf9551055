"""The law of settings beside recordings: each acts, or is refused by name before anything is served."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.replay_site import replay_site
from chatgptfree_mock.sites.aipower.settings import SiteSettings, site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.files import named_cassette
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response, header_of

FORM = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept-Encoding", "gzip"))
RECORDED = {
    "1.8.93": named_cassette("1.8.93/msg_ok_s"),
    "2.4.71": Cassette(
        interactions=(
            *named_cassette("2.4.71/cache_ok").interactions,
            *named_cassette("2.4.71/msg_ok").interactions,
            *named_cassette("2.4.71/stream_ok").interactions,
        ),
        recording={"plugin": "2.4.71"},
    ),
}
CHANGES: dict[str, list[Any]] = {
    "strict_release": [True],
    "wordpress": ["5.9.3", "6.2"],
    "title": ["Another"],
    "bots": [[{"name": "Ada"}], [{"system_prompt": "Be brief."}], [{"memory": 3}], [{"logs": False}]],
    "nonce": ["always-expired", "missing", "previous-tick"],
    "nonce_salt": ["pepper"],
    "logged_in": [True, "administrator"],
    "api_key": [False],
    "banned": [{"words": ["Hello"]}, {"ips": ["127.0.0.1"]}],
    "limit": [{"tokens": 0}],
    "moderation": [{"words": ["Hello"]}],
    "embeddings": [{"only": "No."}],
    "model": [{"reply": "No."}, {"http_error": {"status": 500}}, {"empty": True}, {"first_ms": 5}, {"delta_ms": 1}],
    "front": [
        {"challenge": {}},
        {"challenge": {"where": "ajax"}},
        {"cache": {}},
        {"minify": "whitespace"},
        {"redirect": {}},
        {"maintenance": True},
        {"broken": {}},
        {"broken": {"where": "page"}},
        {"rate_limit": {"requests": 0}},
        {"force_coding": "br"},
        {"compress_answers": True},
        {"nginx_buffer": True},
        {"buffer_all": True},
        {"ajax_path": "/other.php"},
        {"php_notices": "before"},
        {"charset": "iso-8859-2"},
        {"visitor_cookie": True},
    ],
    "object_cache": [True],
    "php_error_after": [1, "checks"],
    "php_curl": [False],
    "missing_classes": [True],
    "broken_tables": [["cached-messages"], ["conversations", "throttle"]],
    "requests_per_minute": [5],
    "page_kilobytes": [0],
    "page_on_front": [True],
    "chat_page_id": [99],
    "front_page_id": [98],
    "decoys": [True],
    "old_shortcode": [True],
    "chat": [False],
}
"""Another value or more for each setting but the release itself."""
NOT_ON = {
    ("1.8.93", "old_shortcode"),
    ("2.4.71", "embeddings"),
    ("1.8.93", "strict_release"),
    ("2.4.71", "strict_release"),
}
"""Settings that have no meaning on a generation, with recordings and without, or on a release that is known."""


_NONCE = re.compile(r"nonce(?:=|\"\r\n\r\n)([0-9a-f]{10})")
"""A nonce in a query, a form, or a part of one."""
_ANSWERS = slice(3, None)
"""Of what `served` returns: per recorded exchange the reply to a good nonce, then that to a bad one."""


def served(settings: SiteSettings, cassette: Cassette) -> list[object]:
    """Return what a visitor gets: both pages, the recorded answers, and an answer to a bad nonce."""
    imitation = AipowerSite(settings, now=lambda: 1_700_000_000.0, random=Random(7))
    site = replay_site(imitation, settings, [cassette])
    nonce = site.nonce()
    requests = [SiteRequest(method="GET", path=path, headers=FORM) for path in ("/", "/chat/")]
    requests += [
        _site_request(interaction.request, each, settings.front.ajax_path)
        for interaction in cassette.interactions
        for each in (nonce, "0000000000")
    ]
    return [nonce, *(_response_values(site.answer(request).response) for request in requests)]


def _site_request(request: Request, nonce: str, path: str) -> SiteRequest:
    query, body = request.uri.partition("?")[2], request.body or b""
    for value in _NONCE.findall(query) + _NONCE.findall(body.decode()):
        query, body = query.replace(value, nonce), body.replace(value.encode(), nonce.encode())
    kind = ("Content-Type", header_of(request.headers, "content-type") or "")
    return SiteRequest(method=request.method, path=path, query=query, headers=(kind, *FORM[1:]), body=body)


def _response_values(response: Response) -> object:
    return response.status, response.headers, response.body, response.raw, response.chunks


@pytest.mark.parametrize("plugin", list(RECORDED))
@pytest.mark.parametrize(
    "name", [field.name for field in msgspec.structs.fields(SiteSettings) if field.name != "plugin"]
)
def test_every_setting_acts_or_is_refused(name: str, plugin: str) -> None:
    default = served(SiteSettings(plugin=plugin), RECORDED[plugin])
    for value in CHANGES[name]:
        changed = _served_or_refused(site_from({"plugin": plugin, name: value}), RECORDED[plugin])
        refused = isinstance(changed, str) and f"`{name}" in changed and "cannot act beside a recording" in changed
        assert refused or changed != default or (plugin, name) in NOT_ON, value


def _served_or_refused(settings: SiteSettings, cassette: Cassette) -> list[object] | str:
    try:
        return served(settings, cassette)
    except SettingsError as exc:
        return str(exc)


@pytest.mark.parametrize("plugin", list(RECORDED))
@pytest.mark.parametrize("front", [{"compress_answers": True}, {"php_notices": "before"}])
def test_what_is_in_front_of_the_site_acts_on_recorded_answers_too(front: dict[str, Any], plugin: str) -> None:
    default = served(SiteSettings(plugin=plugin), RECORDED[plugin])
    changed = served(site_from({"plugin": plugin, "front": front}), RECORDED[plugin])
    recorded = zip(RECORDED[plugin].interactions, default[_ANSWERS][::2], changed[_ANSWERS][::2], strict=True)
    assert [before != after for interaction, before, after in recorded if interaction.response.status == 200].count(
        True
    )


@pytest.mark.parametrize("plugin", list(RECORDED))
def test_a_bad_nonce_gets_no_recorded_answer(plugin: str) -> None:
    replies = served(SiteSettings(plugin=plugin), RECORDED[plugin])[_ANSWERS]
    checked = 0
    for interaction, good, bad in zip(RECORDED[plugin].interactions, replies[::2], replies[1::2], strict=True):
        assert good[2] == interaction.response.body  # type: ignore[index]  # what `_shown` returns
        if interaction.response.status == 200:
            checked += 1
            assert bad[2] != good[2]  # type: ignore[index]
    assert checked


@pytest.mark.parametrize("stream", [True, False])
def test_the_setting_stream_acts_on_releases_whose_page_announces_it(stream: bool) -> None:
    before, after = (
        _served_or_refused(site_from({"plugin": plugin, "bots": [{"stream": stream}]}), RECORDED[plugin])
        for plugin in RECORDED
    )
    assert isinstance(before, list)
    assert isinstance(after, list) is stream


SETTINGS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHANGES.items()})


@given(settings=SETTINGS)
def test_recordings_that_hold_the_pages_leave_nothing_to_set(settings: dict[str, Any]) -> None:
    page = Interaction(request=Request(method="GET", uri="https://a/"), response=Response(body=b"page"))
    whole = site_from(settings)
    imitation = AipowerSite(whole, now=lambda: 0.0, random=Random(7))
    if whole == SiteSettings():
        replay_site(imitation, whole, [Cassette(interactions=(page,))])
    else:
        with pytest.raises(SettingsError, match="cannot act beside a recording"):
            replay_site(imitation, whole, [Cassette(interactions=(page,))])


@pytest.mark.parametrize("given", [{"reply": "No."}, {"plugin": "1.8.90"}, {"settings": {"banned": {"words": ["x"]}}}])
def test_it_is_an_error_before_anything_is_served(given: dict[str, Any]) -> None:
    with pytest.raises(MockError, match="cannot act beside a recording"):
        MockSite(cassette="1.8.93/msg_ok_s", **given)


def test_recorded_answers_cannot_be_pushed_by_hand() -> None:
    site = MockSite(cassette="1.8.93/msg_ok_s")
    with pytest.raises(SettingsError, match="recorded ones"):
        _ = site.reply


@pytest.mark.parametrize(("plugin", "fits"), [("1.8.93", True), ("2.4.71", False), ("1.8.91", False)])
def test_the_recording_of_one_bot_is_of_the_sites_release(plugin: str, fits: bool) -> None:
    bots = [{"name": "Ada"}, {"name": "Bob", "model": {"cassette": "1.8.93/msg_ok_s"}}]
    settings = {"plugin": plugin, "bots": bots}
    if fits:
        MockSite(settings=settings)
        return
    with pytest.raises(SettingsError, match=rf"`bots\[1\].model.cassette` .* 1.8.93, .* {plugin} \(set `plugin` to"):
        MockSite(settings=settings)
