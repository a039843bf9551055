"""
Filler that makes a page as large as real ones: preset styles, an article, comments.

It is generated from a few phrases and the same in every call, so that two renderings are equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

_COLOURS = ("ink", "paper", "mist", "ocean", "leaf", "clay", "plum", "amber", "night", "rose", "slate", "sand")
_PROPERTIES = ("color", "background-color", "border-color", "outline-color", "fill", "caret-color")
_SIDES = ("top", "right", "bottom", "left")
_SUBJECTS = ("A language model", "This assistant", "The chat", "A good question", "The answer", "A short prompt")
_VERBS = ("explains", "summarises", "rewrites", "compares", "translates", "sketches", "checks", "shortens")
_OBJECTS = (
    "an e-mail that has to be friendly but firm",
    "the plot of a novel without giving away its end",
    "two recipes for the same evening",
    "a paragraph of a thesis in plain words",
    "the steps of a long division",
    "a cover letter for a first job",
    "a poem about the sea in four lines",
    "the difference between “which” and “that”",
)
_ENDS = (
    "and says where it is not sure",
    "in a tone that you choose",
    "before the kettle has boiled",
    "without asking for an account",
    "as often as you like",
    "and keeps the thread of the talk",
)
_TITLES = ("What you can ask", "How it works", "Writing with a machine", "For pupils and teachers", "Good to know")
_AUTHORS = ("Mina", "Jörg", "Adaeze", "Théo", "Linh", "Sam", "Iwona", "Rafael")
_KEPT: Final = 1024
"""Rules and sentences that are kept: all pages share them, and one of the default size has 450 and 340."""


class Section(msgspec.Struct, frozen=True):
    """A heading and the text below it."""

    id: str
    title: str
    paragraphs: tuple[str, ...]


class Comment(msgspec.Struct, frozen=True):
    """A comment of a reader."""

    id: int
    author: str
    date: str
    text: str


def styles(size: int) -> str:
    """Return about *size* characters of preset classes, as a block theme prints them inline."""
    lines = ["\t\t:root {"]
    lines.extend(f"\t\t\t--wp--preset--color--{name}: hsl({30 * i}, 42%, 46%);" for i, name in enumerate(_COLOURS))
    lines.append("\t\t}")
    written, number = sum(len(line) + 1 for line in lines), 0
    while written < size:
        line = _style(number)
        lines.append(line)
        written += len(line) + 1
        number += 1
    return "\n".join(lines)


@lru_cache(_KEPT)
def _style(number: int) -> str:
    name, rule = _COLOURS[number % len(_COLOURS)], _PROPERTIES[number // len(_COLOURS) % len(_PROPERTIES)]
    step = number // (len(_COLOURS) * len(_PROPERTIES))
    state = f":where(.tone-{step} *)" if step else ""
    side = _SIDES[number % len(_SIDES)]
    return f"\t\t.has-{name}-{rule}{state} {{ {rule}: var(--wp--preset--color--{name}); margin-{side}: 0; }}"


def sections(size: int) -> list[Section]:
    """Return an article of about *size* characters."""
    found: list[Section] = []
    written, number = 0, 0
    while written < size:
        paragraphs: list[str] = []
        while written < size and len(paragraphs) < 6:
            paragraphs.append(" ".join(sentence(5 * number + i) for i in range(5)))
            written += len(paragraphs[-1]) + 12
            number += 1
        place = len(found)
        title = _TITLES[place % len(_TITLES)] + (f", part {place // len(_TITLES) + 1}" if place >= len(_TITLES) else "")
        found.append(Section(f"section-{place + 1}", title, tuple(paragraphs)))
    return found


def comments(count: int) -> list[Comment]:
    """Return *count* comments."""
    return [
        Comment(400 + 3 * i, _AUTHORS[i % len(_AUTHORS)], f"2024-10-{i % 28 + 1:02}", f"{sentence(11 * i)} Thank you!")
        for i in range(count)
    ]


@lru_cache(_KEPT)
def sentence(number: int) -> str:
    """Return the sentence with that *number*; sentences repeat after the last one."""
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    verb, thing = _VERBS[(number * 5 + 1) % len(_VERBS)], _OBJECTS[(number * 3 + number // 8) % len(_OBJECTS)]
    return f"{subject} {verb} {thing} {_ENDS[(number * 7 + 2) % len(_ENDS)]}."
