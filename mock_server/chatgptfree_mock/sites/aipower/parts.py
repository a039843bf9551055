"""The parts of a site that the code of either generation uses."""

from __future__ import annotations

from random import Random

import msgspec

from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.wordpress.visitors import Visitors


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of one site; the state of the plugin is in the *store*."""

    settings: SiteSettings
    visitors: Visitors
    store: Store
    random: Random
