"""
A release as a file: its differences from the release that it is based on.

The file is YAML or TOML and named after its release: `2.5.0.yaml`.  The releases that ship have the same form.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.sites.wordpress.release_number import is_number
from chatgptfree_mock.tape.toml_document import decode_toml
from chatgptfree_mock.tape.whole_file import read_bytes
from chatgptfree_mock.tape.yaml.nodes import is_null, mapping, plain, text
from chatgptfree_mock.tape.yaml.user_file import LIMIT, yaml_document

Generation = Literal["wpaicg", "aipkit"]
SourceText = Annotated[
    str, msgspec.Meta(extra_json_schema={"pattern": r"^(recorded|source|changelog|guess|unknown)([, ].*)?$"})
]
"""A source in text form; see `sources.parse_source`, which checks it."""
DateText = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": r"^(\d{4}-\d{2}(-\d{2})?)?$"})]
YAML: Final = (".yaml", ".yml")
TOML: Final = (".toml",)
TEXTS: Final = ("base", "date", "note")
"""The keys whose values are text, although YAML may read a number or a date."""


class RowToAdd(SettingsPart, frozen=True, kw_only=True):
    """A new attribute, key or text, after or before the one named, or at the end."""

    name: str
    """The name of the attribute or key; an attribute of the page begins with `data-`."""
    value: Any = ""
    """
    The value; `{nonce}`, `{bot_id}`, `{post_id}`, `{ajax_url}` and `{release}` are filled in when the page is rendered.
    """
    after: str | None = None
    """The row that it follows; by default it comes last."""
    before: str | None = None
    """The row that it precedes."""
    spaced: bool = False
    """WPAICG: blanks surround the attribute's equals sign."""

    def without(self, prefix: str) -> RowToAdd:
        """Return the row without *prefix* at the beginning of its name and of its neighbour's name."""
        after = None if self.after is None else self.after.removeprefix(prefix)
        before = None if self.before is None else self.before.removeprefix(prefix)
        return msgspec.structs.replace(self, name=self.name.removeprefix(prefix), after=after, before=before)


class RowChanges(SettingsPart, frozen=True, kw_only=True):
    """What changes on the page: rows are dropped, then renamed, then changed, then added."""

    dropped: list[str] = msgspec.field(default_factory=list)
    """The rows that are gone."""
    renamed: dict[str, str] = msgspec.field(default_factory=dict)
    """New names by the old ones."""
    changed: dict[str, Any] = msgspec.field(default_factory=dict)
    """
    New values by name.

    They are defaults that a bot's settings change. What the site computes itself (`nonce`, `botId`, `headerName`) is
    written as it is here.
    """
    added: list[RowToAdd] = msgspec.field(default_factory=list)
    """The rows that are new."""

    @staticmethod
    def empty() -> RowChanges:
        """Return an empty set of changes, to be filled."""
        return RowChanges(dropped=[], renamed={}, changed={}, added=[])


class EventToAdd(SettingsPart, frozen=True, kw_only=True):
    """A new event, sent once a stream: after the first event of that name, or before it."""

    name: str
    """The name of the event."""
    data: Any = msgspec.field(default_factory=dict)
    """The data of the event, which are sent as JSON; default `{}`."""
    after: str | None = None
    """The event that it follows."""
    before: str | None = None
    """The event that it precedes."""


class EventChanges(SettingsPart, frozen=True, kw_only=True):
    """What changes in the streams."""

    renamed: dict[str, str] = msgspec.field(default_factory=dict)
    """New names by the old ones."""
    keys: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """By event: new names of keys of its data by the old ones."""
    added: list[EventToAdd] = msgspec.field(default_factory=list)
    """The events that are new."""


class ReleaseFile(SettingsPart, frozen=True, kw_only=True):
    """One release, as its file has it."""

    base: str | None = None
    """The release that this one differs from."""
    generation: Generation | None = None
    """For a release without a base: its protocol."""
    date: DateText = ""
    """Day of publication, such as ``2026-08-21``, or its month; empty if it is not known."""
    source: SourceText = "unknown"
    """
    The source of the facts in the file.

    `recorded` (a recording), `source` (the published code), `changelog` (nothing else), `guess` or `unknown`; evidence
    may follow after a blank or a comma: `recorded 2.3.41/stream_ok`, `changelog, seen in the source of 2.4.94`.
    """
    sources: dict[str, SourceText] = msgspec.field(default_factory=dict)
    """Other sources, by what they are about: `traits.throttle`, `page.sttLimits`, `providers.xAI`, `texts`."""
    note: str = ""
    """A remark about the release, in a sentence."""
    traits: dict[str, Any] = msgspec.field(default_factory=dict)
    """Behaviour on the wire that differs from the base."""
    providers: dict[str, dict[str, Any] | None] = msgspec.field(default_factory=dict)
    """Traits by provider, where they differ from the base; null: the release does not have the provider."""
    actions: dict[str, str] = msgspec.field(default_factory=dict)
    """New names of actions of admin-ajax.php by those that the generation has."""
    page: RowChanges = RowChanges()
    """Attributes, whose names begin with `data-`, and keys of `data-config`."""
    texts: RowChanges = RowChanges()
    """The texts in `data-config`, or in the languages of `wpaicgParams`."""
    events: EventChanges = EventChanges()
    """What changes in streams."""
    wording: dict[str, str] = msgspec.field(default_factory=dict)
    """
    New sentences by those that the generation sends, word for word.

    A release based on this one inherits them; a sentence that is given itself is again as the generation has it.
    """


def release_name(path: Path) -> str:
    """
    Return the release that the file at *path* is named after.

    Raises:
        SettingsError: it is not named after a release, or its ending is neither YAML's nor TOML's.
    """
    if path.suffix.lower() not in (*YAML, *TOML) or not is_number(path.stem):
        raise SettingsError(f"{path}: a release's file is named after it, such as 2.5.0.yaml or 2.5.0.toml")
    return path.stem


def load_file(path: Path) -> ReleaseFile:
    """
    Read the release at *path*.

    Raises:
        SettingsError: it cannot be read, or contains something that releases do not have; the message names the place.
    """
    value = _toml(path) if path.suffix.lower() in TOML else _yaml(path)
    return convert(value, ReleaseFile, file=str(path))


def _toml(path: Path) -> dict[str, Any]:
    try:
        value = decode_toml(read_bytes(path, limit=LIMIT))
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    except ValueError as exc:
        raise SettingsError(f"{path}: not TOML: {exc}") from exc
    date = value.get("date")
    return {**value, "date": date.isoformat()} if isinstance(date, dt.date) else value


def _yaml(path: Path) -> dict[str, Any]:
    with yaml_document(path) as node:
        if node is None or is_null(node):
            return {}
        entries = mapping(node, "a release")
        return {key: text(value, key) if key in TEXTS else plain(value) for key, value in entries.items()}
