"""
A run of a scenario: its site, its own responses, their delivery, and the number of requests.

Nothing here waits or opens a socket.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.contract.pack import RequestKind
from chatgptfree_mock.contract.pack_results import checked_reply, failed_answer
from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.message_sent import carries
from chatgptfree_mock.scenario.model import Scenario
from chatgptfree_mock.scenario.static_response import StaticResponse
from chatgptfree_mock.tape.model import ChunkSizeError


class Counts(Struct, frozen=True, kw_only=True):
    """The number of requests of a client."""

    pages: int = 0
    """Page fetches."""
    posts: int = 0
    """Requests to the chat, except *streams*."""
    streams: int = 0
    """Requests for the event stream of a message that an earlier request sent."""
    messages: int = 0
    """Requests that carry the message or ask for its answer."""


class Run(Site):
    """
    One run of a scenario: the site, the scenario's own responses, their delivery, and the requests so far.

    The reasons of the first answer include *note*.
    """

    def __init__(self, name: str, scenario: Scenario, site: Site, *, note: str = "") -> None:
        self.name = name
        self.scenario = scenario
        self.counts = Counts()
        self.answered = False
        """Whether the chat has answered in this run."""
        self._site = site
        self._note = note
        self._spec = scenario.spec
        self._delivery = scenario.parsed_delivery()
        self._left = [response.times for response in scenario.responses]
        self._used = [response.times == 0 for response in scenario.responses]
        self._delivered = 0

    def nonce(self) -> str:
        """Return a nonce that the chat accepts of a guest now."""
        return self._site.nonce()

    def outcomes(self) -> Mapping[str, str | None]:
        """Return the options of the site, each with the reason why it did not act."""
        return self._site.outcomes()

    def warnings(self) -> tuple[str, ...]:
        """Return a line for each response of the scenario that was never used, and the warnings of the site."""
        unused = [index for index, used in enumerate(self._used) if not used]
        lines = (f"responses[{index}] of the scenario {self.name} was never used" for index in unused)
        return (*self._site.warnings(), *lines)

    @property
    def delivery(self) -> Delivery:
        """Return the delivery of the scenario's answers."""
        return self._delivery

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer *request* with the scenario's own response, or by its site."""
        kind = self._spec.kind(request)
        self._count(request, kind)
        static = self._static_reply(request, kind)
        reply = static or self._by_site(request)
        if kind == "answer" and not reply.refused:
            self.answered = True
        fixed = reply.recorded or static is not None
        note, self._note = self._note, ""
        why = (*reply.why, note) if note else reply.why
        return replace(reply, delivery=self._delivery_for(kind, fixed=fixed), why=why)

    def _by_site(self, request: SiteRequest) -> SiteReply:
        pack = self._spec.pack.name
        try:
            return checked_reply(self._site.answer(request), pack, request)
        except ChunkSizeError as exc:
            raise failed_answer(exc, pack, request) from exc

    def _count(self, request: SiteRequest, kind: RequestKind) -> None:
        if kind == "answer" or carries(request, self.scenario.message):
            self.counts = replace(self.counts, messages=self.counts.messages + 1)
        counts = self.counts
        if request.method == "POST" or kind == "ask":
            self.counts = replace(counts, posts=counts.posts + 1)
        elif kind == "answer":
            self.counts = replace(counts, streams=counts.streams + 1)
        elif kind == "page":
            self.counts = replace(counts, pages=counts.pages + 1)

    def _static_reply(self, request: SiteRequest, kind: RequestKind) -> SiteReply | None:
        for index, response in enumerate(self.scenario.responses):
            if self._left[index] != 0 and self._applies_to(response, request, kind):
                self._used[index] = True
                if (left := self._left[index]) is not None:
                    self._left[index] = left - 1
                made = response.response()
                if made.raw is None and self._delivery.fault("stored-headers"):
                    made = replace(made, codings=())  # keeps the headers and the text
                made = made if made.reason else replace(made, reason=reason(made.status))
                return SiteReply(response=made, why=(f"static response: responses[{index}] of {self.name}",))
        return None

    def _applies_to(self, response: StaticResponse, request: SiteRequest, kind: RequestKind) -> bool:
        if response.to == "page":
            return kind == "page"
        if response.to == "ajax":
            return kind in ("ask", "answer")
        return kind in ("ask", "answer") and self._spec.pack.action(self._spec.settings, request) == response.to

    def _delivery_for(self, kind: RequestKind, *, fixed: bool) -> Delivery:
        """Return the delivery of an answer; without `on` it is also for *fixed* ones: recorded or static."""
        words = self.scenario.delivery
        delivers = kind == "answer" or fixed if words.on is None else words.on in ("everything", kind)
        if not delivers:
            return Delivery()
        self._delivered += 1
        return self._delivery if words.first is None or self._delivered <= words.first else Delivery()
