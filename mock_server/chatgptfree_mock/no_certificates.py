"""
The import of aiohttp without the certificates of the system, for a process that makes no TLS connection with it.

aiohttp reads them twice when it is imported (`_SSL_CONTEXT_VERIFIED` in `aiohttp/connector.py`), which took a third of
the start of `serve`.  A client that is a process reads its own; one that is a function may need those of aiohttp.
"""

from __future__ import annotations

import os
from typing import Final

_VARIABLE: Final = "SSL_CERT_FILE"
"""The file of certificates that OpenSSL reads, see SSL_CTX_load_verify_locations(3); unset: the system's."""


def import_aiohttp() -> None:
    """Import aiohttp, with no certificates for its clients, unless it is imported already; the environment stays."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = os.devnull
    try:
        import aiohttp  # noqa: F401 - what uses it imports it again
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before
