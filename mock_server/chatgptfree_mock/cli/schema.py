"""``chatgptfree-mock schema``: print the JSON Schema of a file format, for editors and other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.settings_file import settings_schema
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.config.word_choice import WordChoice
from chatgptfree_mock.contract import registry
from chatgptfree_mock.control_characters import escaped_json
from chatgptfree_mock.scenario.schema import scenario_schema
from chatgptfree_mock.tape.cassette_schema import cassette_schema
from chatgptfree_mock.usage_error import StrictCommand

FORMATS: Final[Mapping[str, Callable[[str], dict[str, Any]]]] = {
    "settings": settings_schema,
    "scenario": scenario_schema,
    "cassette": lambda _pack: cassette_schema(),
    "release": lambda pack: registry.load(pack).release_schema(),
}


# click leaves the lines below a backspace as they are.
_EDITORS: Final = """\b
An editor with a YAML language server completes and checks a file that names its schema:
  chatgptfree-mock schema scenario > scenario.schema.json
  # yaml-language-server: $schema=scenario.schema.json
"""


@click.command(cls=StrictCommand, epilog=_EDITORS)
@click.argument("file_format", metavar="|".join(FORMATS), type=WordChoice(list(FORMATS)))
@pack_option("Files of this site pack.")
def command(file_format: str, pack: str | None) -> None:
    """Print the JSON Schema (draft 2020-12) of a file: settings of a site, a scenario, a cassette, or a release."""
    click.echo(escaped_json(FORMATS[file_format](pack_name(pack=pack, table=project_settings())), indent=2))
