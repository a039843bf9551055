"""A site in a forked process: its address works there, all that would act on a copy of the server is an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.support.forked import in_a_fork

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.serving import MockServer, MockSite


def _exits(site: MockSite) -> str:
    site.__exit__(None, None, None)
    site.server.close()
    return "left alone"


def _asks(site: MockSite) -> str:
    with ChatClient(site.url) as chat:
        return chat.ask("Hello").text


@pytest.mark.parametrize(
    "work",
    [
        lambda site: site.journal,
        lambda site: site.warnings,
        lambda site: site.assert_asked(times=0),
        lambda site: site.clock.turn(60),
        lambda site: site.configure(nonce="always-expired"),
        lambda site: site.deliver(chunks="bytes"),
        lambda site: site.reply.push("Hello").result(),
        lambda site: site.server.journal,
        lambda site: site.server.warnings,
        lambda site: site.server.running_loop(),
    ],
    ids=["journal", "warnings", "assert", "clock", "configure", "deliver", "push", "all", "lines", "loop"],
)
def test_what_would_have_no_effect_in_a_fork_is_an_error_there(work: Callable[[MockSite], object]) -> None:
    with MockSite(reply="Hi!") as site:
        assert in_a_fork(lambda: work(site)).startswith("ServingError: the server runs in process ")
        assert _asks(site) == "Hi!"
        assert len(site.journal) == 3


def test_a_handle_made_before_the_fork_does_not_wait_for_ever() -> None:
    with MockSite() as site:
        reply = site.reply
        assert in_a_fork(lambda: reply.asked().result()).startswith("ServingError: the server runs in process ")


def test_a_fork_may_ask_a_site_and_leaves_it_running() -> None:
    with MockSite(reply="Hi!") as site:
        assert in_a_fork(lambda: _asks(site)) == "'Hi!'"
        assert in_a_fork(lambda: _exits(site)) == "'left alone'"
        assert _asks(site) == "Hi!"
        assert len(site.journal) == 6


def test_a_fork_may_start_a_site_that_was_made_before() -> None:
    def starts() -> str:
        with server:
            return server.url[:17]

    server = MockServer()
    assert in_a_fork(starts) == "'http://127.0.0.1:'"
    with server:
        assert server.journal.total == 0
