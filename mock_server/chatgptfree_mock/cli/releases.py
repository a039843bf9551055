"""``chatgptfree-mock releases``: the releases of the plugin, and what changed on the wire between them."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from msgspec import structs

from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.release_options import release_options
from chatgptfree_mock.config.releases import table_with
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.release_facts import Change, Fact, FactSource
from chatgptfree_mock.contract.releases import SINGLE, Release, Releases, place_of
from chatgptfree_mock.usage_error import StrictCommand

_COLUMN = 10
_NOTHING_NEW = "nothing new on the wire"
_UNSEEN = ("changelog", "guess", "unknown")
"""The kinds of sources without an observation of the fact."""


@click.command(cls=StrictCommand)
@click.argument("first", required=False)
@click.argument("last", required=False)
@release_options
@pack_option("The releases of this site pack.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    first: str | None,
    last: str | None,
    release_files: tuple[Path, ...],
    strict_release: bool,
    pack: str | None,
    as_json: bool,
) -> None:
    """
    List the releases and what each changed on the wire; with one, all its traits; with two, the differences.

    FIRST and LAST are release numbers of the plugin, such as 1.8.90 and 2.4.71.  One between two that are known is the
    older of them, with a warning; one that is newer or older than all is an error.
    """
    table = table_with(project_settings(), releases=release_files, strict=strict_release)
    releases = registry.load(pack_name(pack=pack, table=table)).releases
    chosen = tuple(filter(None, (first, last)))
    for name in chosen:
        releases.check_range(name)
    for name in chosen or releases.names:
        if (notice := releases.notice(name)) is not None:
            click.echo(f"warning: {notice}", err=True)
    if releases is SINGLE and not (chosen or as_json):
        click.echo("this site pack has no releases", err=True)
    elif first is None:
        _print(_history_json(releases) if as_json else _history(releases))
    elif last is None:
        _print(_whole_json(releases, first) if as_json else _release_lines(releases, first))
    else:
        found = releases.changes(first, last)
        older, newer = releases.find(first), releases.find(last)
        back = place_of(last, releases) < place_of(first, releases)
        _print(_changes_json(older, newer, found) if as_json else _changes(older, newer, found, back=back))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _all(releases: Releases) -> tuple[Release, ...]:
    return tuple(releases.find(name) for name in releases.names)


def _history(releases: Releases) -> Iterator[str]:
    known = _all(releases)
    yield f"{known[0].name:{_COLUMN}}{_dated(known[0])}the oldest that is imitated"
    for before, release in pairwise(known):
        if before.generation != release.generation:
            yield ""
        found = list(_marked(release, releases.changes(before.name, release.name))) or [_nothing_new(release)]
        head = f"{release.name:{_COLUMN}}{_dated(release)}"
        yield from _indented(head, found if before.generation == release.generation else found[:1])


def _nothing_new(release: Release) -> str:
    return _NOTHING_NEW + (f" ({_sourced(release.source)})" if release.source.kind in _UNSEEN else "")


def _marked(release: Release, found: Sequence[Change]) -> Iterator[str]:
    """Yield the changes of *release*; a source follows those nobody has seen, or whose source is not the release's."""
    for change in found:
        marked = change.source.kind in _UNSEEN or change.source.kind != release.source.kind
        yield change.after + (f" ({_sourced(change.source)})" if marked else "")


def _sourced(source: FactSource) -> str:
    return f"source: {source}"


def _release_lines(releases: Releases, name: str) -> Iterator[str]:
    release = releases.find(name)
    known = releases.notice(name) is None or release.name == name
    as_asked = "" if known else f" (what there is for {name})"
    yield f"{release.name}{as_asked}, {release.date or 'date unknown'}, {_sourced(release.source)}"
    if release.note:
        yield from _indented("  ", [release.note])
    topic = ""
    for fact in sorted(releases.facts(name).values(), key=lambda fact: fact.topic):
        if fact.topic != topic:
            topic = fact.topic
            yield from ("", topic)
        yield from _indented("  ", [f"{fact.sentence} [{_since(fact.source)}]"])
    yield from ("", "on the page, in this order")
    yield from _indented("  ", [", ".join(releases.page_names(name))])
    yield from _page_sources(releases.page_sources(name), releases)


def _since(source: FactSource) -> str:
    return f"{source.since}: {source}" if source.since else str(source)


def _page_sources(sources: Mapping[str, FactSource], releases: Releases) -> Iterator[str]:
    """Yield the release and the source of the names on the page, oldest first."""
    oldest_first = ("", *releases.names).index
    by_source: dict[FactSource, list[str]] = {}
    for name, source in sources.items():
        by_source.setdefault(source, []).append(name)
    if by_source:
        yield from ("", "where these names are known from")
    for source, names in sorted(by_source.items(), key=lambda each: oldest_first(each[0].since)):
        yield from _indented("  ", [f"{', '.join(names)} [{_since(source)}]"])


def _changes(older: Release, newer: Release, found: Sequence[Change], *, back: bool) -> Iterator[str]:
    yield f"from {older.name} to {newer.name}: {len(found) or 'no'} change{'' if len(found) == 1 else 's'} on the wire"
    for change in found:
        yield ""
        yield f"{'up to' if back else 'since'} {change.since}, {change.topic} ({_sourced(change.source)})"
        if change.before:
            yield from _indented("  was  ", [change.before])
        yield from _indented("  now  " if change.before else "  ", [change.after])


def _dated(release: Release) -> str:
    return f"{release.date or '?':12}"


def _indented(head: str, sentences: Iterable[str]) -> Iterator[str]:
    """Yield sentences beside and below *head*, wrapped at the width of the terminal."""
    width = max(60, min(shutil.get_terminal_size().columns, 120))
    for sentence in sentences:
        wrapped = textwrap.wrap(
            sentence, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
        )
        yield from wrapped
        head = " " * len(head)


def _head_json(release: Release) -> dict[str, Any]:
    return {
        "name": release.name,
        "date": release.date,
        "generation": release.generation,
        **_source_json(release.source),
        "note": release.note,
    }


def _source_json(source: FactSource) -> dict[str, str]:
    return {"source": source.kind, "evidence": source.evidence}


def _change_json(change: Change) -> dict[str, Any]:
    return {**structs.asdict(change), **_source_json(change.source)}


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {**structs.asdict(fact), "since": fact.source.since, **_source_json(fact.source)}


def _history_json(releases: Releases) -> Iterator[str]:
    known = _all(releases)
    listed = [
        {
            **_head_json(release),
            "changes": [_change_json(change) for change in releases.changes(before.name, release.name)],
        }
        for before, release in pairwise([known[0], *known])
    ]
    yield json.dumps(listed, indent=1, ensure_ascii=False, default=str)


def _whole_json(releases: Releases, release: str) -> Iterator[str]:
    listed = [_fact_json(fact) for fact in releases.facts(release).values()]
    sources = {name: structs.asdict(source) for name, source in releases.page_sources(release).items()}
    page = {"page": dict(releases.page_names(release)), "page_sources": sources}
    whole = {**_head_json(releases.find(release)), "facts": listed, **page}
    yield json.dumps(whole, indent=1, ensure_ascii=False, default=str)


def _changes_json(older: Release, newer: Release, found: Sequence[Change]) -> Iterator[str]:
    listed = {"from": older.name, "to": newer.name, "changes": [_change_json(change) for change in found]}
    yield json.dumps(listed, indent=1, ensure_ascii=False)
