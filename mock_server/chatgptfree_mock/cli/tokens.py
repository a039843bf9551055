"""`chatgptfree-mock tokens`: the values of a recording that the site gives out and requests bring back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
import yaml

from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.cassette_source import named_cassette
from chatgptfree_mock.tape.files import HAR_SUFFIXES, read_bytes, write_text
from chatgptfree_mock.tape.in_place import Changes, change_json, change_yaml
from chatgptfree_mock.tape.tokens import FoundToken, find_tokens
from chatgptfree_mock.tape.tokens.record import tokens_as_data
from chatgptfree_mock.tape.yaml.reading import compose_file, read

_HEADINGS = ("NAME", "CLASS", "SHAPE", "FROM", "BACK", "WHY")


@click.command(short_help="List the values of a recording that come back.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--write", is_flag=True, help="Store them in the file, as x-tokens; nothing else in it changes.")
def command(file: Path, as_json: bool, write: bool) -> None:
    """
    List the values of FILE, a cassette or a HAR, that responses give out and later requests bring back.

    Exit code: 0 done, 2 bad input.
    """
    if write and str(file).lower().endswith((*HAR_SUFFIXES, ".zip")):
        raise CassetteError(
            "a HAR has no place for tokens",
            file=str(file),
            repair="make a cassette of it with `chatgptfree-mock import`",
        )
    cassette = named_cassette(str(file))
    found = find_tokens(cassette)
    if write and cassette.left_out:
        first = cassette.left_out[0]
        raise CassetteError(first.problem, file=str(file), place=first.place, repair="mend it first; then --write")
    if write:
        _write(file, found)
    if as_json:
        data = [{**msgspec.to_builtins(each.token), "why": each.why} for each in found]
        click.echo(escaped_json({"file": str(file), "tokens": data}, indent=2))
    else:
        _show(found)


def _write(file: Path, found: Sequence[FoundToken]) -> None:
    """
    Put the block into the text of *file*, in place of one that is there.

    Raises:
        CassetteError: the file is not laid out as a mapping, or cannot be written; it stays as it is.
    """
    data, name = read_bytes(file), str(file)
    told = tokens_as_data([each.token for each in found])
    root = compose_file(data, name)
    if not isinstance(root, yaml.MappingNode):
        raise CassetteError("x-tokens has no place in a list of interactions", file=name, repair="record it again")
    changes: Changes = {("x-tokens",): told}
    try:
        text = data.decode()
        changed = change_json(text, changes) if name.endswith(".json") else change_yaml(text, root, changes)
        read(changed.encode(), file=name)
    except (ValueError, TypeError, CassetteError) as exc:
        raise CassetteError(
            f"x-tokens has no place in it: {exc}", file=name, repair="record or import it again"
        ) from exc
    write_text(file, changed)


def _show(found: Sequence[FoundToken]) -> None:
    if not found:
        click.echo("no value of a response comes back", err=True)
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
    return token.name, token.kind.value, shape, source, f"#{first.interaction + 1} {first.place}{more}", found.why
