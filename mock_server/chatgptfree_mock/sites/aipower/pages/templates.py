"""The Jinja environment of the pages: everything is escaped, and a name that nobody gave is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

FOLDER = Path(__file__).parent.parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=False,
    )


def template(name: str) -> Template:
    """Return the template *name*; it is compiled once per process."""
    return _environment().get_template(name)


def verbatim(text: str) -> Markup:
    """Return *text* as what templates print without escaping it: it was escaped the way PHP does."""
    return Markup(text)  # noqa: S704 - that is what this function is for
