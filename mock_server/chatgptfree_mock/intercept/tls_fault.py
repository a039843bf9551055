"""Faults in the TLS of an intercepted connection, and the words for them.  Pure."""

from __future__ import annotations

from enum import StrEnum


class TlsFault(StrEnum):
    """One fault; its value is the word that users write after ``--tls-fault``."""

    NO_CLOSE_NOTIFY = "no-close-notify"
    """Connections end without the alert that ends a TLS session (RFC 8446, section 6.1)."""
    WRONG_NAME = "wrong-name"
    """The certificate is another site's."""
    EXPIRED = "expired"
    """The certificate was valid until yesterday."""
