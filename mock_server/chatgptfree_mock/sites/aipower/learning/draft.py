"""A release file in progress: its contents, the source of each line, and open questions."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, Final

import msgspec

from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.release import derive
from chatgptfree_mock.sites.aipower.releases.release_file import ReleaseFile
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace

LISTS: Final = frozenset({"dropped", "added"})
"""The keys of a release file that hold lists; the others hold mappings."""


class Draft(msgspec.Struct, kw_only=True):
    """The differences of the release *name* from *base*, as far as they are known."""

    name: str
    base: PluginRelease
    data: dict[str, Any] = msgspec.field(default_factory=dict)
    """The contents of the file except its base, as plain data."""
    evidence: dict[FilePlace, str] = msgspec.field(default_factory=dict)
    """By the place of a line (an item of a list by its name): which exchange shows it, and what was seen."""
    questions: dict[str, str] = msgspec.field(default_factory=dict)
    """Each with the exchange that settles it once that is answered as recorded; empty if there is none."""
    lacking: dict[str, str] = msgspec.field(default_factory=dict)
    """By exchange: its differences that a release file cannot express, in words."""
    made: dict[str, PluginRelease] = msgspec.field(default_factory=dict)
    """The releases derived so far, by the contents of the file."""

    def put(self, place: FilePlace, key: str, value: Any, evidence: str) -> None:
        """Put a line into the mapping at *place*, for the reason *evidence*."""
        self._at(place)[key] = value
        self.evidence[(*place, key)] = evidence

    def add(self, place: FilePlace, item: Any, evidence: str) -> None:
        """Put a line into the list at *place*: a name, or a row or an event with one."""
        self._at(place).append(item)
        name = item["name"] if isinstance(item, dict) else item
        self.evidence[(*place, name)] = evidence

    def ask(self, question: str, *, settled_by: str = "") -> None:
        """Add a question for the reader of the file, one that the exchange *settled_by* may settle."""
        self.questions.setdefault(question, settled_by)

    def lack(self, exchange: str, what: str) -> None:
        """Note *what* a release file cannot express of *exchange*; it becomes a question for the reader as well."""
        self.lacking[exchange] = what
        self.ask(f"{exchange}: {what}")

    def settle(self, exchange: str) -> None:
        """Drop the questions that *exchange* settles, now that it is answered as recorded."""
        self.questions = {question: by for question, by in self.questions.items() if by != exchange}

    def copy(self) -> Draft:
        """Return an independent copy."""
        return Draft(
            name=self.name,
            base=self.base,
            data=deepcopy(self.data),
            evidence=dict(self.evidence),
            questions=dict(self.questions),
            lacking=dict(self.lacking),
            made=self.made,
        )

    def release(self) -> PluginRelease:
        """
        Return the release that the draft describes.

        Raises:
            SettingsError: the contents are not valid for a release.
        """
        text = json.dumps(self.data)
        if text not in self.made:
            self.made[text] = derive(self.name, convert(self.data, ReleaseFile), self.base)
        return self.made[text]

    def _at(self, place: FilePlace) -> Any:
        here: Any = self.data
        for key in place:
            here = here.setdefault(key, [] if key in LISTS else {})
        return here
