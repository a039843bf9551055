"""
The addresses that belong to the user's site, and the data that may be sent to each.

*One site* is one host, also with or without ``www.`` in front, and also where http became https; never where https
became http.  Requests of the chat go to that site, to the site that its page has moved to, and to the hosts that the
user allows.  What belongs to the user goes to the site alone:

- Cookies depend on the host alone, not on the port (RFC 6265, section 8.5).
- Headers and user info go by host and port: another port of a host may belong to another server.  Only from http to
  https may the port change.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote, urlsplit

from chatgptfree.core.protocol.http import is_web_address
from chatgptfree.messages import ReplyWarning

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    The site that the user gave.

    *url* is its address without user info, *authorization* that user info as a value of the header ``Authorization``,
    *allowed* the hosts to which the user lets requests go as well.
    """

    url: str
    authorization: str | None = field(default=None, repr=False)
    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, url: str, allow_hosts: Iterable[str] = ()) -> Self:
        """
        Split *url* from its user info, and check *allow_hosts*.

        Raises:
            ValueError: *url* is not an http or https address, or one of *allow_hosts* is not the name of a host.
            TypeError: *url* is not a text, or *allow_hosts* not a list of texts.
        """
        if not isinstance(url, str):
            raise TypeError(f"url is an http or https address as text, not {url!r}")
        if not is_web_address(url):
            raise ValueError(f"{without_user_info(url)!r} is not an http or https address")
        if isinstance(allow_hosts, str | bytes) or not isinstance(allow_hosts, Iterable):
            raise TypeError(f"allow_hosts is a list of hosts, such as ['chat.example'], not {allow_hosts!r}")
        return cls(
            url=without_user_info(url),
            authorization=_authorization(url),
            allowed=frozenset(_allowed(host) for host in allow_hosts),
        )

    def takes_cookies(self, url: str) -> bool:
        """Check whether the user's cookies may go to *url*."""
        return same_site(self.url, url)

    def takes_credentials(self, url: str) -> bool:
        """Check whether the user's headers and user info may go to *url*."""
        before, after = urlsplit(self.url), urlsplit(url)
        return same_site(self.url, url) and (before.scheme != after.scheme or _port(self.url) == _port(url))

    def may_ask(self, url: str, *, came_from: str) -> bool:
        """Check whether a request of the chat may go to *url*, because of a page or a redirect of *came_from*."""
        if self.allows(url):
            return True
        return same_site(came_from, url) or (same_site(self.url, url) and not _is_downgrade(came_from, url))

    def allows(self, url: str) -> bool:
        """Check whether *url* is on a host that the user allows by name."""
        return _host(url) in self.allowed

    def warnings(self, *urls: str) -> tuple[ReplyWarning, ...]:
        """Return a warning for each origin among *urls* that the user's headers and cookies were kept from."""
        origins = dict.fromkeys(origin(url) for url in urls if not self.takes_credentials(url) and not self.allows(url))
        return tuple(self._warning(there) for there in origins)

    def _warning(self, there: str) -> ReplyWarning:
        kept = "headers and user info" if self.takes_cookies(there) else "headers, cookies and user info"
        detail = f"the answer came from {there}, not from {origin(self.url)}; your {kept} were not sent there"
        return ReplyWarning(code="other-site", detail=detail)


def same_site(one: str, other: str) -> bool:
    """Check whether *other* belongs to the site of *one*: same host, also with or without ``www.``, no less secure."""
    host = _bare(_host(one))
    return bool(host) and host == _bare(_host(other)) and not _is_downgrade(one, other)


def origin(url: str) -> str:
    """Return scheme, host and port of *url*."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def without_user_info(url: str) -> str:
    """Return *url* without the user info in front of its host."""
    head, slashes, rest = url.partition("//")
    end = min((found for mark in "/?#" if (found := rest.find(mark)) >= 0), default=len(rest))
    return head + slashes + rest[:end].rpartition("@")[2] + rest[end:]


def _authorization(url: str) -> str | None:
    """Return the user info of *url* as Basic credentials (RFC 7617), in UTF-8."""
    parts = urlsplit(url)
    if not parts.username and not parts.password:
        return None
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode(errors='surrogateescape')).decode()}"


def _allowed(host: object) -> str:
    if not isinstance(host, str):
        raise TypeError(f"allow_hosts holds hosts as texts, not {host!r}")
    found = _host(f"//{host}")
    if not found or any(mark in host for mark in "/?#@* ") or (":" in host and not host.startswith("[")):
        raise ValueError(f"allow_hosts: {host!r} is not a host; write only the name, such as 'chat.example'")
    return found


def _is_downgrade(before: str, after: str) -> bool:
    return urlsplit(before).scheme == "https" and urlsplit(after).scheme == "http"


def _host(url: str) -> str:
    """Return the host of *url*, in lower case and IDNA-encoded; empty without a host."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:  # a name that no host can have
        return host


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _port(url: str) -> int | None:
    parts = urlsplit(url)
    return parts.port or _PORTS.get(parts.scheme)
