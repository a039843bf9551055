"""`chatgptfree-mock tokens`: list the values that a recorded site issues and later requests send back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from chatgptfree_mock.cli.recordings.left_out import naming_left_out
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import is_har, named_cassette
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens.block import acting, as_declared, new_entries, not_found, with_entries
from chatgptfree_mock.tape.tokens.classifying import FoundToken
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import Token
from chatgptfree_mock.tape.whole_file import read_bytes, write_text
from chatgptfree_mock.usage_error import StrictCommand

_HEADINGS = ("NAME", "CLASS", "SHAPE", "FROM", "BACK", "LIVES", "REFUSED", "WHY")


@click.command(cls=StrictCommand)
@click.argument("file", metavar="FILE", type=PathParamType())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--write", is_flag=True, help="Add them to the file, as x-tokens; nothing else in it changes.")
def command(file: Path, as_json: bool, write: bool) -> None:
    """
    List the tokens of FILE, a cassette or a HAR: values that a response issues and later requests send back.

    Exit code: 0 done, 2 bad input.
    """
    if write and is_har(file):
        raise CassetteError(
            "a HAR has no place for tokens",
            file=str(file),
            repair="make a cassette of it with `chatgptfree-mock import`",
        )
    cassette = naming_left_out(named_cassette(str(file)))
    found = as_declared(cassette, find_tokens(cassette))
    if write and cassette.left_out:
        first = cassette.left_out[0]
        raise CassetteError(first.problem, file=str(file), place=first.place, repair="repair it first; then --write")
    if write:
        _write(file, cassette, found)
    if as_json:
        data = [{**msgspec.to_builtins(each.token), "why": each.why} for each in found]
        click.echo(escaped_json({"file": str(file), "tokens": data}, indent=2))
    else:
        _show(found)
    _compare(file, cassette, found)


def _write(file: Path, cassette: Cassette, found: Sequence[FoundToken]) -> None:
    """
    Add new entries to the block in the text of *file*; existing entries stay.

    Raises:
        CassetteError: the file is not laid out as a mapping, or cannot be written; it stays as it is.
    """
    data, name = read_bytes(file), str(file)
    able = acting(cassette, (each.token for each in found))
    new = new_entries(cassette, able.entries)
    if new:
        write_text(file, with_entries(data, cassette, new, file=name))
    for note in able.notes:
        click.secho(escape(f"{name}: {note}"), fg="yellow", err=True)
    _count(len(new), len(cassette.tokens), not_found(cassette, able.entries), name)


def _count(new: int, there: int, gone: Sequence[str], name: str) -> None:
    kept = f"; {there} were there, and stay as they are" if there else ""
    click.echo(escape(f"{name}: {new} written to x-tokens{kept}"), err=True)
    for each in dict.fromkeys(gone):
        line = f"{name}: `{each}` in x-tokens was not found in the recording; it stays"
        click.secho(escape(line), fg="yellow", err=True)


def _compare(file: Path, cassette: Cassette, found: Sequence[FoundToken]) -> None:
    """Name the differences of the file's own block from the *found* tokens: a replay uses the block."""
    stored = {entry.get("name"): entry.get("class") for entry in cassette.tokens}
    for each in found:
        kind = stored.get(each.token.name, each.token.kind)
        if kind != each.token.kind:
            line = f"{file}: `{each.token.name}` is of the class `{kind}` in x-tokens, and a replay acts by that"
            click.secho(escape(line), fg="yellow", err=True)


def _show(found: Sequence[FoundToken]) -> None:
    if not found:
        click.echo("no request sends back a value of a response", err=True)
        return
    rows = [_HEADINGS, *map(_row, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo(escape("  ".join([*cells, row[-1]])))


def _row(found: FoundToken) -> tuple[str, ...]:
    token = found.token
    source = "-"
    if token.source is not None:
        decoded = f" ({', '.join(token.source.decodings)})" if token.source.decodings else ""
        source = f"#{token.source.interaction + 1} {token.source.part}{decoded}"
    first = token.back[0]
    more = f" +{len(token.back) - 1}" if len(token.back) > 1 else ""
    shape = f"{token.shape.length} {token.shape.alphabet}"
    back = f"#{first.interaction + 1} {first.place}{more}"
    lives = "-" if token.lives is None else f"{token.lives:g} s"
    return token.name, token.kind.value, shape, source, back, lives, _refusal(token), found.why


def _refusal(token: Token) -> str:
    """Return the number of the recorded refusal or the status that the block or the recording names; else a dash."""
    if token.refused is None:
        return "-"
    number = token.refused.interaction
    return f"by {token.refused.status}" if number is None else f"by #{number + 1}"
