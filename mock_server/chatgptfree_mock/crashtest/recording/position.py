"""
Find the recorded exchange for a client's request, by method, path and order.

Of several with the same method and path, those with the same action or message take precedence; of these the next in
order is played, and when all were played the last one again.  A request that differs in anything else is still
answered, and the difference is a remark.  Where clients are intercepted, the site decides as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from msgspec.structs import replace

from chatgptfree_mock.crashtest.recording.message import ACTION_NAMES, message_of
from chatgptfree_mock.tape.matchers import is_same_path, matcher
from chatgptfree_mock.tape.matching import Candidate, sites_of
from chatgptfree_mock.tape.model import Request
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile

_REMARKS: Final = 3


class Position:
    """
    The progress of a client in a recording of *exchanges*; each run has its own.

    *by_site*: whether requests name the recorded sites, so that one is never answered with another site's exchange.
    """

    def __init__(self, exchanges: Sequence[Candidate], *, by_site: bool = False) -> None:
        self._exchanges = exchanges
        self._sites = sites_of(exchanges) if by_site else frozenset()
        self._played: set[int] = set()
        self._newest: set[int] = set()

    def next(self, request: Request) -> int | None:
        """Return the index of the exchange for *request*, which then counts as played; None if there is none."""
        key = RequestKey.from_request(request)
        one_site = key.site in self._sites
        places = [
            at
            for at, each in enumerate(self._exchanges)
            if _same_place(key, each.key) and (not one_site or each.key.site == key.site)
        ]
        if not places:
            return None
        chosen = self._in_order(self._alike(key, places) if len(places) > 1 else places)
        self._newest = {chosen} - self._played
        self._played.add(chosen)
        return chosen

    def undo(self) -> None:
        """Undo the last `next`: its request was refused."""
        self._played.difference_update(self._newest)

    def _alike(self, key: RequestKey, places: Sequence[int]) -> Sequence[int]:
        """Return the *places* with the same action and message as *key*; all of them if they do not differ in these."""
        named = _what_it_names(key)
        fits = {at: len(named & _what_it_names(self._exchanges[at].key)) for at in places}
        return [at for at in places if fits[at] == max(fits.values())]

    def _in_order(self, places: Sequence[int]) -> int:
        return next((at for at in places if at not in self._played), places[-1])


def _same_place(key: RequestKey, recorded: RequestKey) -> bool:
    return key.method == recorded.method and is_same_path(key.path, recorded.path, Volatile())


def _what_it_names(key: RequestKey) -> frozenset[tuple[str, str]]:
    actions = {(name.lower(), value) for name, value in (*key.query, *key.form) if name.lower() in ACTION_NAMES}
    message = message_of(key)
    return frozenset(actions | ({("", message.value)} if message else set()))


def all_differences(
    requests: Iterable[tuple[int, Request]], exchanges: Sequence[Candidate], own: Sequence[str] = ()
) -> list[str]:
    """
    Return the differences of requests (each with its exchange's index) from the recorded ones; each line once.

    *own*: names whose values are the client's own, or times, and not compared.
    """
    found = (
        f"{request.method} {unquote(urlsplit(request.uri).path)}: {text}"
        for index, request in requests
        for text in differences(request, exchanges[index], own)
    )
    return list(dict.fromkeys(found))


def differences(request: Request, recorded: Candidate, own: Sequence[str] = ()) -> list[str]:
    """
    Return the differences of query and body of *request* from the *recorded* ones, a short text each.

    The address of the replay counts as that of the recorded site.  *own*: names whose values are not compared.
    """
    key = RequestKey.from_request(_at_home(request, recorded.interaction.request))
    volatile = recorded.rules.volatile
    volatile = Volatile(names=(*volatile.names, *own), segments=volatile.segments)
    found = [text for word in ("query", "body") for text in matcher(word)(key, recorded.key, volatile)]
    return found[:_REMARKS]


def _at_home(request: Request, recorded: Request) -> Request:
    """Return *request* with the replay's address, plain or percent-encoded, replaced by the recorded one."""
    here, there = (f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, (request.uri, recorded.uri)))
    uri, body = request.uri, request.body
    for old, new in ((here, there), (quote(here, safe=""), quote(there, safe=""))):
        uri = uri.replace(old, new)
        body = None if body is None else body.replace(old.encode(), new.encode())
    return replace(request, uri=uri, body=body)
