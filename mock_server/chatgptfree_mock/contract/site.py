"""A site for the server: an object that answers requests, such as an imitation, a cassette or a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest


class Site(Protocol):
    """One site with its state; a class that derives from this one gets defaults for everything but `answer`."""

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer one request; must not wait, and must not raise for anything that a client may send."""
        ...

    def nonce(self) -> str:
        """Return a token that the chat accepts of a new visitor now; empty if the site has none."""
        return ""

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return the recorded paths, without a slash at the end, that come before the server's own."""
        return frozenset()

    @property
    def replays(self) -> bool:
        """Return whether the chat answers from recordings, so that its answers cannot be pushed by hand."""
        return False

    def warnings(self) -> Sequence[str]:
        """Return what the user asked for and what has had no effect so far, one line each."""
        return ()
