"""``chatgptfree-mock diff``: what changed on the wire between two recordings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from chatgptfree_mock.cli.recordings.left_out import naming_left_out
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.site import pack_of
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.diff.findings import ComparedPair, Diff, Finding
from chatgptfree_mock.diff.pairing import compare
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import HAR_SUFFIXES, is_har, load_recording
from chatgptfree_mock.tape.folder import visible_files
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.whole_file import read_bytes
from chatgptfree_mock.usage_error import StrictCommand

_ENDINGS = (".yaml", ".yml", ".json")
_FILE = PathParamType()


@click.command(cls=StrictCommand, name="diff")
@click.argument("before", metavar="A", type=_FILE)
@click.argument("after", metavar="B", type=_FILE)
@click.option("--notes", is_flag=True, help="Show different settings and chunk borders as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(before: Path, after: Path, notes: bool, as_json: bool) -> int:
    """
    Show what changed on the wire between the recordings A and B, each a cassette, a HAR or a folder of them.

    Nonces, ids, hosts and the model's words do not count as a difference, nor do requests on one side
    only; these are listed.  Exit code: 0 the same, 1 it differs or nothing can be compared, 2 bad input.
    """
    pack = pack_of(project_settings())
    compared = compare(
        cassettes_at(before),
        cassettes_at(after),
        judge=pack.client_result,
        rules=pack.match_rules,
        marks=pack.page_marks,
    )
    if as_json:
        report = {"before": str(before), "after": str(after), **compared.as_data()}
        click.echo(escaped_json(report, indent=2))
    else:
        for line in _lines(before, after, compared, notes=notes):
            click.echo(line)
    return int(compared.differs)


def cassettes_at(path: Path) -> list[Cassette]:
    """
    Return the cassette or HAR at *path*, or those in that folder; each is named by its place below it.

    Raises:
        CassetteError: one cannot be read, or there are none.
    """
    if not path.is_dir():
        return [replace(naming_left_out(load_recording(path)), path=path.name)]
    files = [each for each in visible_files(path) if _is_recording(each)]
    if not files:
        raise CassetteError("no cassettes or HARs in this folder", file=str(path))
    return [replace(naming_left_out(load_recording(each)), path=each.relative_to(path).as_posix()) for each in files]


def _is_recording(file: Path) -> bool:
    """Return whether *file* has interactions: a folder may have other YAML and JSON."""
    if file.name.lower().endswith(HAR_SUFFIXES) or is_har(file):
        return True
    return file.suffix in _ENDINGS and b"interactions" in read_bytes(file)


def _styled(text: str, **style: Any) -> str:
    """Return *text* with its own control characters escaped, in a *style* of `click.style`."""
    return click.style(escape(text), **style)


def _lines(before: Path, after: Path, compared: Diff, *, notes: bool) -> Iterator[str]:
    yield _styled(f"--- {before}", fg="red")
    yield _styled(f"+++ {after}", fg="green")
    yield from _pair_lines(compared, notes=notes)
    for mark, colour, names in (("-", "red", compared.only_before), ("+", "green", compared.only_after)):
        if names:
            yield ""
            yield from (_styled(f"{mark} {name}", fg=colour) for name in names)
    differing = sum(bool(pair.differences) for pair in compared.pairs)
    yield ""
    same = len(compared.pairs) - differing
    yield f"{len(compared.pairs)} compared: {differing} differ, {same} are the same on the wire"
    if compared.only_before or compared.only_after:
        yield f"not compared, asked on one side only: {len(compared.only_before)} in A, {len(compared.only_after)} in B"


def finding_lines(before: str, after: str, compared: Diff) -> Iterator[str]:
    """Yield the pairs of *compared* that differ, under the names of both sides; nothing if none does."""
    if compared.differs:
        yield _styled(f"--- {before}", fg="red")
        yield _styled(f"+++ {after}", fg="green")
        yield from _pair_lines(compared, notes=False)
        yield ""


def _pair_lines(compared: Diff, *, notes: bool) -> Iterator[str]:
    for findings, pairs in _alike(compared.pairs, notes=notes).items():
        yield ""
        for pair in pairs:
            yield _styled(pair.name, bold=True) + escape(f"  {pair.request}")
        width = max(len(finding.topic) for finding in findings)
        for finding in findings:
            line = f"  {finding.topic:<{width}}  {finding.sentence}"
            yield _styled(line, dim=True) if finding.note else escape(line)


def _alike(pairs: tuple[ComparedPair, ...], *, notes: bool) -> dict[tuple[Finding, ...], list[ComparedPair]]:
    """Group pairs with the same differences."""
    groups: dict[tuple[Finding, ...], list[ComparedPair]] = {}
    for pair in pairs:
        shown = pair.findings if notes else pair.differences
        if shown:
            groups.setdefault(shown, []).append(pair)
    return groups
