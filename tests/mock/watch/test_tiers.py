"""Which difference matters how much."""

from __future__ import annotations

import pytest

from chatgptfree_mock.diff.findings import Diff, Finding, Pair
from chatgptfree_mock.watch.report import Report
from chatgptfree_mock.watch.tiers import Tier, tier_of


@pytest.mark.parametrize(
    ("finding", "tier"),
    [
        pytest.param(Finding(topic="page", change="moved", what="nonce", before=("a",), after=("b",)), Tier.BREAKS),
        pytest.param(
            Finding(topic="page", change="renamed", what="div attribute", before=("data-nonce",), after=("data-key",)),
            Tier.BREAKS,
        ),
        pytest.param(Finding(topic="page", change="removed", what="div attributes", before=("data-theme",)), Tier.SEEN),
        pytest.param(Finding(topic="page", change="added", what="div attributes", after=("data-x",)), Tier.COSMETIC),
        pytest.param(Finding(topic="page", change="reordered", what="div attributes"), Tier.SEEN),
        pytest.param(
            Finding(topic="config", change="removed", what="data-config keys", before=("nonce",)), Tier.BREAKS
        ),
        pytest.param(Finding(topic="events", change="removed", before=("event done",)), Tier.BREAKS),
        pytest.param(Finding(topic="events", change="added", after=("event citations",)), Tier.SEEN),
        pytest.param(Finding(topic="event data", change="retyped", before=("text",), after=("list",)), Tier.BREAKS),
        pytest.param(
            Finding(topic="end mark", change="changed", before=("[DONE]",), after=("event done",)), Tier.BREAKS
        ),
        pytest.param(Finding(topic="status", change="changed", before=("200",), after=("403",)), Tier.BREAKS),
        pytest.param(Finding(topic="body", change="changed", before=("JSON",), after=("text",)), Tier.BREAKS),
        pytest.param(Finding(topic="body", change="changed", what="says", before=("a",), after=("b",)), Tier.SEEN),
        pytest.param(
            Finding(topic="content type", change="changed", before=("text/html",), after=("text/html; charset=x",)),
            Tier.COSMETIC,
        ),
        pytest.param(
            Finding(topic="content type", change="changed", before=("text/html",), after=("application/json",)),
            Tier.BREAKS,
        ),
        pytest.param(
            Finding(topic="client", change="changed", before=("delivers text",), after=("raises nonce",)), Tier.BREAKS
        ),
        pytest.param(
            Finding(topic="client", change="changed", before=("raises nonce",), after=("delivers text",)), Tier.SEEN
        ),
        pytest.param(Finding(topic="headers", change="added", after=("X-New",)), Tier.COSMETIC),
        pytest.param(Finding(topic="chunks", change="changed", before=("1",), after=("9",), note=True), Tier.COSMETIC),
    ],
)
def test_a_finding_has_one_tier(finding: Finding, tier: Tier) -> None:
    assert tier_of(finding) is tier


def test_the_words_of_a_site_become_no_markup() -> None:
    finding = Finding(topic="body", change="changed", what="says", before=("a",), after=("``` @all [x](http://evil)",))
    pair = Pair(before="a", after="b", request="GET /`", findings=(finding,))
    text = Report(url="http://x/", against="tape.yaml", diff=Diff(pairs=(pair,))).markdown()
    assert "- body: ````says a → ``` @all [x](http://evil)````" in text
    assert "`` GET /` ``" in text
