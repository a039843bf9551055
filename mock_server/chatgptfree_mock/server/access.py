"""
Access to the control API: a request needs the server's token, and a `Host` that is a name of the server.

Pages that the mock serves have the same origin as the API, so cookies, `Origin` and the same-origin policy cannot
distinguish their scripts from the user.  A token can, as long as no page contains it: the server prints it when it
starts, the console gets it in the fragment of its address, which is never sent (RFC 3986, 3.5), and requests send it as
a bearer token (RFC 6750, 2.1).
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.hosts import canonical, host_name, is_address

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""The characters of RFC 6750, 2.1; none needs quoting in a header, a shell or the fragment of an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The token of one server, and its host names besides IP addresses and `localhost`."""

    token: str = field(repr=False)
    hosts: frozenset[str] = frozenset()

    @classmethod
    def make(cls, token: str | None, hosts: Iterable[str] = ()) -> Access:
        """
        Create it with *token*, by default a random one; *hosts* are added to the name of this machine.

        Raises:
            SettingsError: the token has characters that no bearer token can have, or one of *hosts* is not a host name.
        """
        if token is not None and not _TOKEN.fullmatch(token):
            raise SettingsError("the API token must be made of letters, digits and `-._~+/`, with `=` at its end only")
        names = {canonical(socket.gethostname()), *map(_checked, hosts)}
        return cls(token=secrets.token_urlsafe(24) if token is None else token, hosts=frozenset(names - {""}))

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that a request to the API needs."""
        return {"Authorization": f"Bearer {self.token}"}

    def misdirected(self, request: web.BaseRequest) -> bool:
        """Return whether the host name of *request* is not this server's, as after DNS rebinding."""
        try:
            name = canonical(urlsplit(f"//{request.host}").hostname or "")
        except ValueError:
            return True
        return not (is_address(name) or name == "localhost" or name.endswith(".localhost") or name in self.hosts)

    def allows(self, request: web.BaseRequest) -> bool:
        """Return whether *request* has the token."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        return scheme.lower() == "bearer" and hmac.compare_digest(given, self.token.encode())


def _checked(host: str) -> str:
    name = host_name(host)
    if name is None:
        raise SettingsError(f"`{host}` is not a host for the control API; write only its name, such as mock.example")
    return name


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach *address*."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
