"""The routes of the API."""

from __future__ import annotations

from aiohttp import web

from chatgptfree_mock.server.control import journal_calls, library_calls, live_calls, site_calls
from chatgptfree_mock.server.control.calls import guarded, refusal
from chatgptfree_mock.server.control.document import openapi
from chatgptfree_mock.server.control.keys import API
from chatgptfree_mock.server.journal_query import FILTERS


def routes() -> tuple[web.RouteDef, ...]:
    """Return the routes of the API."""
    site = API + "/sites/{name}"
    return (
        web.get(API + "/openapi.json", openapi),
        web.get(API + "/sites", guarded(site_calls.list_sites)),
        web.post(API + "/sites", guarded(site_calls.add_site)),
        web.get(site, guarded(site_calls.show_site)),
        web.delete(site, guarded(site_calls.drop_site)),
        web.put(site + "/settings", guarded(site_calls.set_settings)),
        web.patch(site + "/settings", guarded(site_calls.change_settings)),
        web.put(site + "/delivery", guarded(site_calls.set_delivery)),
        web.post(site + "/clock", guarded(site_calls.turn_clock)),
        web.put(site + "/live", guarded(live_calls.set_live)),
        web.post(site + "/live", guarded(live_calls.push)),
        web.get(API + "/journal", guarded(journal_calls.read_journal, FILTERS)),
        web.delete(API + "/journal", guarded(journal_calls.clear_journal)),
        web.get(API + "/journal/follow", guarded(journal_calls.follow_journal, FILTERS)),
        web.post(API + "/journal/export", guarded(journal_calls.export_journal)),
        web.get(API + "/releases", guarded(library_calls.list_releases)),
        web.get(API + "/releases/{release}", guarded(library_calls.show_release)),
        web.get(API + "/scenarios", guarded(library_calls.list_scenarios, ["glob"])),
        web.route("*", API + "/{rest:.*}", guarded(nothing_here, None)),
    )


async def nothing_here(request: web.Request) -> web.StreamResponse:
    """Refuse a path outside the API."""
    return refusal(404, f"no such call: {request.method} {request.path}; see {API}/openapi.json")
