"""Calls of sites: list, add and remove them, and change their settings, delivery and clock."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.server.control.bodies import ClockChange, DeliveryWords, NewSite
from chatgptfree_mock.server.control.calls import as_json, named_site, read_body, refusal
from chatgptfree_mock.server.control.keys import CHANGES, SITES
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.site_registry import NoSuchSiteError


def describe_site(mounted: MountedSite) -> dict[str, Any]:
    """Return the API's description of a site."""
    return {
        "name": mounted.name,
        "path": mounted.path,
        "pack": base_name(mounted.spec.pack.name),
        "plugin": mounted.spec.release,
        "settings": msgspec.to_builtins(mounted.settings),
        "delivery": str(mounted.delivery),
        "live": mounted.live is not None,
        "time": mounted.clock.time(),
        "nonce": mounted.site.nonce(),
        "requests": mounted.journal.requests(mounted.name, mounted.journal.total),
        "warnings": list(mounted.warnings()),
    }


async def list_sites(request: web.Request) -> web.StreamResponse:
    """Return all sites."""
    return as_json([describe_site(mounted) for mounted in request.app[SITES]])


async def add_site(request: web.Request) -> web.StreamResponse:
    """Add a site."""
    new = await read_body(request, NewSite)
    delivery = msgspec.to_builtins(new.delivery)
    value = {"pack": new.pack, "settings": new.settings, "delivery": delivery}
    try:
        mounted = request.app[CHANGES].make("add", new.name, value)
    except NoSuchSiteError as exc:
        return refusal(409, str(exc))
    return as_json(describe_site(mounted), status=201)


async def show_site(request: web.Request) -> web.StreamResponse:
    """Return one site."""
    return as_json(describe_site(named_site(request)))


async def drop_site(request: web.Request) -> web.StreamResponse:
    """Remove an added site."""
    if request.match_info["name"] == "root":
        return refusal(409, "the root site stays as long as the server")
    if request.match_info["name"].startswith("v/"):
        return refusal(409, "this is the root site on another release; only sites that were added can be dropped")
    change_site(request, "drop")
    return web.Response(status=204)


async def set_settings(request: web.Request) -> web.StreamResponse:
    """Replace the settings of a site."""
    return as_json(describe_site(change_site(request, "settings", await read_body(request, dict[str, Any]))))


async def change_settings(request: web.Request) -> web.StreamResponse:
    """Merge into the settings of a site (RFC 7396)."""
    return as_json(describe_site(change_site(request, "merge", await read_body(request, dict[str, Any]))))


async def set_delivery(request: web.Request) -> web.StreamResponse:
    """Set the delivery of a site's answers."""
    words = await read_body(request, DeliveryWords)
    return as_json(describe_site(change_site(request, "delivery", msgspec.to_builtins(words))))


async def turn_clock(request: web.Request) -> web.StreamResponse:
    """Turn the clock of a site."""
    return as_json(describe_site(change_site(request, "turn", (await read_body(request, ClockChange)).turn)))


def change_site(request: web.Request, what: str, value: Any = None) -> MountedSite:
    """Change the site that the path names, and return it; see `SiteChanges.make`."""
    return request.app[CHANGES].make(what, request.match_info["name"], value)
