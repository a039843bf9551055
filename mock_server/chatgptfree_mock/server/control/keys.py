"""The application's keys for the calls of the API, and the API's path."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.scenario_sites import ScenarioSites
from chatgptfree_mock.server.site_changes import SiteChanges
from chatgptfree_mock.server.site_registry import SiteRegistry

API = "/__mock__/api"
SITES: Final = web.AppKey("SITES", SiteRegistry)
SCENARIO_SITES: Final = web.AppKey("SCENARIO_SITES", ScenarioSites)
ACCESS: Final = web.AppKey("ACCESS", Access)
CHANGES: Final = web.AppKey("CHANGES", SiteChanges)
