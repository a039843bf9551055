"""The variables by which clients of many languages find a proxy and trust its CA.  Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

PROXY: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
"""In upper and lower case: curl reads only the lower-case `http_proxy`, others the upper-case one."""
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
JAVA: Final = "JAVA_TOOL_OPTIONS"
_ADVICE: Final = (
    (
        re.compile(r"^python[\d.]*$|\.pyw?$"),
        "aiohttp uses HTTPS_PROXY only with ClientSession(trust_env=True), httpx and requests unless trust_env=False",
    ),
    (
        re.compile(r"^(?:node|npx|npm|tsx)$|\.[mc]?[jt]s$"),
        "Node's fetch uses HTTPS_PROXY from 22.21 and 24 on; before, give it a dispatcher, undici's EnvHttpProxyAgent",
    ),
    (re.compile(r"^java$|\.jar$"), "Java's HttpClient uses the proxy unless it is built with another .proxy(…)"),
)
"""The commands of each language, and the environment variables that its clients need."""


def variables(
    proxy: str, certificate: Path, trust_store: Path, *, password: str, java_options: str = ""
) -> dict[str, str]:
    """
    Return the variables for the processes of clients, and nothing else.

    *proxy*: the forward proxy's address, such as ``http://127.0.0.1:8083``.  *certificate*: the CA as PEM.
    *trust_store*: the same for Java, with its *password*.  *java_options*: the present value of `JAVA_TOOL_OPTIONS`.
    """
    parts = urlsplit(proxy)
    java = [java_options] if java_options else []
    java += [
        f"-D{scheme}.proxy{name}={value}"
        for scheme in ("http", "https")
        for name, value in (("Host", parts.hostname), ("Port", parts.port))
    ]
    java += [
        "-Dhttp.nonProxyHosts=",
        f"-Djavax.net.ssl.trustStore={trust_store}",
        f"-Djavax.net.ssl.trustStorePassword={password}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
    ]
    return {
        **dict.fromkeys(PROXY, proxy),
        **dict.fromkeys(NO_PROXY, ""),
        **dict.fromkeys(CERTIFICATE, str(certificate)),
        "NODE_USE_ENV_PROXY": "1",
        JAVA: " ".join(java),
    }


def export_lines(values: Mapping[str, str]) -> list[str]:
    """Return *values* as lines for a shell."""
    return [f"export {name}={shlex.quote(value)}" for name, value in values.items()]


def advice(command: Sequence[str] = ()) -> str:
    """Return advice on using the proxy, for the language of *command*, or for all known languages."""
    words = [Path(word).name for word in command]
    fitting = [text for pattern, text in _ADVICE if any(pattern.search(word) for word in words)]
    return "; ".join(fitting or [text for _, text in _ADVICE])
