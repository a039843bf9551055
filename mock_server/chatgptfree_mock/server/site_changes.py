"""
Changes of sites by the control API; several processes make the same changes in the same order.

A change is plain data, so that it can be stored and applied by another process: its kind `what`, the `site`, and the
value.  Whatever depends on the state of the site, such as a merge, happens when it is applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatgptfree_mock.config.site import PACK, choose_site
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.file_access import FileAccess
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.shared_log import SharedChange, SharedLog
from chatgptfree_mock.server.site_registry import SiteRegistry
from chatgptfree_mock.server_log import SERVER_LOG

ONE_PROCESS: Final = (
    "this needs one process: the request, or the run, would be known to one of the workers only; start `serve` without "
    "--workers"
)
"""The reason for a refusal if several processes serve the sites."""


class SiteChanges:
    """Makes changes of *sites*; *files* checks the files that they name, *log* is shared with other processes."""

    def __init__(self, sites: SiteRegistry, files: FileAccess, log: SharedLog | None = None) -> None:
        self._sites, self._files, self._log = sites, files, log

    @property
    def shared(self) -> bool:
        """Whether several processes serve the sites."""
        return self._log is not None

    def catch_up(self) -> None:
        """Apply the changes of other processes."""
        if self._log is not None:
            self._log.catch_up(self._follow)

    def make(self, what: str, site: str | None, value: Any = None) -> MountedSite:
        """
        Make a change (`add`, `drop`, `settings`, `merge`, `delivery` or `turn`) and return the site.

        Raises:
            MockError: the site does not exist, or the value is wrong.
        """
        change = {"what": what, "site": site, "value": value}
        return self._apply(change) if self._log is None else self._log.make(change, self._apply)

    def _follow(self, change: SharedChange) -> None:
        try:
            self._apply(change)
        except MockError as exc:  # such as a file that was removed since
            SERVER_LOG.warning("a change that another process has made fails in this one: %s", exc)

    def _apply(self, change: Mapping[str, Any]) -> MountedSite:
        sites, what, name, value = self._sites, change["what"], change["site"], change["value"]
        if what == "add":
            default = sites.root.spec.pack.name
            spec = self._allowed(choose_site(value["settings"], pack=value["pack"], table={PACK: default}))
            return sites.add(spec, Delivery.parse(**value["delivery"]), name=name)
        mounted = sites.by_name(name)
        match what:
            case "drop":
                sites.drop(name)
            case "settings":
                sites.configure(mounted, self._allowed(choose_site(value, pack=mounted.spec.pack.name), mounted))
            case "merge":
                sites.configure(mounted, self._allowed(sites.patched_spec(mounted, value), mounted))
            case "delivery":
                sites.deliver(mounted, Delivery.parse(**value))
            case _:
                mounted.clock.turn(value)
        return mounted

    def _allowed(self, spec: SiteSpec, mounted: MountedSite | None = None) -> SiteSpec:
        self._files.check(spec, None if mounted is None else mounted.spec)
        return spec
