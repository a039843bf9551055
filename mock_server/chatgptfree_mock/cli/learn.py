"""``chatgptfree-mock learn``: write a file for a release that the mock does not have, from a recording of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from chatgptfree_mock.cli.diff import cassettes_at, finding_lines
from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.project_folder import OWN_RELEASES, project_folder
from chatgptfree_mock.config.release_options import release_options
from chatgptfree_mock.config.releases import releases_beside_project, table_with
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.learned_release import CheckedExchange, LearnedRelease
from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.diff.comparison import compare_responses
from chatgptfree_mock.diff.findings import ComparedPair, Diff, Finding
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.tape.whole_file import check_free, write_text
from chatgptfree_mock.usage_error import StrictCommand

_SHOWN = 5
_ENDINGS = (".yaml", ".yml")


@click.command(cls=StrictCommand)
@click.argument("recording", type=PathParamType())
@click.option("--name", required=True, metavar="RELEASE", help="The number of the new release, such as 2.5.0.")
@click.option(
    "--based-on", "base", metavar="RELEASE", help="The release that the file changes.  [default: the nearest]"
)
@click.option(
    "--out",
    type=PathParamType(text=True),
    metavar="FILE",
    help="The file to write, or a folder for it; a new one ends with a slash.  [default: releases/RELEASE.yaml beside "
    "pyproject.toml]",
)
@release_options
@pack_option("A release of this site pack.")
def command(
    recording: Path,
    name: str,
    base: str | None,
    out: str | None,
    release_files: tuple[Path, ...],
    strict_release: bool,
    pack: str | None,
) -> int:
    """
    Compare RECORDING, a cassette, a HAR or a folder of them, with the nearest release, and write down what differs.

    RECORDING holds at least a page with the chat and a streamed answer.  A comment on each line of the file names the
    exchange that shows it, and what a recording cannot decide is a question in a comment.  The last line of the
    output is the command that serves the release.

    The recorded requests are then sent to the learned release; answers that differ are shown as by `diff`.
    Headers are not compared.  Exit code: 0 all exchanges alike, 1 some are not, 2 bad input.
    """
    target = _target(out, name)  # first, as a broken file there could not be loaded
    table = table_with(project_settings(), releases=release_files, strict=strict_release)
    chosen = registry.load(pack_name(pack=pack, table=table))
    learned = chosen.learn(
        cassettes_at(recording), name=name, base=base, judge=partial(differences, marks=chosen.page_marks)
    )
    write_text(target, learned.text, overwrite=False)
    _warn_of_shipped(chosen.name, name, target)
    click.echo(escape(f"{target}: based on {learned.base}"))
    rest = _rest(learned, name, chosen.page_marks)
    for line in finding_lines(str(recording), f"{name} (learned)", rest):
        click.echo(line)
    if learned.unused:
        further = len(learned.unused) - _SHOWN
        shown = ", ".join(learned.unused[:_SHOWN]) + (f" and {further} more, named in the file" if further > 0 else "")
        click.echo(escape(f"not compared: {shown}"))
    click.echo(f"{learned.alike} of {len(learned.exchanges)} exchanges alike")
    click.echo(escape(f"to serve it: {_command(target, name, pack)}"))
    return int(learned.alike < len(learned.exchanges))


def _target(out: str | None, name: str) -> Path:
    """Return the file to write, which does not exist yet; *out* is a folder if there is one, or if it ends so."""
    if Path(name).name != name:
        raise SettingsError(f"`{name[:40]}` is not a release number; one is like 2.5.0")
    if out is None:
        folder = project_folder()
        target = (Path() if folder == Path.cwd() else folder) / OWN_RELEASES / f"{name}.yaml"
    else:
        is_folder = os.path.isdir(out) or out.endswith(os.sep)
        target = Path(out, f"{name}.yaml") if is_folder else Path(out)
    if target.suffix.lower() not in _ENDINGS or target.stem != name:
        raise SettingsError(f"{target}: a release's file is named after it, so call it {name}.yaml")
    check_free(target)
    return target


def _warn_of_shipped(pack: str, name: str, target: Path) -> None:
    """Print a warning if the release *name* ships with *pack*: *target* has precedence over it."""
    if registry.load(registry.base_name(pack)).releases.notice(name) is None:
        where = "here" if _read_without_option(target) else "where --releases names it"
        click.echo(escape(f"warning: {name} ships with the mock; {target} replaces it {where}"), err=True)


def _read_without_option(target: Path) -> bool:
    """Return whether the project's commands find *target* by its place."""
    return not project_settings().get("releases") and target.absolute() in (
        file.absolute() for file in releases_beside_project()
    )


def _command(target: Path, name: str, pack: str | None) -> str:
    """Return the command that serves the release *name* from the file *target*."""
    chosen = [] if pack is None else ["--pack", pack]
    option = [] if _read_without_option(target) else ["--releases", str(target)]
    return shlex.join(["chatgptfree-mock", "serve", *chosen, *option, "--plugin", name])


def _findings(recorded: Response, replied: Response, marks: PageMarks) -> tuple[Finding, ...]:
    """Return the differences that the site's software causes; the web server also sets headers."""
    found = compare_responses(recorded, replied, marks)
    return tuple(each for each in found if not each.note and each.topic != "headers")


def differences(recorded: Response, replied: Response, marks: PageMarks = ANY_PAGE) -> Sequence[str]:
    """Return the differences in the answers of the site's software, in words; headers are not compared."""
    return [each.sentence for each in _findings(recorded, replied, marks)]


def _rest(learned: LearnedRelease, name: str, marks: PageMarks) -> Diff:
    """Return the exchanges whose answers differ from the recorded ones."""
    return Diff(pairs=tuple(_pair(each, name, marks) for each in learned.exchanges if not each.alike))


def _pair(exchange: CheckedExchange, name: str, marks: PageMarks) -> ComparedPair:
    nothing = Finding(topic="request", change="contains", after=(f"{name} cannot handle this request",))
    found = (nothing,) if exchange.replied is None else _findings(exchange.recorded, exchange.replied, marks)
    if exchange.original_names is not None:
        known = {each.sentence for each in found}
        found += tuple(each for each in _findings(*exchange.original_names, marks) if each.sentence not in known)
    if exchange.lacks:
        found += (Finding(topic="page", change="contains", after=(exchange.lacks,)),)
    return ComparedPair(before=exchange.name, after=exchange.name, request="", findings=found)
