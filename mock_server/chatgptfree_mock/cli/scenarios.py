"""``chatgptfree-mock scenarios``: list the scenarios, or show one whole."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.project import project_settings, scenario_folders
from chatgptfree_mock.config.release_options import release_options
from chatgptfree_mock.config.releases import table_with
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.scenario.expectation import Expect
from chatgptfree_mock.scenario.library import ScenarioEntry, shipped
from chatgptfree_mock.usage_error import StrictCommand

_SHOWN = 70


@click.command(cls=StrictCommand)
@click.argument("glob", default="*")
@click.option(
    "--scenarios",
    "folders",
    multiple=True,
    type=PathParamType(file_okay=False),
    metavar="DIR",
    help="A folder of your own scenarios, <layer>/<name>.yaml; repeatable.",
)
@release_options
@pack_option("Scenarios of this site pack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    glob: str,
    folders: tuple[Path, ...],
    pack: str | None,
    release_files: tuple[Path, ...],
    strict_release: bool,
    as_json: bool,
) -> None:
    """
    List the scenarios that match GLOB (`nonce`, `stream/*`); show a single one in full.

    A running mock plays each under /s/<layer>/<name>/.
    """
    table = table_with(project_settings(), releases=release_files, strict=strict_release)
    pack = pack_name(pack=pack, table=table)
    found = shipped((*scenario_folders(table), *folders), pack)
    entries = [found[name] for name in found.matching(glob)]
    if as_json:
        click.echo(escaped_json([_as_data(entry) for entry in entries], indent=1))
    elif len(entries) == 1:
        _show(entries[0])
    else:
        _list(entries)


def _as_data(entry: ScenarioEntry) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(entry.scenario)
    plain["pack"] = registry.base_name(entry.scenario.pack)
    del plain["cases"]  # rows of a list that only this project's tests have
    return {"name": entry.name, "file": str(entry.file), **plain}


def _list(entries: Sequence[ScenarioEntry]) -> None:
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        click.echo(escape(f"{entry.name:<{width}}  {entry.scenario.title}"))
    click.echo(f"{len(entries)} scenarios", err=True)


def _show(entry: ScenarioEntry) -> None:
    scenario = entry.scenario
    click.echo(escape(f"{entry.name}: {scenario.title}"))
    click.echo(escape(f"expect   {_wanted(scenario.expect)}"))
    click.echo(escape(f"address  /s/{entry.name}/"))
    click.echo(escape(f"file     {entry.file}\n"))
    written = entry.file.read_text(encoding="utf-8")
    click.echo(escape(written) if sys.stdout.isatty() else written, nl=False)


def _wanted(expect: Expect) -> str:
    text = expect.delivered
    shown = repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
    if expect.text is not None:
        return f"the text {shown}"
    return f"an error ({' or '.join(expect.kinds)})" + (f" after {shown}" if text else ", and no text")
