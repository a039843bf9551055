"""The variables by which clients of many languages find a proxy and trust its CA.  Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from chatgptfree_mock.intercept.authority import TRUST_STORE_PASSWORD

PROXY: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""Upper and lower case: curl reads `http_proxy` in lower case alone, others the upper."""
NO_PROXY: Final = ("NO_PROXY", "no_proxy")
CERTIFICATE: Final = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "AWS_CA_BUNDLE",
    "DENO_CERT",
    "GIT_SSL_CAINFO",
)
"""OpenSSL, Python's ssl and Go; requests; curl; Node; the AWS SDKs; Deno; git."""


def variables(proxy: str, certificate: Path, trust_store: Path) -> dict[str, str]:
    """
    Return the variables for child processes, and nothing else.

    *proxy*: the forward proxy's address, such as ``http://127.0.0.1:8083``.  *certificate*: the CA as PEM.
    *trust_store*: the same for Java.
    """
    parts = urlsplit(proxy)
    java = [
        f"-D{scheme}.proxy{name}={value}"
        for scheme in ("http", "https")
        for name, value in (("Host", parts.hostname), ("Port", parts.port))
    ]
    java += [
        "-Dhttp.nonProxyHosts=",
        f"-Djavax.net.ssl.trustStore={trust_store}",
        f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
    ]
    return {
        **dict.fromkeys(PROXY, proxy),
        **dict.fromkeys(NO_PROXY, ""),
        **dict.fromkeys(CERTIFICATE, str(certificate)),
        "NODE_USE_ENV_PROXY": "1",  # Node 22.21 and later, 24 and later
        "JAVA_TOOL_OPTIONS": " ".join(java),
    }


def export_lines(values: Mapping[str, str]) -> list[str]:
    """Return *values* as lines for a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
