"""The variant that a site serves in place of a recorded answer."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.tape.encoded_body import accepts
from chatgptfree_mock.variants.catalogue import RULES, Variant
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.wire_bytes import Answer

_REWRITES: Final = {rule.name: rule.rewrite for rule in RULES}


class ServedVariant:
    """
    Serves *variant* in place of the *recorded* answer; *interaction* is the name of its interaction in reports.

    All other answers stay unchanged; so does this one for a client that does not accept the variant's coding, and from
    the second request on if the variant is for the first one only.  Values that the site inserts into the answer, such
    as tokens, are in the variant too.
    """

    def __init__(self, variant: Variant, recorded: RecordedAnswer, interaction: str) -> None:
        self._variant, self._recorded, self._interaction = variant, recorded, interaction
        self._asked = 0
        self._not_offered = 0

    def vary(self, reply: SiteReply, request: SiteRequest) -> Answer | None:
        """Return the bytes to send instead of *reply*, whose reasons then name the variant; None: send the reply."""
        as_recorded = reply.recorded and reply.response.body == self._recorded.body
        if not as_recorded and reply.interaction != self._interaction:
            return None
        self._asked += 1
        if not accepts(request.header("Accept-Encoding"), self._variant.codings):
            self._not_offered += 1
            return None
        if self._variant.once and self._asked > 1:
            return None
        reply.why += (f"variant {self._variant.name}: the body shown is all that was sent, its head included",)
        if as_recorded:
            return self._variant.answer
        return _REWRITES[self._variant.name](self._recorded.like(reply.response)) or self._variant.answer

    @property
    def never_asked(self) -> str:
        """Return a warning if the answer was never requested, else an empty text."""
        if self._asked:
            return ""
        return f"the variant {self._variant.name} was never served: {self._interaction} was not asked for"

    @property
    def not_offered(self) -> str:
        """Return a warning if no client that requested it accepts the variant's coding, else an empty text."""
        if not self._asked or self._not_offered < self._asked:
            return ""
        codings = " and ".join(self._variant.codings)
        return (
            f"the variant {self._variant.name} was never served: the client's Accept-Encoding does not allow {codings}"
        )

    def warnings(self) -> tuple[str, ...]:
        """Return a warning if the variant was never served."""
        return tuple(filter(None, (self.never_asked, self.not_offered)))
