"""
Settings for clients in this process besides the variables of a proxy, which some libraries read only once.

A process that is started later reads the variables itself.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator, Mapping

_AIOHTTP = "aiohttp.connector"
_AIOHTTP_CONTEXT = "_SSL_CONTEXT_VERIFIED"
_URLLIB = "urllib.request"
_URLLIB_OPENER = "_opener"


def attributes(environment: Mapping[str, str]) -> Iterator[tuple[object, str, object]]:
    """
    Yield object, name and value of each attribute that has to be changed together with the *environment*.

    aiohttp makes its TLS context when it is imported (`aiohttp/connector.py`), `urllib.request.urlopen` its opener,
    proxies included, when it is first called (`Lib/urllib/request.py`).  Other clients of Python read the variables
    for each session or request.  Modules that have not been imported are left alone.

    *environment*: the variables, as `environment.variables` returns them.
    """
    if (connector := sys.modules.get(_AIOHTTP)) and hasattr(connector, _AIOHTTP_CONTEXT):
        context = ssl.create_default_context(cafile=environment["SSL_CERT_FILE"])
        context.set_alpn_protocols(("http/1.1",))
        yield connector, _AIOHTTP_CONTEXT, context
    if (urllib_request := sys.modules.get(_URLLIB)) and hasattr(urllib_request, _URLLIB_OPENER):
        yield urllib_request, _URLLIB_OPENER, None
