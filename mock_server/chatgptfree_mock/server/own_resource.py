"""A path of the control API or the console, unless the root site has a recording of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aiohttp import web
from yarl import URL

from chatgptfree_mock.server.site_registry import SiteRegistry

if TYPE_CHECKING:
    from aiohttp.web_urldispatcher import UrlMappingMatchInfo


class OwnResource(web.AbstractResource):
    """
    The mock's own *resource*, which leaves recorded paths to the root site of *sites*.

    Recordings may be loaded at any time, so each request is looked up.
    """

    def __init__(self, resource: web.AbstractResource, sites: SiteRegistry) -> None:
        super().__init__(name=resource.name)
        self._resource, self._sites = resource, sites

    @property
    def canonical(self) -> str:
        """Return the path, with its variables in braces."""
        return self._resource.canonical

    async def resolve(self, request: web.Request) -> tuple[UrlMappingMatchInfo | None, set[str]]:
        """Return the match for *request*, and the methods that the path allows."""
        if self._sites.root.site.has_path(request.raw_path.partition("?")[0]):
            return None, set()
        return await self._resource.resolve(request)

    def url_for(self, **variables: str) -> URL:
        """Return the path with *variables* filled in."""
        return self._resource.url_for(**variables)

    def add_prefix(self, prefix: str) -> None:
        """Refuse a prefix: the resource is shared by all servers of the process."""
        raise NotImplementedError(prefix)

    def get_info(self) -> Any:
        """Return what aiohttp shows of it."""
        return self._resource.get_info()

    def raw_match(self, path: str) -> bool:
        """Return whether *path* is the canonical one."""
        return self._resource.raw_match(path)

    def __len__(self) -> int:
        return len(self._resource)

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return iter(self._resource)
