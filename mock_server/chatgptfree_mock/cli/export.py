"""`chatgptfree-mock export`: a cassette becomes a HAR for a browser's developer tools."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import click

from chatgptfree_mock.tape.files import load, write_text
from chatgptfree_mock.tape.har.exporting import to_har


@click.command(name="export", short_help="Turn a cassette into a HAR for Chromium's developer tools.")
@click.argument("cassette", metavar="FILE.yaml", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; by default standard output.")
@click.option("--force", is_flag=True, help="Overwrite an existing HAR.")
def command(cassette: Path, out: Path | None, force: bool) -> None:
    """Turn a cassette into a HAR that Chromium's developer tools load, chunk times included."""
    har = json.dumps(to_har(load(cassette), version=version("chatgptfree")), ensure_ascii=False, indent=1)
    if out is None:
        click.echo(har)
        return
    write_text(out, har + "\n", overwrite=force)
    click.echo(f"{out}: written", err=True)
