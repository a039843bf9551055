"""
A certificate authority for one run: it signs a certificate for each host that is intercepted.

Its key is new for each run and never written, so that its certificate is useless after the run.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from chatgptfree_mock.errors import InterceptError
from chatgptfree_mock.intercept.tls_fault import TlsFault

TRUST_STORE_PASSWORD: Final = "changeit"  # noqa: S105 - see below
"""Java's usual password of a trust store; it protects nothing, since the store has only a public certificate."""
_TMPDIR: Final = "set TMPDIR to a folder that can be written to"
_WRONG_NAME: Final = "another-site.invalid"


class Authority:
    """
    A CA with its certificate in two files in *folder*: `ca.pem`, and `ca.p12` for Java.

    Raises:
        InterceptError: the files can't be written.
    """

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA(organization_name="chatgptfree-mock", organization_unit_name="one run")
        self._contexts: dict[tuple[str, TlsFault | None], ssl.SSLContext] = {}
        self.certificate = folder / "ca.pem"
        """The certificate as PEM, for curl, Python, Node, Go and others."""
        self.trust_store = folder / "ca.p12"
        """The certificate as a PKCS #12 trust store with the password `TRUST_STORE_PASSWORD`, for Java."""
        try:
            self.certificate.write_bytes(self._ca.cert_pem.bytes())
            self.trust_store.write_bytes(self._java())
        except OSError as exc:
            raise InterceptError(
                f"can't write the certificate of the CA to {folder}: {exc.strerror}; {_TMPDIR}"
            ) from exc

    def context(self, host: str, fault: TlsFault | None = None) -> ssl.SSLContext:
        """
        Return the server's TLS context for *host*, a name or an IP address; made once per host and *fault*.

        Raises:
            InterceptError: the certificate of *host* can't be written, which the TLS library reads from a file.
        """
        if (host, fault) not in self._contexts:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.set_alpn_protocols(["http/1.1"])
            try:
                self._certificate_for(host, fault).configure_cert(context)
            except OSError as exc:
                reason = exc.strerror or "not all of it is there"
                raise InterceptError(f"can't write the certificate of {host}: {reason}; {_TMPDIR}") from exc
            self._contexts[host, fault] = context
        return self._contexts[host, fault]

    def _certificate_for(self, host: str, fault: TlsFault | None) -> trustme.LeafCert:
        now = datetime.now(UTC)
        if fault is TlsFault.EXPIRED:
            return self._ca.issue_cert(host, not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))
        return self._ca.issue_cert(_WRONG_NAME if fault is TlsFault.WRONG_NAME else host)

    def _java(self) -> bytes:
        certificate = x509.load_pem_x509_certificate(self._ca.cert_pem.bytes())
        entry = pkcs12.PKCS12Certificate(certificate, b"chatgptfree-mock")
        encryption = BestAvailableEncryption(TRUST_STORE_PASSWORD.encode())
        return pkcs12.serialize_java_truststore([entry], encryption)
