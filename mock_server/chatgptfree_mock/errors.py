"""
Errors in what a user gave the mock: files, settings, words, addresses.

Every message names the problem, its place and a remedy; the command line prints it as it is and exits with 2.
"""

from __future__ import annotations

import re
from typing import Final


class MockError(Exception):
    """The base of all errors of this package; its text is a sentence for the user."""

    quotes_file: str | None = None
    """The file whose contents the text may quote; None if it quotes none."""

    @property
    def public(self) -> str:
        """Return the text for answers over the network: nothing that was read from a file is in it."""
        if self.quotes_file is None:
            return str(self)
        return f"{self.quotes_file}: the file cannot be used; the server has printed what is wrong with it"


class CassetteError(MockError):
    """A cassette can't be read or written; *place* is a path into it, such as ``$.interactions[0].response``."""

    def __init__(self, problem: str, *, file: str | None = None, place: str | None = None, repair: str = "") -> None:
        text = problem if file is None else f"{file}: {problem}"
        if place:
            text += f" - at `{place}`"
        if repair:
            text += f" ({repair})"
        super().__init__(text)
        self.problem, self.file, self.place, self.repair = problem, file, place, repair
        self.quotes_file = file


class UnreadableFileError(CassetteError):
    """A file that is not there or cannot be opened; nothing of its contents is in the text."""

    def __init__(self, problem: str, *, file: str, repair: str = "") -> None:
        super().__init__(problem, file=file, repair=repair)
        self.quotes_file = None


class SettingsError(MockError):
    """A setting, a scenario or an option does not exist or is invalid; the message names the nearest that exists."""


class DeliveryError(MockError):
    """A word for chunks, pace or fault does not exist."""


class ClockError(MockError):
    """A clock can't be turned that far."""


class UnknownReleaseError(MockError):
    """No such release of the plugin; the message lists what there is."""


class MockWarning(UserWarning):
    """A setting of a test has had no effect: a fault that was never applied, a file that was left out."""


class ServingError(MockError):
    """The server can't start: a busy port, a host that isn't ours."""


class OneProcessError(MockError):
    """The request needs a single process, but several serve the sites; the message gives the reason."""


class InterceptError(MockError):
    """A site can't be intercepted: the host is invalid, or the certificate cannot be written."""


class MissingError(MockError):
    """A package of an extra is not installed, or the operating system lacks a feature; the message names the remedy."""


_WORDS: Final = {
    "Object contains unknown field": "unknown key",
    "Object missing required field": "missing key",
    "Invalid enum value": "unknown value",
    "Expected `": "expected `",
}
_TYPES: Final = {
    "array": "a list",
    "object": "a mapping",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
"""The names that msgspec has for types, in words."""


def key_problem(problem: str) -> str:
    """Return msgspec's *problem* in the words of YAML and JSON: keys, lists, mappings, texts."""
    for theirs, ours in _WORDS.items():
        problem = problem.replace(theirs, ours)
    if not problem.startswith("expected "):
        return problem
    types, at, place = problem.partition(" - at ")
    return re.sub(r"`([^`]*)`", _type_in_words, types) + at + place


def _type_in_words(found: re.Match[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in found[1].split(" | "))
