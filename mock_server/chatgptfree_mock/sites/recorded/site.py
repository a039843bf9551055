"""A site that answers from its recordings alone."""

from __future__ import annotations

from collections.abc import Mapping

from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.tape.model import Request, Response

_NOTHING = "this site has no recordings: give it some, with `--cassettes` or its setting `cassettes`"


class RecordedSite(Site):
    """A site that answers from the recordings of *player*; other requests get 404 with the nearest recording."""

    replays = True

    def __init__(self, player: CassettePlayer) -> None:
        self._player = player

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return all recorded paths."""
        return self._player.paths

    def has_recorded(self, path: str) -> bool:
        """Return whether *path* was recorded, maybe with another token."""
        return self._player.has_path(path)

    def warnings(self) -> tuple[str, ...]:
        """Return the options of the replay that have had no effect so far, one line each."""
        return self._player.warnings()

    def outcomes(self) -> Mapping[str, str | None]:
        """Return the options of the replay, each with the reason why it did not act."""
        return self._player.outcomes()

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer from the recording that fits."""
        return self._player.play(recorded_request(request, request.path), request.base_url, address=request.remote)


class EmptySite(Site):
    """A site without any recording: it answers everything with 404."""

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer with 404, which names the missing recordings."""
        del request
        headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(_NOTHING) + 1)))
        body = f"{_NOTHING}\n".encode()
        return SiteReply(response=Response(status=404, reason=reason(404), headers=headers, body=body), why=(_NOTHING,))


def recorded_request(request: SiteRequest, path: str) -> Request:
    """Return *request* at *path* in the form of cassettes; its `Host` is kept, since it may be a recorded one."""
    target = f"{path}?{request.query}" if request.query else path
    host = request.header("Host") or "mock"
    scheme = request.base_url.partition("://")[0]
    return Request(
        method=request.method, uri=f"{scheme}://{host}{target}", headers=request.headers, body=request.body or None
    )
