"""The rows of the edge-case catalogue: which ones have a scenario, and why the others can have none."""

from __future__ import annotations

import re
from typing import Final

import pytest
from tests.support.crashtest import library

CATALOGUE: Final = {
    "P": "01 02 03 04 06 07 08 10 11 14 15 16 17",
    "N": "01 02 03 04 05 07 08 09 10 12 13 14",
    "A": "01 02 03 04 06 07 08 09 10 12 13 14 15 16 19 20",
    "T": "01 02 03 05 06 07 08 10 11 12 14 15 16 19 20",
    "S": "02 04 05 08 09 10 11 15 16 17 18 20 21 22",
    "J": "01 03 05 06 07 10 11 12 13 14 17 21 22 23 24 25 27",
    "X": "04 05 07 08",
    "K": "01 03 05 07 08 09",
}
ROWS: Final = {f"{letter}{number}" for letter, numbers in CATALOGUE.items() for number in numbers.split()}

NOT_A_SERVERS_DOING: Final = {
    "P15": "a relay of somebody's own wraps the page; the site sends nothing of the kind",
    "N05": "the REST nonce of a plugin older than any release here",
    "N09": "many callers at once are one client's inner life; tests/client/core/session/test_nonce_refresh.py has them",
    "N13": "a challenge solver's cookie, and clients here solve none",
    "N14": "a nonce frozen in the client's source is refused like any other that is bad: nonce/expired-*",
    "A04": "a broken multipart boundary is the client's own doing; the mock answers it as WordPress does",
    "T14": "TLS fingerprints are checked before HTTP begins, and the mock speaks plain HTTP",
    "T15": "contradictory headers are the client's own doing",
    "T16": "an upgrade that the server ignores; tests/mock/server/test_upgrades.py asks for it",
    "T19": "the consumer stops early; tests/client/aio/test_client.py has it",
    "T20": "event loops and threads of the caller; tests/client/test_blocking.py has them",
    "J22": "the answer shape of a plugin older than any release here",
    "K07": "what becomes of system prompts and history is seen in the request; tests/client has it",
    "K08": "an import that breaks with a library's upgrade",
    "K09": "a network call at import",
}


def covered() -> set[str]:
    return {case for entry in library() for case in entry.scenario.cases}


def test_every_row_has_a_scenario_or_a_reason_to_have_none() -> None:
    assert covered() & ROWS == ROWS - set(NOT_A_SERVERS_DOING)


def test_scenarios_name_rows_that_exist() -> None:
    assert {case for case in covered() if re.fullmatch(r"[A-Z]\d\d", case)} <= ROWS


def test_every_scenario_names_its_cases() -> None:
    without = [entry.name for entry in library() if not entry.scenario.cases]
    assert without == [], "give them `cases: [N05]`: rows of CATALOGUE, or a new row there"


def test_titles_are_sentences_of_their_own() -> None:
    titles = [entry.scenario.title for entry in library()]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not title[0].isupper() and not title.startswith("admin-ajax.php")] == []
    assert [title for title in titles if len(title) > 110 or title.endswith(".")] == []


def test_a_scenario_about_aipkit_happens_on_no_release_before_it() -> None:
    about = [entry for entry in library() if "AIPKit" in entry.scenario.title]
    assert len(about) > 10
    assert [entry.name for entry in about if entry.scenario.happens_on("2.2")] == []


@pytest.mark.parametrize("name", ["nonce/expired-200", "nonce/always-refused-200"])
def test_a_nonce_is_refused_with_200_before_1_8_91_only(name: str) -> None:
    scenario = library()[name].scenario
    assert (scenario.happens_on("1.8.90"), scenario.happens_on("1.8.91")) == (True, False)
