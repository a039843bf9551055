"""Which difference matters how much."""

from __future__ import annotations

import pytest
from tests.support.many_cases import for_each
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.diff.findings import ComparedPair, Diff, Finding
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.watch.report import Report
from chatgptfree_mock.watch.tiers import Tier, tier_of


@for_each(
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
        pytest.param(
            Finding(topic="config", change="removed", what="data-config keys", before=("text.historySearchEmpty",)),
            Tier.SEEN,
        ),
        pytest.param(
            Finding(topic="config", change="renamed", what="data-config key", before=("inputActionButtonEnabled",)),
            Tier.SEEN,
        ),
        pytest.param(Finding(topic="config", change="retyped", what="data-config postId"), Tier.BREAKS),
        pytest.param(
            Finding(topic="page", change="removed", what="elements", before=("div.aipkit_chat_container",)), Tier.BREAKS
        ),
        pytest.param(Finding(topic="events", change="removed", before=("event done",)), Tier.BREAKS),
        pytest.param(Finding(topic="events", change="added", after=("event citations",)), Tier.SEEN),
        pytest.param(Finding(topic="event data", change="retyped", before=("text",), after=("list",)), Tier.BREAKS),
        pytest.param(
            Finding(topic="end mark", change="changed", before=("[DONE]",), after=("event done",)), Tier.BREAKS
        ),
        pytest.param(Finding(topic="status", change="changed", before=("200",), after=("403",)), Tier.BREAKS),
        pytest.param(Finding(topic="body", change="changed", before=("JSON",), after=("text",)), Tier.BREAKS),
        pytest.param(Finding(topic="body", change="changed", what="text", before=("a",), after=("b",)), Tier.SEEN),
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
    assert tier_of(finding, PAGE_MARKS) is tier


@pytest.mark.parametrize("plugin", ["1.8.93", "2.2", "2.3.69", BASE_RELEASE])
def test_only_what_a_client_needs_to_ask_breaks_it_when_it_is_gone(plugin: str) -> None:
    lost = [
        name
        for name in built_in().page_names(plugin)
        if tier_of(Finding(topic="config", change="removed", what="keys", before=(name,)), PAGE_MARKS) is Tier.BREAKS
    ]
    old = {"data-nonce", "data-post-id", "data-url", "data-bot-id"}
    new = {"botId", "ajaxUrl", "nonce", "postId", "data-bot-id", "data-config"}
    assert set(lost) == (old if plugin < "2.3" else new) | ({"streamEnabled"} if plugin == "2.3.69" else set())


def test_a_lost_label_is_not_reported_beside_a_lost_nonce() -> None:
    finding = Finding(
        topic="config", change="removed", what="data-config keys", before=("nonce", "text.copyActionLabel", "ajaxUrl")
    )
    pair = ComparedPair(before="a", after="b", request="GET /", findings=(finding,))
    data = Report(url="http://x/", against="tape.yaml", diff=Diff(pairs=(pair,))).as_data()
    tiers = data["tiers"]
    assert isinstance(tiers, dict)
    assert [each["before"] for each in tiers["breaks clients"]] == [["nonce", "ajaxUrl"]]
    assert [each["before"] for each in tiers["changes what clients see"]] == [["text.copyActionLabel"]]


def test_the_words_of_a_site_become_no_markup() -> None:
    finding = Finding(topic="body", change="changed", what="text", before=("a",), after=("``` @all [x](http://evil)",))
    pair = ComparedPair(before="a", after="b", request="GET /`", findings=(finding,))
    text = Report(url="http://x/", against="tape.yaml", diff=Diff(pairs=(pair,))).markdown()
    assert "- body: ````text a → ``` @all [x](http://evil)````" in text
    assert "`` GET /` ``" in text
