"""The sample of faults is the same while its lines stay as they are."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from tests.mutation.sample import Fault, rank

_LESS = ("core/ReplaceComparisonOperator_Lt_GtE", "core/ReplaceComparisonOperator_Lt_Eq")
_LINES = st.lists(st.sampled_from(["if a < b:", "    while c < d:", "e = f < 9", "g = 1"]), max_size=12)


def faults_of(lines: list[str]) -> list[Fault]:
    """Return what cosmic-ray could do to the comparisons in *lines*."""
    starts = [(number, line.index("<")) for number, line in enumerate(lines, 1) if "<" in line]
    return [
        Fault("package/module.py", name, at, start, (start[0], start[1] + 1))
        for name in _LESS
        for at, start in enumerate(starts)
    ]


def ranked(lines: list[str], seed: int = 1) -> dict[str, tuple[str, str]]:
    """Return the text of the line and the operator of each fault by name, first those that a sample takes first."""
    named = rank(faults_of(lines), {"package/module.py": lines}, seed)
    return {name: (lines[fault.start[0] - 1], fault.operator) for name, fault in named.items()}


@given(_LINES, st.integers(0, 12), st.sampled_from(["x = 1", "other = other < 7"]))
def test_a_line_that_is_added_changes_nothing_about_the_others(lines: list[str], at: int, added: str) -> None:
    before, after = ranked(lines), ranked([*lines[:at], added, *lines[at:]])

    assert [(name, fault) for name, fault in after.items() if fault[0] != added] == list(before.items())


@given(_LINES)
def test_each_place_has_one_fault(lines: list[str]) -> None:
    found = ranked(lines)

    assert sorted(line for line, _ in found.values()) == sorted(line for line in lines if "<" in line)
    assert all(name.startswith("module-") for name in found)


def test_families_of_operators_are_places_of_their_own() -> None:
    both = [Fault("m.py", name, 0, (1, 3), (1, 4)) for name in ("core/AddNot", "core/NumberReplacer", *_LESS)]

    assert len(rank(both, {"m.py": ["if a < b:"]}, 1)) == 3


def test_another_seed_ranks_the_places_differently() -> None:
    lines = [f"a = {number} < b" for number in range(20)]

    assert list(islice(ranked(lines).values(), 5)) != list(islice(ranked(lines, seed=2).values(), 5))


def test_the_order_in_which_faults_are_found_does_not_matter() -> None:
    lines = ["a < b", "a < b", "c < d"]
    found = faults_of(lines)

    assert rank(found, {"package/module.py": lines}, 1) == rank(found[::-1], {"package/module.py": lines}, 1)


def test_the_flags_of_dataclasses_are_left_to_mypy() -> None:
    flag = Fault("m.py", "core/ReplaceTrueWithFalse", 0, (1, 18), (1, 22))

    assert rank([flag], {"m.py": ["@dataclass(frozen=True)"]}, 1) == {}


def test_the_mark_of_keyword_only_parameters_is_not_an_operator() -> None:
    mark = Fault("m.py", "core/ReplaceBinaryOperator_Mul_Div", 0, (1, 9), (1, 10))

    assert rank([mark], {"m.py": ["def f(a, *, b):"]}, 1) == {}
