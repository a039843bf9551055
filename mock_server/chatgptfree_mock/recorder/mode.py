"""The modes of recording; a separate module, since the pytest plugin needs the words without any extra."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Which requests are recorded, under the names that VCR gives the modes."""

    NONE = "none"
    """None: what is recorded is replayed, anything else is refused."""
    ONCE = "once"
    """Record if the file does not exist yet; otherwise act as `none`."""
    NEW_EPISODES = "new_episodes"
    """What is recorded is replayed, anything else is recorded as well."""
    ALL = "all"
    """All of them; what the file held is replaced."""
