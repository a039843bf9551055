"""`chatgptfree-mock import`: a browser's HAR becomes a cassette, redacted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chatgptfree_mock.config.new_cassette_path import NewCassettePath
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.redaction import keep_option, redaction_rules
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import beside
from chatgptfree_mock.tape.har.importing import Imported, from_har
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import Rules, redact
from chatgptfree_mock.tape.saving import SavedFiles, save_in_parts
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.whole_file import HAR_BYTES, read_bytes
from chatgptfree_mock.usage_error import StrictCommand

Step = Callable[[str, int, int | None], None]
"""Show what is being done, how much of it is done, and how much there is."""


@click.command(cls=StrictCommand, name="import")
@click.argument("har", metavar="FILE.har", type=PathParamType())
@click.option(
    "--out",
    type=NewCassettePath(),
    help="FILE.yaml or FILE.json; by default the HAR's name, in the current folder.",
)
@click.option("--static", is_flag=True, help="Keep images, styles and scripts too.")
@keep_option
@click.option("--strict", is_flag=True, help="Exit with 1 if any entry was left out.")
@click.option("--force", is_flag=True, help="Overwrite an existing cassette.")
def command(har: Path, out: Path | None, static: bool, keep: tuple[str, ...], strict: bool, force: bool) -> int:
    """
    Turn a browser's "save all as HAR with content" into a cassette.

    The HAR may be compressed, or in a zip file that Playwright wrote.  Secrets are replaced by placeholders; entries
    that are left out, and bodies that are missing or cut, are reported.  A HAR that is too large for one cassette
    becomes several.

    Exit code: 0 done, 1 a body is missing or cut (with --strict: anything was left out), 2 bad input.
    """
    target = out or Path(
        f"{har.name.removesuffix('.gz').removesuffix('.zip').removesuffix('.har').removesuffix('.harp')}.yaml"
    )
    rules = redaction_rules(target.absolute().parent, keep=keep)
    with _progress() as step:
        imported = from_har(
            read_bytes(har, limit=HAR_BYTES),
            file=str(har),
            static=static,
            attachments=lambda name: beside(har, name),
            progress=lambda done, total: step("reading", done, total),
        )
        if imported.cassette.interactions:
            cassette, (files, missing, note) = _write(imported.cassette, target, rules, step, overwrite=force)
    _report(imported)
    if not imported.cassette.interactions:
        raise CassetteError("nothing in it can be replayed", file=str(har), repair="save all as HAR with content")
    for number in missing:
        address = cassette.interactions[number].request.uri.partition("?")[0][:120]
        click.secho(escape(f"left out, too large for a cassette: {address}"), fg="yellow", err=True)
    if note:
        click.secho(escape(note), fg="yellow", err=True)
    for line in cassette.recording["redacted"]:
        click.echo(escape(f"redacted {line}"), err=True)
    count = len(cassette.interactions) - len(missing)
    click.echo(escape(f"{', '.join(map(str, files))}: {count} interaction{'' if count == 1 else 's'}"))
    return int(bool(imported.missing or missing or (strict and imported.left_out)))


def _write(
    cassette: Cassette, target: Path, rules: Rules, step: Step, *, overwrite: bool
) -> tuple[Cassette, SavedFiles]:
    step("redacting", 0, None)
    tokens = [each.token for each in find_tokens(cassette)]
    redacted = redact(replace(cassette, path=None), rules)
    able = acting(redacted, tokens)
    for note in able.notes:
        click.secho(escape(note), fg="yellow", err=True)
    redacted = replace(redacted, tokens=able.entries)
    step("writing", 0, None)
    return redacted, save_in_parts(target, redacted, overwrite=overwrite)


def _report(imported: Imported) -> None:
    for note in imported.notes:
        click.secho(escape(note), fg="yellow", err=True)
    if imported.static:
        click.echo(f"images, styles and scripts left out: {imported.static} (--static keeps them)", err=True)


@contextmanager
def _progress() -> Iterator[Step]:
    """Show a bar on a terminal, and nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=Console(stderr=True, emoji=False), transient=True, disable=not sys.stderr.isatty()
    ) as progress:
        task = progress.add_task("reading", total=None)

        def step(what: str, done: int, total: int | None) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield step
