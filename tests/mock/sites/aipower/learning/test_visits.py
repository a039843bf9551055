"""
Whole recordings of the real site, one for each release that was added by one: `cassettes/visits/<release>.yaml`.

The imitation of a release is asked each recorded request again; nothing is left to be learned from its recording.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import yaml
from tests.support import fictional
from tests.support.recorded_session import Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette

VISITS = sorted((Path(__file__).parents[5] / "cassettes/visits").glob("*.yaml"))


def learned_beyond(release: str, visit: Cassette, table: ReleaseTable) -> tuple[list[str], set[str]]:
    """Return the exchanges of *visit* that *release* answers in another way, and the sections that its file lacks."""
    judge = partial(differences, marks=PAGE_MARKS)
    learned = learn_release(table, [visit], name=f"{release}.1", base=release, judge=judge)
    return [each.name for each in learned.exchanges if not each.alike], set(yaml.safe_load(learned.text)) - {
        "base",
        "source",
    }


@pytest.mark.parametrize("path", [*VISITS, None], ids=lambda path: path.stem if path else "an imitated visit")
def test_a_release_answers_as_the_site_that_was_visited(path: Path | None) -> None:
    release, visit = (path.stem, load(path)) if path else (BASE_RELEASE, Session(BASE_RELEASE).visit())
    assert learned_beyond(release, visit, built_in()) == ([], set())


def test_a_visit_of_another_release_is_not_that_release(tmp_path: Path) -> None:
    table = built_in().with_files([fictional.write(tmp_path)])
    visit = Session(fictional.NAME, table).visit()
    assert learned_beyond(fictional.NAME, visit, table) == ([], set())
    assert learned_beyond(BASE_RELEASE, visit, table) == ([], {"page", "texts", "events", "wording"})
