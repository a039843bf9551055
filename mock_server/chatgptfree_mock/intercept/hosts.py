"""The host names for which the mock answers.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from chatgptfree_mock.errors import InterceptError


class InterceptedHosts:
    """
    A set of host names; ``*.example.com`` means any name below ``example.com``.

    *names*: hosts or addresses, as `host_of` takes them.

    Raises:
        InterceptError: there are none, or one of them is not a host.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(map(host_of, names)))
        if not self.names:
            raise InterceptError("there is no host to intercept: name one, such as --intercept chatgptfree.ai")

    def __contains__(self, host: str) -> bool:
        """Return whether *host*, a name without a port, is one of them."""
        name = canonical(host)
        return any(name == each or (each.startswith("*.") and name.endswith(each[1:])) for each in self.names)

    def __str__(self) -> str:
        return ", ".join(self.names)

    @property
    def first(self) -> str:
        """Return the first name; of ``*.example.com`` the part after ``*.``."""
        return self.names[0].removeprefix("*.")


def host_of(text: str) -> str:
    """
    Return the host in *text*: ``chatgptfree.ai``, ``https://chatgptfree.ai/chat/``, ``*.example.com``, ``::1``.

    Raises:
        InterceptError: there is none.
    """
    bare = text.strip()
    try:
        address = f"[{bare}]" if bare.count(":") > 1 and "/" not in bare and not bare.startswith("[") else bare
        found = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:
        found = None
    if not found or "*" in found.removeprefix("*.") or any(letter.isspace() for letter in found):
        raise InterceptError(f"`{text}` is not a host to intercept; write one such as chatgptfree.ai")
    return canonical(found)


def canonical(host: str) -> str:
    """Return *host* in lower case, without a dot at its end; an IP address in its shortest spelling (RFC 5952)."""
    name = host.lower().rstrip(".")
    try:
        return ip_address(name).compressed if ":" in name else name
    except ValueError:
        return name
