"""What tests/conftest.py does in the workers of pytest-xdist."""

from __future__ import annotations

import pytest
from tests.support.imports_of_a_worker import modules_of_packages, modules_of_tests, rotated

import chatgptfree
from chatgptfree_mock.serving import MockSite

PLUGIN = "tests.support.reports_of_a_worker"
OPTIONS = ("-p", "xdist", "-n1", "-p", PLUGIN, "-p", "no:cacheprovider")


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the workers of these tests without the dozen plugins of the development environment."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_workers_report_all_but_the_set_up_and_tear_down_that_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken_before():
            raise ValueError("before")

        @pytest.fixture
        def broken_after():
            yield
            raise ValueError("after")

        @pytest.fixture
        def not_here():
            pytest.skip("not here")

        def test_passes(): pass
        def test_fails(): assert 1 == 2
        def test_set_up_fails(broken_before): pass
        def test_tear_down_fails(broken_after): pass
        def test_is_skipped(not_here): pass
        @pytest.mark.xfail
        def test_is_known_to_fail(): assert 1 == 2
        """
    )
    run = pytester.runpytest_inprocess(*OPTIONS)
    run.assert_outcomes(passed=2, failed=1, errors=2, skipped=1, xfailed=1)
    run.stdout.fnmatch_lines(["*ValueError: before", "*ValueError: after"])


def test_all_reports_are_sent_where_times_are_listed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_passes(): pass")
    run = pytester.runpytest_inprocess(*OPTIONS, "--durations=0", "-vv")
    run.stdout.fnmatch_lines_random(["*s setup *test_passes", "*s teardown *test_passes"])


@pytest.mark.parametrize("names", [modules_of_packages(), modules_of_tests()], ids=["packages", "tests"])
def test_workers_begin_with_different_thirds_of_the_same_modules(names: list[str]) -> None:
    orders = [rotated(names, worker, 3) for worker in range(3)]
    assert all(sorted(order) == sorted(names) for order in orders)
    third = len(names) // 3
    assert len({name for order in orders for name in order[:third]}) == 3 * third


def test_modules_have_the_names_that_pytest_and_imports_give_them() -> None:
    assert __name__ in modules_of_tests()
    assert {chatgptfree.__name__, MockSite.__module__} <= set(modules_of_packages())
