"""The Jinja environment of the pages: everything is escaped, and a name that nobody gave is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

FOLDER = Path(__file__).parent.parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=False
    )


def template(name: str) -> Template:
    """Return the template *name*; it is compiled once per process."""
    return _environment().get_template(name)
