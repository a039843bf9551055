"""Ask the imitation what a recording asked the real site, in the situation in which that was asked."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from tests.support import situations_odd
from tests.support.recordings import recording
from tests.support.situations_1x import settings_of, situation
from tests.support.situations_2x import PreparedSite, kind_of, nonce_of, site_of_case

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.wordpress.nonces import NonceMint
from chatgptfree_mock.tape.model import Request

NOW_1X = 1_731_000_000.0
"""The time in the responses of the stand-in for the model's API."""


def ask_as_recorded(path: Path) -> SiteReply:
    """Return what the imitation answers to the request of the recording at *path*."""
    release, case = path.parent.name, path.stem
    request = recording(path).interactions[0].request
    if case.startswith("x_"):
        return situations_odd.ask(release, case, request)
    return _ask_1x(release, case, request) if release.startswith("1.") else ask_2x(release, case, request)


def _ask_1x(release: str, case: str, request: Request) -> SiteReply:
    found = situation(release, case)
    site = AipowerSite(site_from(settings_of(release, case)), now=lambda: NOW_1X, random=Random(1))
    mint = NonceMint(salt=site.settings.nonce_salt.encode())
    nonces = {
        "good": mint.issue("wpaicg-chatbox", now=NOW_1X),
        "expired": mint.issue("wpaicg-chatbox", now=NOW_1X, ticks_ago=3),
        "as recorded": None,
    }
    site_request = _visit_1x(request, nonces[found.nonce])
    if found.asked_before:
        site.answer(site_request)
    return site.answer(site_request)


def _visit_1x(request: Request, nonce: str | None) -> SiteRequest:
    path, _, query = request.uri.removeprefix("https://chatgptfree.ai").partition("?")
    body = request.body or b""
    if nonce is not None:
        recorded = re.search(rb"_wpnonce(?:=|\"\r\n\r\n)([0-9a-f]{10})", query.encode() + body)
        old = recorded[1] if recorded else b"none"
        query, body = query.replace(old.decode(), nonce), body.replace(old, nonce.encode())
    return _visit(request, path, query, body)


def ask_2x(release: str, case: str, request: Request) -> SiteReply:
    prepared = site_of_case(release, case, asker=_asker_of(request))
    prepared.prepare()
    return prepared.site.answer(_visit_2x(request, case, prepared))


def _asker_of(request: Request) -> dict[str, str | None]:
    """Return who asked which bot: what came before in its situation was asked by the same."""
    text = request.uri.encode() + (request.body or b"")
    found = {name: re.search(rf'{name}(?:=|"\r\n\r\n)([\w-]+)'.encode(), text) for name in ("bot_id", "session_id")}
    return {name: match[1].decode() for name, match in found.items() if match}


def _visit_2x(request: Request, case: str, prepared: PreparedSite) -> SiteRequest:
    target = request.uri.removeprefix("https://chatgptfree.ai").encode()
    body = request.body or b""
    nonce = nonce_of(prepared.site, prepared.situation, prepared.now[0])
    old = re.search(rb"_ajax_nonce(?:=|\"\r\n\r\n)([0-9a-f]{10})", target + body)
    if old and nonce is not None:
        target, body = (text.replace(old[1], nonce.encode()) for text in (target, body))
    if kind_of(case) == "stream" and (key := prepared.key()) is not None:
        target = re.sub(rb"aipkit_sse_\w{32}", key.encode(), target)
    path, _, query = target.decode().partition("?")
    return _visit(request, path, query, body)


def _visit(request: Request, path: str, query: str, body: bytes) -> SiteRequest:
    headers = {name.lower(): value for name, value in request.headers}
    return SiteRequest(
        method=request.method,
        path=path,
        query=query,
        headers=request.headers,
        body=body,
        base_url=f"http://{headers['host']}",
    )
