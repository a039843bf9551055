"""Which files have changed: each once, when it is whole, and until it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.server.file_watch import FileWatch, stamps_of


def look(watch: FileWatch) -> dict[str, str]:
    """Look twice, as a change counts once it is seen twice."""
    return {file.name: word for each in (watch.changes(), watch.changes()) for file, word in each.items()}


def test_a_change_is_reported_once_two_looks_find_the_same(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("a")
    watch = FileWatch(lambda: [file], stamps_of([file]))
    assert watch.changes() == {}
    file.write_text("half")
    assert watch.changes() == {}
    file.write_text("half and the rest")
    assert watch.changes() == {}
    assert watch.changes() == {file: "changed"}
    assert watch.changes() == {}


def test_what_is_not_accepted_is_reported_again_with_the_next_change(tmp_path: Path) -> None:
    for name in ("bad.yaml", "gone.yaml"):
        (tmp_path / name).write_text("a")
    watch = FileWatch(lambda: [tmp_path], stamps_of([tmp_path]))
    (tmp_path / "bad.yaml").write_text("bad")
    assert look(watch) == {"bad.yaml": "changed"}
    (tmp_path / "gone.yaml").unlink()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "new.yaml").write_text("a")
    assert look(watch) == {"bad.yaml": "changed", "gone.yaml": "gone", "new.yaml": "new"}
    watch.accept(watch.reported)
    assert look(watch) == {}


def test_a_file_that_is_written_anew_under_its_name_has_changed(tmp_path: Path) -> None:
    file, other = tmp_path / "site.yaml", tmp_path / "site.yaml~"
    file.write_text("abc")
    watch = FileWatch(lambda: [file], stamps_of([file]))
    other.write_text("xyz")
    other.replace(file)  # as editors save
    assert look(watch) == {"site.yaml": "changed"}


def test_a_change_since_the_files_were_read_is_reported(tmp_path: Path) -> None:
    for name in ("changed", "gone"):
        (tmp_path / name).write_text("a")
    loaded = stamps_of([tmp_path])
    (tmp_path / "changed").write_text("cassette: b")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_text("a")
    watch = FileWatch(lambda: [tmp_path], loaded)
    assert look(watch) == {"changed": "changed", "gone": "gone", "new": "new"}
    watch.accept(stamps_of([tmp_path]))
    assert look(watch) == {}
    watch.accept(loaded)
    assert look(watch) == {"changed": "changed", "gone": "gone", "new": "new"}


def test_hidden_files_and_folders_in_a_folder_do_not_count(tmp_path: Path) -> None:
    watch = FileWatch(lambda: [tmp_path], stamps_of([tmp_path]))
    (tmp_path / ".site.yaml.swp").write_text("a")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_text("a")
    assert look(watch) == {}


STEP = st.tuples(st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")), st.booleans())
"""Files to write, files to remove, and whether what is found is accepted."""


@given(st.lists(STEP, max_size=8))
def test_the_changes_are_the_differences_from_what_was_accepted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[set[str], set[str], bool]]
) -> None:
    folder = tmp_path_factory.mktemp("watched")
    watch = FileWatch(lambda: [folder], stamps_of([folder]))
    accepted: dict[str, int] = {}
    there: dict[str, int] = {}
    for size, (written, removed, accept) in enumerate(steps, 1):
        before = dict(there)
        for name in written:
            (folder / name).write_text("x" * size)
            there[name] = size
        for name in removed:
            (folder / name).unlink(missing_ok=True)
            there.pop(name, None)
        different = {name for name in "abc" if there.get(name) != accepted.get(name)}
        assert look(watch).keys() == (different if there != before else set())
        if accept:
            watch.accept(watch.reported)
            accepted = dict(there)
