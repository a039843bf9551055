"""The interface of a site: an object that answers requests, such as an imitation, recordings or a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.tape.request_key import decoded_path


class Site(Protocol):
    """One site with its state; a class that derives from this one gets defaults for everything but `answer`."""

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer one request; this must not wait, and must not raise for anything that a client may send."""
        ...

    def nonce(self) -> str:
        """Return a token that the chat accepts from a new visitor now; empty if the site has none."""
        return ""

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return the recorded paths, without a slash at the end, which take precedence over the server's own."""
        return frozenset()

    @property
    def recorded_releases(self) -> tuple[str, ...]:
        """Return the releases that the recordings behind `recorded_paths` name, each once."""
        return ()

    def has_path(self, path: str) -> bool:
        """
        Return whether a raw *path*, percent-encoded as received, is the site's even if the server has it as well.

        The site's paths are `recorded_paths`, also with another token in place of the recorded one, and those in its
        settings.
        """
        return (decoded_path(path).rstrip("/") or "/") in self.recorded_paths

    @property
    def replays(self) -> bool:
        """Return whether the chat's answers are recordings, so that they cannot be live."""
        return False

    def outcomes(self) -> Mapping[str, str | None]:
        """Return the options that can have an effect: by name, None once it had one, until then the reason why not."""
        return {}

    def warnings(self) -> Sequence[str]:
        """Return the settings that have had no effect so far, one line each."""
        return ()
