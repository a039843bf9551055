"""The card of a run: a client that never sent the message is right nowhere, unless an answer was delivered."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chatgptfree_mock.crashtest.scenarios.results import Result, card
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict


def result(name: str, verdict: Verdict, *, error: bool = False, sent: bool | None = None) -> Result:
    made = Result(
        scenario=name,
        title=name,
        plugin="2.3",
        chunks="",
        verdict=verdict,
        reason="",
        kinds=["challenge"] if error else [],
    )
    return made if sent is None else replace(made, sent=sent)


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (result("b", Verdict.WRONG), Verdict.NEVER_ASKED),
        (result("b", Verdict.WRONG, sent=True), Verdict.RIGHT),
        (result("b", Verdict.RIGHT), Verdict.RIGHT),
        (result("b", Verdict.NOT_APPLICABLE), Verdict.RIGHT),
        (result("b", Verdict.WRONG, error=True), Verdict.RIGHT),
    ],
)
def test_an_error_is_reported_if_the_client_asks_at_all(other: Result, verdict: Verdict) -> None:
    found = [result("a", Verdict.RIGHT, error=True), other]
    assert card("x", found, [each.key for each in found], interrupted=False).results[0].verdict is verdict
