"""`chatgptfree-mock tokens`: the values of a recording that the site gives out and requests bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.cassette_source import named_cassette
from chatgptfree_mock.tape.files import HAR_SUFFIXES, read_bytes, write_text
from chatgptfree_mock.tape.in_place import Appended, Changes, change_json, change_yaml
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens import FoundToken, find_tokens
from chatgptfree_mock.tape.tokens.record import tokens_as_data
from chatgptfree_mock.tape.yaml.reading import compose_file, read

_HEADINGS = ("NAME", "CLASS", "SHAPE", "FROM", "BACK", "WHY")


@click.command(short_help="List the values of a recording that come back.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--write", is_flag=True, help="Add them to the file, as x-tokens; nothing else in it changes.")
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
        _write(file, cassette, found)
    if as_json:
        data = [{**msgspec.to_builtins(each.token), "why": each.why} for each in found]
        click.echo(escaped_json({"file": str(file), "tokens": data}, indent=2))
    else:
        _show(found)


def _write(file: Path, cassette: Cassette, found: Sequence[FoundToken]) -> None:
    """
    Add what is not there yet to the block in the text of *file*: what a person wrote there stays.

    Raises:
        CassetteError: the file is not laid out as a mapping, or cannot be written; it stays as it is.
    """
    data, name = read_bytes(file), str(file)
    there = {key for entry in cassette.tokens for key in _keys(entry["name"], entry["back"])}
    told = tokens_as_data([each.token for each in found])
    new = [entry for entry in told if not there & _keys(entry["name"], entry["back"])]
    gone = _not_found(cassette, told)
    if new:
        write_text(file, _changed(data, name, _changes(cassette, new)))
    _count(len(new), len(cassette.tokens), gone, name)


def _keys(name: str, back: Sequence[Mapping[str, Any]]) -> set[tuple[str, int, str]]:
    return {(name, each["interaction"], each["place"]) for each in back}


def _not_found(cassette: Cassette, told: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the block's entries that were not found in the recording."""
    seen = {key for entry in told for key in _keys(entry["name"], entry["back"])}
    return [entry["name"] for entry in cassette.tokens if not seen & _keys(entry["name"], entry["back"])]


def _changes(cassette: Cassette, new: Sequence[Mapping[str, Any]]) -> Changes:
    if not cassette.tokens:
        return {("x-tokens",): list(new)}
    return {("x-tokens",): Appended(tuple(new))}


def _changed(data: bytes, name: str, changes: Changes) -> str:
    root = compose_file(data, name)
    if not isinstance(root, yaml.MappingNode):
        raise CassetteError("x-tokens has no place in a list of interactions", file=name, repair="record it again")
    try:
        text = data.decode()
        changed = change_json(text, changes) if name.endswith(".json") else change_yaml(text, root, changes)
        read(changed.encode(), file=name)
    except (ValueError, TypeError, CassetteError) as exc:
        raise CassetteError(
            f"x-tokens has no place in it: {exc}", file=name, repair="record or import it again"
        ) from exc
    return changed


def _count(new: int, there: int, gone: Sequence[str], name: str) -> None:
    kept = f"; {there} were there, and stay as they are" if there else ""
    click.echo(escape(f"{name}: {new} written to x-tokens{kept}"), err=True)
    for each in dict.fromkeys(gone):
        line = f"{name}: `{each}` in x-tokens was not found in the recording; it stays"
        click.secho(escape(line), fg="yellow", err=True)


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
