"""The variant of a recorded answer that a site serves in its place."""

from __future__ import annotations

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.tape.encoded_body import accepts
from chatgptfree_mock.variants.catalogue import Variant
from chatgptfree_mock.variants.wire_bytes import Answer


class ServedVariant:
    """
    Puts *variant* in the place of the recorded answer whose decoded body is *body*.

    All other answers stay as they are; so does this one for a client that does not accept the variant's coding, and
    from the second request on where the variant breaks the first one only.
    """

    def __init__(self, variant: Variant, body: bytes) -> None:
        self._variant, self._body = variant, body
        self._asked = 0
        self._not_offered = 0

    def vary(self, reply: SiteReply, request: SiteRequest) -> Answer | None:
        """Return what is sent instead of *reply*, None for the reply itself; the reply's reasons then name it."""
        if not reply.recorded or reply.response.body != self._body:
            return None
        self._asked += 1
        if not accepts(request.header("Accept-Encoding"), self._variant.codings):
            self._not_offered += 1
            return None
        if self._variant.once and self._asked > 1:
            return None
        reply.why += (f"variant {self._variant.name}: the body shown is all that was sent, its head included",)
        return self._variant.answer

    def warnings(self) -> tuple[str, ...]:
        """Return why the variant was never served, if it was not."""
        name = self._variant.name
        if not self._asked:
            return (f"the variant {name} was never served: the recorded answer was not asked for",)
        if self._not_offered == self._asked:
            codings = " and ".join(self._variant.codings)
            return (f"the variant {name} was never served: the client's Accept-Encoding does not allow {codings}",)
        return ()
