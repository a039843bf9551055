"""
No regular expression takes exponential time.

That happens where a repeated group ends in a repetition that may also begin the group, as in ``(?:[a-z]+-?)+``: a text
that does not match is then split in every possible way.  Possessive repetitions (``++``, ``*+``) are not split.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found,unused-ignore]
import re._parser as parser  # type: ignore[import-not-found,unused-ignore]
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import chatgptfree
import chatgptfree_mock
from chatgptfree_mock.tape.lazy_pattern import LazyPattern

CHARACTERS = frozenset([*map(chr, range(1, 128)), "é", "漢"])
OFTEN = 30
"""A repetition that may go on for so long counts as one without an end."""
SPLIT = (op.MAX_REPEAT, op.MIN_REPEAT)
WHOLE = (op.POSSESSIVE_REPEAT, op.ATOMIC_GROUP)


def patterns() -> dict[str, re.Pattern[Any]]:
    """Return the regular expressions that modules of both packages hold, by module and name."""
    found: dict[str, re.Pattern[Any]] = {}
    for package in (chatgptfree, chatgptfree_mock):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    found |= {f"{module.name}.{name}{place}": each for place, each in held_in(value)}
    return {next(iter(names)): each for each, names in by_pattern(found).items()}


def by_pattern(found: dict[str, re.Pattern[Any]]) -> dict[re.Pattern[Any], list[str]]:
    names: dict[re.Pattern[Any], list[str]] = {}
    for name, pattern in found.items():
        names.setdefault(pattern, []).append(name)
    return names


def held_in(value: object, depth: int = 3) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, LazyPattern):
        value = value.compiled
    if isinstance(value, re.Pattern):
        yield "", value
    elif depth and isinstance(value, dict):
        yield from held_in([*value, *value.values()], depth)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for number, each in enumerate(value):
            yield from ((f"[{number}]{place}", found) for place, found in held_in(each, depth - 1))


def problems(pattern: re.Pattern[Any]) -> list[str]:
    """Return the characters at which a text may be split in several ways, for each such repetition."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(source, pattern.flags & ~(re.UNICODE | re.ASCII | re.DEBUG))
    return ["".join(sorted(each)) for each in overlaps(tree)]


def overlaps(tree: Iterable[tuple[Any, Any]]) -> Iterator[set[str]]:
    for kind, value in tree:
        if kind in SPLIT and value[1] > OFTEN:
            begins, _ = first(value[2])
            yield from (shared for ends in ending(value[2]) if (shared := begins & ends))
        for inner in inside(kind, value):
            yield from overlaps(inner)


def inside(kind: Any, value: Any) -> list[Any]:
    """Return the sequences within an item."""
    if kind in (*SPLIT, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    if kind is op.BRANCH:
        return list(value[1])
    return [value[1]] if kind in (op.ASSERT, op.ASSERT_NOT) else []


def first(tree: Iterable[tuple[Any, Any]]) -> tuple[set[str], bool]:
    """Return the characters with which a sequence may begin, and whether it may be empty."""
    begins: set[str] = set()
    for kind, value in tree:
        letters, empty = first_of(kind, value)
        begins |= letters
        if not empty:
            return begins, False
    return begins, True


def first_of(kind: Any, value: Any) -> tuple[set[str], bool]:
    if (letters := characters(kind, value)) is not None:
        return letters, False
    if kind in (op.ASSERT, op.ASSERT_NOT) or not (inner := inside(kind, value)):
        return set(), True
    found = [first(each) for each in inner]
    repeated_never = kind in (*SPLIT, op.POSSESSIVE_REPEAT) and value[0] == 0
    return set().union(*(letters for letters, _ in found)), repeated_never or any(empty for _, empty in found)


def ending(tree: Iterable[tuple[Any, Any]]) -> Iterator[set[str]]:
    """Yield what each repetition may begin with that may be the end of a sequence, and may give something back."""
    for kind, value in reversed(list(tree)):
        if kind in WHOLE:
            return
        if kind in SPLIT and value[1] > OFTEN:
            yield first(value[2])[0]
        if kind not in (op.ASSERT, op.ASSERT_NOT):
            for inner in inside(kind, value):
                yield from ending(inner)
        if not first_of(kind, value)[1]:
            return


def characters(kind: Any, value: Any) -> set[str] | None:
    """Return the characters that an item for one character takes; None if it is another item."""
    if kind is op.LITERAL:
        return {chr(value)}
    if kind is op.NOT_LITERAL:
        return {each for each in CHARACTERS if each != chr(value)}
    if kind is op.ANY:
        return set(CHARACTERS)
    if kind is not op.IN:
        return None
    taken = set().union(*(members(*each) for each in value))
    return {each for each in CHARACTERS if each not in taken} if value[0][0] is op.NEGATE else taken


def members(kind: Any, value: Any) -> set[str]:
    if kind is op.LITERAL:
        return {chr(value)}
    if kind is op.RANGE:
        return {each for each in CHARACTERS if value[0] <= ord(each) <= value[1]}
    if kind is op.CATEGORY:
        name = str(value).removeprefix("CATEGORY_").removeprefix("UNI_")
        letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[name.removeprefix("NOT_")]
        letter = letter.upper() if name.startswith("NOT_") else letter
        return {each for each in CHARACTERS if re.match(rf"\{letter}", each)}
    return set()


@pytest.mark.parametrize(
    ("source", "splits"),
    [
        (r"(?:[a-z]+-?)+", True),
        (r"=[^ ]*(?:&[^ ]*)*\Z", True),
        (r"(?:a|b+)*c", True),
        (r"(?:[a-z]++-?)+", False),
        (r"=[^ &]*(?:&[^ &]*)*\Z", False),
        (r"(?:[a-z]+-)+", False),
    ],
)
def test_what_splits_a_text_in_several_ways(source: str, splits: bool) -> None:
    assert bool(problems(re.compile(source))) is splits


def test_no_pattern_takes_exponential_time() -> None:
    every = patterns()
    assert len(every) > 400
    found = {name: each for name, pattern in every.items() if (each := problems(pattern))}
    # Each entry of a list ends in a comma or a blank, or at the end of the text, where nothing can follow.
    assert found.keys() <= {"chatgptfree_mock.tape.structured_values._PLAIN"}, found
