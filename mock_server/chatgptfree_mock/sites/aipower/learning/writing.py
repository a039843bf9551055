"""Write a draft as a release file, with the evidence behind each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ORDER: Final = ("traits", "providers", "actions", "page", "texts", "events", "wording")
_LONGEST_COMMENT: Final = 200
_LONGEST_QUESTION: Final = 1000


def release_file(draft: Draft, *, source: str, alike: str, assumed: Sequence[str], unused: Sequence[str] = ()) -> str:
    """
    Return the text of the file.

    *source* names the recording, *alike* counts the exchanges that are answered as recorded, *assumed* has the
    assumptions about the recorded site by exchange, and *unused* lists the exchanges that were not used.
    """
    return "\n".join(_lines(draft, source, alike, assumed, unused)) + "\n"


def _lines(draft: Draft, source: str, alike: str, assumed: Sequence[str], unused: Sequence[str]) -> Iterator[str]:
    yield from _comment(f"{draft.name}, learned from {source}: {alike}.")
    yield "# A comment names the exchange that shows a line. Traits that no exchange shows are those of the base."
    if unused:
        yield "# Not compared, as they are not the chat's or were given up by the client:"
        for each in unused:
            yield from _comment(f"  {each}")
    if assumed:
        yield "# Assumed of the recorded site:"
        for each in assumed:
            yield from _comment(f"  {each}")
    if draft.questions:
        yield "# Open questions:"
        for each in draft.questions:
            yield from _question(each)
    yield f"base: {quoted(draft.base.name)}"
    yield "source: recorded"
    for part in _ORDER:
        if draft.data.get(part):
            yield f"{part}:"
            yield from _part(draft, (part,), draft.data[part])


def _part(draft: Draft, place: FilePlace, value: Any) -> Iterator[str]:
    indent = "  " * len(place)
    if isinstance(value, list):
        for item in value:
            name = item["name"] if isinstance(item, dict) else item
            yield f"{indent}- {flow(item)}{_evidence(draft, (*place, name))}"
        return
    for key, item in value.items():
        here = (*place, key)
        if here in draft.evidence:
            yield f"{indent}{word(key)}: {flow(item)}{_evidence(draft, here)}"
        elif item:
            yield f"{indent}{word(key)}:"
            yield from _part(draft, here, item)


def _evidence(draft: Draft, place: FilePlace) -> str:
    return f"  # {_one_line(draft.evidence[place])}"


def _question(text: str) -> Iterator[str]:
    """Yield a question and its further lines, such as possible answers, one line each and unshortened."""
    first, *further = text.split("\n")
    yield f"#   ? {_one_line(first, longest=_LONGEST_QUESTION)}"
    yield from (f"#       {_one_line(each, longest=_LONGEST_QUESTION)}" for each in further)


def _comment(text: str) -> Iterator[str]:
    yield f"# {_one_line(text)}" if not text.startswith("  ") else f"#   {_one_line(text)}"


def _one_line(text: str, longest: int = _LONGEST_COMMENT) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def flow(value: Any) -> str:
    """Return plain data in YAML's flow style, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{word(str(key))}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return word(value) if isinstance(value, str) else json.dumps(value)


def word(text: str) -> str:
    """Return *text* plain if YAML reads it as a text, else in double quotes."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT else quoted(text)


def quoted(text: str) -> str:
    """Return *text* in double quotes, all on one line; lone surrogates, which YAML cannot hold, become U+FFFD."""
    writable = _SURROGATE.sub("\ufffd", text)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(writable, ensure_ascii=False))
