"""One test for many cases runs all of them and names each that fails."""

from __future__ import annotations

import pytest
from tests.support.many_cases import check_each, for_each


def notes_of(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """Return the notes of all failures in *group*, those of the outer case last."""
    found = []
    for each in group.exceptions:
        inner = notes_of(each) if isinstance(each, BaseExceptionGroup) else []
        found += [", ".join([note, *getattr(each, "__notes__", [])]) for note in inner] or [*each.__notes__]
    return found


def test_every_case_that_fails_is_named_and_the_others_run() -> None:
    ran = []

    def check(number: int) -> None:
        ran.append(number)
        assert number % 2
        if number == 3:
            pytest.fail("three")

    with pytest.raises(BaseExceptionGroup, match="4 cases fail") as caught:
        check_each(check, range(5))
    assert ran == [0, 1, 2, 3, 4]
    assert notes_of(caught.value) == ["case: 0", "case: 2", "case: 3", "case: 4"]


def test_arguments_are_given_as_by_parametrize() -> None:
    got = []

    @for_each("letter", "ab")
    @for_each(("number", "text"), [pytest.param(1, "x", id="one"), (2, "y")])
    def check(letter: str, number: int, text: str) -> None:
        got.append((letter, number, text))
        assert letter == "a"
        assert number == 1

    with pytest.raises(BaseExceptionGroup) as caught:
        check()
    assert got == [("a", 1, "x"), ("a", 2, "y"), ("b", 1, "x"), ("b", 2, "y")]
    assert notes_of(caught.value) == [
        "case: 2, 'y', case: 'a'",
        "case: one, case: 'b'",
        "case: 2, 'y', case: 'b'",
    ]


def test_a_test_that_could_not_fail_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no case to check"):
        check_each(print, [])
