"""`chatgptfree-mock import`: a browser's HAR becomes a cassette, redacted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import read_bytes, redaction_rules, save
from chatgptfree_mock.tape.har import from_har
from chatgptfree_mock.tape.redaction import redact
from chatgptfree_mock.tape.secret_names import RULES

MAX_BYTES: Final = 256 * 1024 * 1024
"""A HAR holds images and fonts as text; one larger than this is refused before it is read."""


@click.command(name="import", short_help="Turn a browser's HAR into a cassette.")
@click.argument("har", metavar="FILE.har", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Where the cassette goes; by default FILE.yaml here.")
@click.option("--static", is_flag=True, help="Keep images, styles and scripts too.")
@click.option("--keep", multiple=True, metavar="RULE", help=f"Don't redact: {', '.join(RULES)}. Can be repeated.")
@click.option("--force", is_flag=True, help="Overwrite the cassette if it is there.")
def command(har: Path, out: Path | None, static: bool, keep: tuple[str, ...], force: bool) -> int:
    """
    Turn a browser's "save all as HAR with content" into a cassette.

    Secrets are replaced by stand-ins; what is missing from the HAR is reported.
    Exit code: 0 done, 1 something is missing, 2 bad input.
    """
    target = out or Path(har.with_suffix(".yaml").name)
    rules = redaction_rules(target.absolute().parent, keep=keep)
    imported = from_har(read_bytes(har, limit=MAX_BYTES), file=str(har), static=static)
    if not imported.cassette.interactions:
        for note in imported.notes:
            click.secho(note, fg="yellow", err=True)
        raise CassetteError("nothing in it can be replayed", file=str(har), repair="save all as HAR with content")
    cassette = redact(imported.cassette, rules)
    save(target, cassette, overwrite=force)
    for note in imported.notes:
        click.secho(note, fg="yellow", err=True)
    if imported.static:
        click.echo(f"{imported.static} images, styles and scripts left out (--static keeps them)", err=True)
    for line in cassette.recording["redacted"]:
        click.echo(f"redacted {line}", err=True)
    click.echo(f"{target}: {len(cassette.interactions)} interactions")
    return int(imported.missing > 0)
