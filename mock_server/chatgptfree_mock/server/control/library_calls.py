"""Calls that list releases and scenarios."""

from __future__ import annotations

from aiohttp import web

from chatgptfree_mock.contract.releases import Release, Releases
from chatgptfree_mock.server.control.calls import as_json, refusal
from chatgptfree_mock.server.control.keys import CHANGES, SCENARIO_SITES, SITES
from chatgptfree_mock.server.site_changes import ONE_PROCESS


async def list_releases(request: web.Request) -> web.StreamResponse:
    """Return all releases of the pack."""
    releases = _releases(request)
    return as_json([_described(releases.find(name)) for name in releases.names])


async def show_release(request: web.Request) -> web.StreamResponse:
    """Return one release and its facts."""
    releases = _releases(request)
    release = releases.find(request.match_info["release"])
    return as_json({**_described(release), "facts": list(releases.facts(release.name).values())})


def _releases(request: web.Request) -> Releases:
    return request.app[SITES].root.spec.pack.releases


def _described(release: Release) -> dict[str, str]:
    known = {"name": release.name, "date": release.date, "generation": release.generation}
    return {**known, "source": str(release.source)}


async def list_scenarios(request: web.Request) -> web.StreamResponse:
    """Return the scenarios whose names match; refused where none can be played."""
    if request.app[CHANGES].shared:
        return refusal(409, f"no scenarios are played here: {ONE_PROCESS}")
    library = request.app[SCENARIO_SITES].library
    glob = request.query.get("glob", "*")
    names = library.matching(glob) if len(library) else []
    entries = [(name, library[name].scenario) for name in names]
    return as_json([{"name": name, "title": scenario.title, "path": f"/s/{name}/"} for name, scenario in entries])
