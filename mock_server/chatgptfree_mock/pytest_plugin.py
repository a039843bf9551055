"""The pytest plugin: markers, and nothing imported that a run without them does not need."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line(
        "markers", "chat_site(plugin=…, reply=…, …): what the site of the fixture `chat_site` is like"
    )
