"""
Queries of the journal in the control API: the exchanges to read, and those to export.

Redaction is imported late: it is slow, and only an export needs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import Exchange, Filter, Journal

if TYPE_CHECKING:
    from chatgptfree_mock.server.journal_export import ExportedFile
    from chatgptfree_mock.tape.redaction import Rules


class JournalExport(SettingsPart, frozen=True, kw_only=True):
    """The exchanges to export, and the file format."""

    format: Literal["cassette", "har", "scenario"]
    """The format of the file."""
    numbers: list[int] = msgspec.field(default_factory=list)
    """The numbers of the exchanges; all of them if it is empty."""
    title: str = ""
    """The title of a scenario."""
    expect: dict[str, Any] | None = None
    """What a good client makes of a scenario, which needs it: `text`, or `error` and `partial`."""


class ExportedSite(NamedTuple):
    """A site whose exchanges are exported."""

    spec: SiteSpec
    release: str
    """The release that it imitates or that its recordings name; empty if there is none."""


FILTERS: Final = Filter.__struct_fields__
"""The keys of a filter of the journal."""


def filter_of(query: Mapping[str, str]) -> Filter:
    """
    Read a filter of the journal from a query, whose keys are some of `FILTERS`.

    Raises:
        SettingsError: a number is wrong.
    """
    numbers = {key: _number(key, query[key]) for key in ("status", "after") if key in query}
    return convert({**query, **numbers}, Filter)


async def export(
    wanted: JournalExport, journal: Journal, rules: Rules, exported: Callable[[str], ExportedSite | None]
) -> ExportedFile:
    """
    Return the requested file, redacted by *rules* on a thread, since it takes long.

    *exported* returns a site by its name; None if the site no longer exists.

    Raises:
        SettingsError: an exchange does not exist or cannot be exported, or something is missing for a scenario.
    """
    from chatgptfree_mock.server.journal_export import cassette_file, har_file
    from chatgptfree_mock.server.scenario_export import scenario_file

    exchanges = _numbered(journal, wanted.numbers)
    found = [exported(site) for site in dict.fromkeys(exchange.site for exchange in exchanges)]
    sites = [site for site in found if site is not None]
    if wanted.format == "scenario":
        if wanted.expect is None:
            raise SettingsError("a scenario needs `expect`: the `text` of a good client, or its `error` and `partial`")
        if len(found) != 1 or len(sites) != 1:
            raise SettingsError("a scenario is about one site: choose exchanges of a single site that still exists")
        make = partial(scenario_file, exchanges, rules, sites[0].spec, title=wanted.title, expect=wanted.expect)
    else:
        if wanted.title or wanted.expect is not None:
            raise SettingsError("`title` and `expect` are for a scenario; leave them out")
        releases = {site.release for site in sites}
        release = releases.pop() if len(releases) == 1 and len(sites) == len(found) else ""
        make = partial(cassette_file if wanted.format == "cassette" else har_file, exchanges, rules, release=release)
    return await asyncio.to_thread(make)


def _numbered(journal: Journal, numbers: Sequence[int]) -> list[Exchange]:
    """Return the exchanges of these *numbers*, or all, oldest first."""
    kept = journal.select()
    missing = set(numbers) - {exchange.number for exchange in kept}
    if missing:
        raise SettingsError(f"the journal has no exchange {', '.join(f'#{number}' for number in sorted(missing))}")
    return [exchange for exchange in kept if not numbers or exchange.number in numbers]


def _number(key: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"`{key}` must be a whole number, not `{text[:40]}`") from None
