"""`chatgptfree-mock export`: a cassette becomes a HAR for a browser's developer tools."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import click

from chatgptfree_mock.cli.recordings.left_out import naming_left_out
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.tape.files import load, named_file
from chatgptfree_mock.tape.har.exporting import to_har
from chatgptfree_mock.tape.whole_file import write_text
from chatgptfree_mock.usage_error import StrictCommand


@click.command(cls=StrictCommand, name="export")
@click.argument("cassette", metavar="CASSETTE", type=PathParamType(text=True))
@click.option("--out", type=PathParamType(), help="The file to write; by default standard output.")
@click.option("--force", is_flag=True, help="Overwrite an existing HAR.")
def command(cassette: str, out: Path | None, force: bool) -> None:
    """
    Turn a cassette into a HAR that Chromium's developer tools load, chunk times included.

    CASSETTE is a file, or the short name of a recording that ships with the project, such as 1.8.93/msg_ok_s.
    """
    recorded = naming_left_out(load(_file(cassette)))
    if not recorded.interactions:
        raise CassetteError(f"{cassette}: the cassette has no interactions; record one before you export it")
    har = json.dumps(to_har(recorded, version=version("chatgptfree")), ensure_ascii=False, indent=1)
    if out is None:
        click.echo(har)
        return
    write_text(out, har + "\n", overwrite=force)
    click.echo(f"{out}: written", err=True)


def _file(name: str) -> Path:
    try:
        return named_file(name)
    except CassetteError as exc:
        if name in shipped().names:
            raise SettingsError(
                f"{name} is a scenario, not a recording: start `serve`, ask below /s/{name}/, and save the exchanges "
                "from the console as a HAR"
            ) from exc
        raise
