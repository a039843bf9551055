"""
Which faults are planted: a sample that stays the same while the lines that it is planted into stay.

A *place* is a column of a line and a family of operators, such as all comparisons that another can replace.  Each place
has a name of its own, made from the text of the line and not from its number: lines that are added, moved or removed
elsewhere change nothing about the others.  The places that rank first are the sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath

UNSEEN = ("core/ReplaceBinaryOperator_BitOr_", "core/RemoveDecorator", "core/ExceptionReplacer")
"""Operators left out: unions in annotations are never evaluated; frozen values, the flags of
dataclasses and other exceptions are for mypy.  The `*` before keyword-only parameters is no operator."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One change that cosmic-ray can make to a module.

    *occurrence* numbers the changes of the same *operator* in the module; *start* and *end* are (line, column), lines
    counted from 1.
    """

    module: str
    operator: str
    occurrence: int
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def family(self) -> str:
        """The operator without what it replaces the code with: `…_Lt_GtE` and `…_Lt_Eq` are one family."""
        return self.operator.rpartition("_")[0] or self.operator


def rank(faults: Iterable[Fault], sources: Mapping[str, Sequence[str]], seed: int) -> dict[str, Fault]:
    """
    Return one fault per place by the place's name, in the order in which a sample takes them.

    A name is that of the module's file and a digest, such as `forms-00c0ffee17`; the lowest digest comes first.

    Args:
        faults: All that there are, in any order.
        sources: The lines of each module.
        seed: Another one ranks the places differently.
    """
    digests = sorted(_faulty_places(faults, sources, seed), key=lambda place: place[0])
    return {f"{PurePath(found[0].module).stem}-{digest}": _one(found, digest) for digest, found in digests}


def _one(faults: Sequence[Fault], digest: str) -> Fault:
    return min(enumerate(faults), key=lambda each: _digest(digest, each[1].operator, each[0]))[1]


def _faulty_places(
    faults: Iterable[Fault], sources: Mapping[str, Sequence[str]], seed: int
) -> Iterator[tuple[str, list[Fault]]]:
    """Yield the digest and the faults of each place; equal lines of a module are numbered."""
    alike: dict[tuple[object, ...], dict[int, list[Fault]]] = {}
    for fault in sorted(faults, key=lambda each: (each.start, each.operator, each.occurrence)):
        line, column = fault.start
        source = sources[fault.module][line - 1]
        if not source.lstrip().startswith("@dataclass(") and not source.startswith("*,", column):
            alike_key = (fault.module, source.strip(), column, fault.family)
            alike.setdefault(alike_key, {}).setdefault(line, []).append(fault)
    for key, lines in alike.items():
        for ordinal, line in enumerate(sorted(lines)):
            yield _digest(seed, *key, ordinal), lines[line]


def _digest(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:10]
