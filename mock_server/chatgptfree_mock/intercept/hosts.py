"""
The sites for which the mock answers: host names, with a port where it is not the default one.  Pure.

Another port is another site.  The default ports, 80 and 443, are one, as in the matching of recordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from chatgptfree_mock.errors import InterceptError

_DEFAULT_PORTS: Final = frozenset({None, 80, 443})
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LONGEST: Final = 253
"""Characters of a host name (RFC 1035, 2.3.4, without the length bytes)."""


class InterceptedHosts:
    """
    A set of host names; ``*.example.com`` means any name below ``example.com``.

    *names*: hosts or addresses, as `host_of` takes them.

    Raises:
        InterceptError: there are none, or one of them is not a host.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(map(host_of, names)))
        """The hosts as `host_of` writes them."""
        if not self.names:
            raise InterceptError("there is no host to intercept: name one, such as --intercept chatgptfree.ai")
        self._sites = tuple(map(_split, self.names))

    def __contains__(self, host: str) -> bool:
        """Return whether *host*, a name without a port, is one of them at any port."""
        name = canonical(host)
        return any(_is_same_host(name, each) for each, _ in self._sites)

    def __str__(self) -> str:
        return ", ".join(self.names)

    def refusal(self, host: str, port: int | None) -> str:
        """Return why *host* at *port* (None: the default one) is not one of them; empty if it is."""
        name, port = canonical(host), None if port in _DEFAULT_PORTS else port
        ports = [each for known, each in self._sites if _is_same_host(name, known)]
        if port in ports:
            return ""
        reason = f"this proxy answers for {self} and connects to nothing else"
        if not ports:
            return reason
        wanted = _host_and_port(name, port)
        return (
            f"{reason}; another port is another site: `--intercept {wanted}` answers for `{wanted}`, "
            f"and `record` records it by itself"
        )

    @property
    def first(self) -> str:
        """Return the first host as an address has it, maybe with a port; of ``*.example.com`` the part after ``*.``."""
        name, port = self._sites[0]
        bare = name.removeprefix("*.")
        return _host_and_port(bare, port) if port is not None or ":" not in bare else f"[{bare}]"


def host_of(text: str) -> str:
    """
    Return the host in *text*: ``chatgptfree.ai``, ``https://chatgptfree.ai/chat/``, ``*.example.com``, ``::1``.

    A port that is not a default one is kept: ``chatgptfree.ai:8443``, ``[::1]:8443``.

    Raises:
        InterceptError: there is no host, or a user name before it, which would have no effect.
    """
    bare = text.strip()
    try:
        address = f"[{bare}]" if bare.count(":") > 1 and "/" not in bare and not bare.startswith("[") else bare
        parts = urlsplit(address if "://" in address else f"//{address}")
        found, port = None if "@" in parts.netloc else parts.hostname, parts.port
    except ValueError:
        found, port = None, None
    below = "*." * (found or "").startswith("*.")
    name = host_name((found or "").removeprefix("*."))
    if name is None or port == 0 or ("://" not in bare and any(mark in bare for mark in "/?#@")):
        raise InterceptError(f"`{text}` is not a host to intercept; write one such as chatgptfree.ai")
    return _host_and_port(below + name, None if port in _DEFAULT_PORTS else port)


def host_name(text: str) -> str | None:
    """
    Return the host name or IP address *text* as clients send it: in lower case, in ASCII (IDNA), without a last dot.

    None: no host can have this name.
    """
    name = canonical(text)
    if ":" in name:
        return name if is_address(name) else None
    if len(name) > _LONGEST or not all(map(_LABEL.fullmatch, name.split("."))):
        return None
    return name


def recorded_hosts(uris: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts in recorded addresses, each once, as `host_of` writes them; an address may have none."""
    found: dict[str, None] = {}
    for uri in uris:
        try:
            parts = urlsplit(uri)
            if parts.hostname:
                found[host_of(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())] = None
        except (ValueError, InterceptError):
            continue
    return tuple(found)


def canonical(host: str) -> str:
    """Return *host* in lower case and ASCII, without a dot at its end; an address in its shortest form (RFC 5952)."""
    name = host.lower().removesuffix(".")
    try:
        return ip_address(name).compressed if ":" in name else name.encode("idna").decode()
    except ValueError:
        return name


def is_address(name: str) -> bool:
    """Return whether *name* is an IP address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_same_host(name: str, known: str) -> bool:
    return name == known or (known.startswith("*.") and name.endswith(known[1:]))


def _host_and_port(name: str, port: int | None) -> str:
    if port is None:
        return name
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _split(host: str) -> tuple[str, int | None]:
    """Return name and port of a *host* that `host_of` has written."""
    name, colon, port = host.rpartition(":")
    if not colon or (":" in name and not name.endswith("]")):
        return host, None
    return name.strip("[]"), int(port)
