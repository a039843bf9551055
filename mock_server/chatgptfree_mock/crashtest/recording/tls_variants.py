"""Variants of the TLS below an answer, for clients that are intercepted: all of them are breakages."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.variants.catalogue import Variant
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.wire_bytes import render

FAMILY: Final = "tls/"
EXPIRED: Final = "tls/expired"
WRONG_NAME: Final = "tls/wrong-name"
CUT: Final = "tls/cut-without-close-notify"
"""A body that only the end of the connection delimits, cut in half, without the alert that ends a TLS session."""
_FAULTS: Final = {EXPIRED: TlsFault.EXPIRED, WRONG_NAME: TlsFault.WRONG_NAME, CUT: TlsFault.NO_CLOSE_NOTIFY}


def tls_variants(recorded: RecordedAnswer) -> tuple[Variant, ...]:
    """Return the variants of *recorded*; a body of one byte has no half."""
    whole, cut = recorded.answer(), recorded.answer(fault="close-delimited,truncate@50%")
    made = [(EXPIRED, whole, "RFC 5280 section 6.1.3"), (WRONG_NAME, whole, "RFC 9110 section 4.3.4")]
    if len(recorded.body) > 1:
        made.append((CUT, cut, "RFC 9112 section 9.8: a close without closure alert is an incomplete message"))
    return tuple(
        Variant(
            name=name, kind=VariantKind.BREAKAGE, grade=1, source=source, answer=answer, sent=render(answer), short=True
        )
        for name, answer, source in made
    )


def tls_fault_of(variant: str) -> TlsFault | None:
    """Return the TLS fault of *variant*; None for variants of other families."""
    return _FAULTS.get(variant)


def forbidden(fault: TlsFault | None) -> str:
    """Return why a client must not use even the whole answer with this *fault*; empty if it may."""
    return "" if fault is None else fault.forbids
