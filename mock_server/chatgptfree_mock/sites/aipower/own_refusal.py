"""The refusal of a wrong nonce or cache key that was not recorded, as the imitation of the release gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.contract.releases import release_of_recordings
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower import request_kind
from chatgptfree_mock.sites.aipower.match_rules import is_ajax
from chatgptfree_mock.sites.aipower.page_marks import releases_in_pages
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable
from chatgptfree_mock.sites.aipower.releases.actions import ACTIONS
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.request_key import RequestKey

_NONCES: Final = ("_ajax_nonce", "_wpnonce")
_KEY: Final = "cache_key"
_NO_NONCE: Final = "0"


def own_refusal(
    imitation: AipowerSite, ajax_path: str, request: SiteRequest, *, name: str, value: str
) -> SiteReply | None:
    """
    Return how *imitation*, with its admin-ajax.php at *ajax_path*, refuses a token of *request*; None if it does not.

    *name*: of the token.  *value*: what the request sends as that token, empty for nothing.
    """
    if not is_ajax(request.path) or name not in (*_NONCES, _KEY):
        return None
    nonce = imitation.nonce() if name == _KEY else _NO_NONCE
    key = RequestKey.from_request(request.as_recorded())
    sent = {*filter(None, map(key.field, _NONCES))} | ({value} - {""} if name in _NONCES else set())
    query, body = request.query, request.body
    for each in sent:
        query, body = query.replace(each, nonce), body.replace(each.encode(), nonce.encode())
    reply = imitation.answer(replace(request, path=ajax_path, query=query, body=body))
    return reply if reply.refused and not reply.stopped else None


def release_for(cassettes: Sequence[Cassette], releases: ReleaseTable, request: SiteRequest) -> tuple[str, str]:
    """
    Return the release whose refusal of *request* is used for *cassettes*, and a note on why it is that one.

    It is the release that the recordings or their pages name, else the newest with the action of *request*; empty if
    there is none.
    """
    named = release_of_recordings(cassettes, releases) or next(iter(releases_in_pages(cassettes, releases)), None)
    if named is not None:
        return named, ""
    action = request_kind.action(request)
    newest = (name for name in reversed(releases.names) if action in _actions(releases.find(name)))
    return next(newest, ""), " (the recording names no release, and this is the newest with that action)"


def _actions(release: PluginRelease) -> frozenset[str]:
    """Return the names of the actions of *release*, as requests have them."""
    return frozenset(release.actions.get(original, original) for original in ACTIONS[release.generation])
