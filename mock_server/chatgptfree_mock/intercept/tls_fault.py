"""Faults in the TLS of an intercepted connection, and the words for them.  Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TlsFault(StrEnum):
    """One fault; its value is the word that users write after ``--tls-fault``."""

    NO_CLOSE_NOTIFY = "no-close-notify"
    """Connections end without the alert that ends a TLS session (RFC 8446, section 6.1)."""
    WRONG_NAME = "wrong-name"
    """The certificate is another site's."""
    EXPIRED = "expired"
    """The certificate was valid until yesterday."""

    @property
    def forbids(self) -> str:
        """Return why a client must not use even a whole answer; empty if it may."""
        return _FORBIDDEN.get(self, "")


_FORBIDDEN: Final = {
    TlsFault.EXPIRED: "it accepted a certificate that has expired",
    TlsFault.WRONG_NAME: "it accepted the certificate of another site",
}
