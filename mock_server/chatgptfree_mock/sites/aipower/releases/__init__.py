"""
The releases of the plugin as data: when each came out, and what it does on the wire.

Code that handles a request asks a release for its traits and never compares versions.  `table/` holds the releases that
ship, a file each, in the form in which a user can add more (see `file`); a `ReleaseTable` holds all of them.
"""

from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.aipower.releases.table import ReleaseTable, built_in

__all__ = ["PluginRelease", "ReleaseTable", "built_in"]
