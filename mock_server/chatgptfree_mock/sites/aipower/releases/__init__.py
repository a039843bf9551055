"""
The releases of the plugin as data: when each came out, and what it does on the wire.

Code that handles a request asks a release for its traits and never compares versions.  `table/` has one file for each
built-in release; users add releases in the same form (see `file`).  A `ReleaseTable` holds all of them.
"""

from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.aipower.releases.table import ReleaseTable, built_in

__all__ = ["PluginRelease", "ReleaseTable", "built_in"]
