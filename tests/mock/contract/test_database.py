"""What a site remembers: the database in memory and the one that processes share behave alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Barrier, Semaphore, Thread

import pytest

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.store import Store, counted
from chatgptfree_mock.server.store import SharedFile
from chatgptfree_mock.sites.aipower.aipkit.cache import CachedMessage
from chatgptfree_mock.sites.aipower.aipkit.log import LogEntry


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedFile]:
    file = SharedFile(tmp_path / "database")
    yield file
    file.close()


@pytest.fixture(params=["in memory", "shared"])
def database(request: pytest.FixtureRequest, shared: SharedFile) -> Store:
    return MemoryStore() if request.param == "in memory" else shared.site("root")


def put(value: str) -> Callable[[str | None], str]:
    return lambda _: value


def test_a_value_is_kept_until_it_is_taken(database: Store) -> None:
    table = database.table("words", str, capacity=5)
    assert table.get(("a",)) is None
    assert table.update(("a",), put("one")) == "one"
    assert table.update(("a",), lambda known: f"{known} more") == "one more"
    assert table.get(("a",)) == "one more"
    assert table.pop(("a",)) == "one more"
    assert table.pop(("a",)) is None


def test_the_one_set_longest_ago_comes_first_and_what_begins_alike_latest_first(database: Store) -> None:
    table = database.table("words", str, capacity=9)
    for key in (("x", "1"), ("x", "2"), ("xy", "3"), ("x", "4")):
        table.update(key, put(key[-1]))
    table.update(("x", "1"), put("again"))
    table.update(("x", "2"), put("mended"), in_place=True)
    assert table.oldest() == (("x", "2"), "mended")
    assert list(table.under(("x",))) == [(("x", "1"), "again"), (("x", "4"), "4"), (("x", "2"), "mended")]


def test_a_change_that_fails_changes_nothing(database: Store) -> None:
    table = database.table("words", str, capacity=5)
    table.update(("a",), put("one"))

    def fails(_: str | None) -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it is this test's own
        table.update(("a",), fails)
    assert table.get(("a",)) == "one"
    assert table.update(("a",), put("two")) == "two"


def test_a_table_is_bounded(database: Store) -> None:
    table = database.table("numbers", int, capacity=100)
    for number in range(640):
        counted(table, (str(number),), number)
    assert [table.get((str(number),)) for number in (0, 539, 540, 639)] == [None, None, 540, 639]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(
            CachedMessage,
            CachedMessage(text="👋 \udcff \0", images=({"mime": "image/png"},), client_id="c"),
            id="a message with bytes that are no UTF-8",
        ),
        pytest.param(
            list[LogEntry],
            [LogEntry(role="user", content="Žluť", timestamp=1, message_id="m", tokens=3, feedback="up")],
            id="a conversation",
        ),
    ],
)
def test_what_is_kept_comes_back_as_it_was(database: Store, kind: type[object], value: object) -> None:
    table = database.table("values", kind, capacity=5)
    table.update(("k", "\udcff"), lambda _: value)
    assert table.get(("k", "\udcff")) == value
    assert table.oldest() == (("k", "\udcff"), value)


def test_sites_and_tables_share_nothing_but_processes_do(shared: SharedFile, tmp_path: Path) -> None:
    other_process = SharedFile(tmp_path / "database")
    shared.site("root").table("words", str, capacity=5).update(("a",), put("one"))
    assert other_process.site("v/2.3").table("words", str, capacity=5).get(("a",)) is None
    assert other_process.site("root").table("others", str, capacity=5).get(("a",)) is None
    there = other_process.site("root").table("words", str, capacity=5)
    assert there.pop(("a",)) == "one"
    assert shared.site("root").table("words", str, capacity=5).get(("a",)) is None
    other_process.close()


def test_a_value_that_is_put_is_the_latest(database: Store) -> None:
    table = database.table("words", str, capacity=2)
    for key in ("a", "b", "a", "c"):
        table.put((key,), f"{key}!")
    assert table.get(("a",)) == "a!"
    assert [value for _, value in table.under(())][:2] == ["c!", "a!"]


def run_at_once(number_of_threads: int, work: Callable[[], object]) -> None:
    """
    Run *work* in several threads that begin it together.

    Each thread is started once the one before waits: with a tracer such as coverage's, Python 3.11 refuses some of the
    threads that are started at the same moment ("Cannot install a trace function ...").
    """
    waiting, together = Semaphore(0), Barrier(number_of_threads)

    def wait_and_work() -> None:
        waiting.release()
        together.wait()
        work()

    threads = [Thread(target=wait_and_work) for _ in range(number_of_threads)]
    for thread in threads:
        thread.start()
        waiting.acquire()
    for thread in threads:
        thread.join()


def test_all_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    opened: list[Path] = []

    def open_it(path: Path) -> None:
        file = SharedFile(path)
        opened.append(path)
        file.close()

    for number in range(10):
        path = tmp_path / f"database{number}"
        run_at_once(8, partial(open_it, path))
        assert opened.count(path) == 8


def test_nothing_is_lost_when_several_count_at_once(tmp_path: Path) -> None:
    def count() -> None:
        file = SharedFile(tmp_path / "database")
        table = file.site("root").table("numbers", int, capacity=5)
        for _ in range(100):
            counted(table, ("n",))
        file.close()

    run_at_once(4, count)
    file = SharedFile(tmp_path / "database")
    assert file.site("root").table("numbers", int, capacity=5).get(("n",)) == 400
    file.close()
