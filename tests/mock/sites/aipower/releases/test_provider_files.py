"""Traits of providers in a release file of one's own act on the answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.aipkit_guest import guest, named
from tests.support.releases import NEWEST

from chatgptfree_mock.sites.aipower.releases import built_in


@pytest.mark.parametrize(
    ("traits", "provider", "model", "last"),
    [
        ("errors_lost: false", "Google", {"error_midway": {"message": "Busy."}}, ("error", {"error": "Busy."})),
        ("errors_lost: true", "Google", {"error_midway": {"message": "Busy."}}, ("done", {"finished": True})),
        ("search_errors: false", "Claude", {"web_search_error": "x"}, ("done", {"finished": True})),
        ("drops_zero: true", "DeepSeek", {"reply": ["1", "0"]}, ("done", {"finished": True})),
        ("refuses_search: true", "OpenAI", {"web_search": True}, ("done", {"finished": True})),
    ],
)
def test_a_trait_of_a_provider_acts(
    traits: str, provider: str, model: dict[str, object], last: object, tmp_path: Path
) -> None:
    (tmp_path / "92.5.0.yaml").write_text(f"base: {NEWEST}\nproviders: {{{provider}: {{{traits}}}}}\n")
    known = built_in().with_files([tmp_path])
    events = guest("92.5.0", known, bots=[{"provider": provider}], model={"reply": ["Hi"], **model}).ask()
    assert events[-1] == last
    if traits == "drops_zero: true":
        assert named(events, "") == [{"delta": ""}, {"delta": "1"}]
    if traits == "refuses_search: true":
        assert [name for name, _ in events] == ["error", "done"]
