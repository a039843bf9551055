"""The pytest plugin: markers, fixtures, and settings."""

from __future__ import annotations

from chatgptfree_mock import pytest_plugin
from chatgptfree_mock.server.mock_site import MockSite
from reference_pages.docstrings import fixtures, paragraphs
from reference_pages.markdown import prose, term


def markers() -> str:
    """Return the markers as the plugin registers them."""
    split = (marker.partition("): ") for marker in pytest_plugin.MARKERS)
    return "\n".join(
        term(f"{call})", [prose(about)], anchor=f"marker-{call.partition('(')[0]}") for call, _, about in split
    )


def of_fixtures() -> str:
    """Return the fixtures."""
    found = fixtures(pytest_plugin)
    return "\n".join(term(name, map(prose, paragraphs(about)), anchor=f"fixture-{name}") for name, about in found)


def of_a_site() -> str:
    """Return the arguments of `MockSite`, which are the marker's as well."""
    return "\n\n".join(map(prose, paragraphs(MockSite.__doc__)))
