"""``chatgptfree-mock releases``: the releases of the plugin, and what changed on the wire between them."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import pairwise

import click

from chatgptfree_mock.contract.releases import Change
from chatgptfree_mock.sites.aipower.changelog import changes, facts, names_on_page
from chatgptfree_mock.sites.aipower.releases import RELEASES, Release, find

_COLUMN = 10


@click.command(short_help="List the releases and what each changed on the wire.")
@click.argument("first", required=False)
@click.argument("last", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def command(first: str | None, last: str | None, as_json: bool) -> None:
    """
    List the releases and what each changed on the wire; with one, tell all of it; with two, what differs.

    FIRST and LAST are release numbers of the plugin, such as 1.8.90 and 2.4.71.
    """
    if first is None:
        _print(_history_plain() if as_json else _history())
    elif last is None:
        release = find(first)
        _print(_whole_plain(release) if as_json else _whole(release, first))
    else:
        older, newer = find(first), find(last)
        found = changes(older, newer)
        _print(_changes_plain(older, newer, found) if as_json else _changes(older, newer, found))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _history() -> Iterator[str]:
    yield f"{RELEASES[0].name:{_COLUMN}}{_dated(RELEASES[0])}the oldest that is imitated"
    for before, release in pairwise(RELEASES):
        if before.generation != release.generation:
            yield ""
        found = [change.after for change in changes(before, release)] or ["nothing new on the wire"]
        head = f"{release.name:{_COLUMN}}{_dated(release)}"
        yield from _hanging(head, found if before.generation == release.generation else found[:1])


def _whole(release: Release, asked: str) -> Iterator[str]:
    as_asked = "" if asked == release.name else f" (what there is for {asked})"
    yield f"{release.name}{as_asked}, {release.date or 'date unknown'}"
    topic = ""
    for fact in sorted(facts(release).values(), key=lambda fact: fact.topic):
        if fact.topic != topic:
            topic = fact.topic
            yield from ("", topic)
        yield from _hanging("  ", [fact.sentence])
    yield from ("", "on the page, in this order")
    yield from _hanging("  ", [", ".join(names_on_page(release))])


def _changes(older: Release, newer: Release, found: list[Change]) -> Iterator[str]:
    yield f"from {older.name} to {newer.name}: {len(found) or 'no'} change{'' if len(found) == 1 else 's'} on the wire"
    for change in found:
        yield ""
        yield f"since {change.since}, {change.topic}"
        if change.before:
            yield from _hanging("  was  ", [change.before])
        yield from _hanging("  now  " if change.before else "  ", [change.after])


def _dated(release: Release) -> str:
    return f"{release.date or '?':12}"


def _hanging(head: str, sentences: Iterable[str]) -> Iterator[str]:
    """Yield sentences beside and below *head*, wrapped at the width of the terminal."""
    width = max(60, min(shutil.get_terminal_size().columns, 120))
    for sentence in sentences:
        wrapped = textwrap.wrap(
            sentence, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
        )
        yield from wrapped
        head = " " * len(head)


def _history_plain() -> Iterator[str]:
    told = []
    for before, release in pairwise([RELEASES[0], *RELEASES]):
        head = {"name": release.name, "date": release.date, "generation": release.generation}
        told.append({**head, "changes": [asdict(change) for change in changes(before, release)]})
    yield json.dumps(told, indent=1, ensure_ascii=False)


def _whole_plain(release: Release) -> Iterator[str]:
    head = {"name": release.name, "date": release.date, "generation": release.generation}
    told = [asdict(fact) for fact in facts(release).values()]
    yield json.dumps({**head, "facts": told, "page": dict(names_on_page(release))}, indent=1, ensure_ascii=False)


def _changes_plain(older: Release, newer: Release, found: list[Change]) -> Iterator[str]:
    told = {"from": older.name, "to": newer.name, "changes": [asdict(change) for change in found]}
    yield json.dumps(told, indent=1, ensure_ascii=False)
