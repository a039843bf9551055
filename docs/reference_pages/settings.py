"""The settings of sites and projects, from the types that validate them."""

from __future__ import annotations

from chatgptfree_mock.config.keys import SETTINGS
from chatgptfree_mock.config.settings_file import settings_schema
from reference_pages.markdown import prose, term
from reference_pages.schemas import keys


def of_a_site() -> str:
    """Return every setting of an imitated site, part by part."""
    return keys(settings_schema("aipower"), prefix="site")


def of_recordings() -> str:
    """Return every setting of the pack `recorded`."""
    return keys(settings_schema("recorded"), prefix="recorded")


def of_a_project() -> str:
    """Return the keys of ``[tool.chatgptfree_mock]``."""
    return "\n".join(term(name, [prose(meaning)], anchor=f"project-{name}") for name, meaning in SETTINGS.items())
