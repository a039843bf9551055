"""Scheme, host and port of a site."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from chatgptfree_mock.errors import MockError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_EXAMPLE = "write one such as https://chatgptfree.ai"


def path_in(url: str) -> str:
    """Return the path and query of *url*, with or without a scheme; ``/`` if it has none."""
    return "/" + "/".join(url.rsplit("://", maxsplit=1)[-1].split("/")[1:])


class NoSiteError(MockError):
    """The address to be recorded is not that of a site."""


class Origin(Struct, frozen=True):
    """Scheme, host and port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Origin:
        """
        Return the origin of *url*; without a scheme it is https.

        Raises:
            NoSiteError: it is not the address of a site.
        """
        try:
            parts = urlsplit(url if "://" in url else f"https://{url}")
            port = parts.port
        except ValueError as exc:
            raise NoSiteError(f"{url} is not the address of a site: {exc}; {_EXAMPLE}") from exc
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise NoSiteError(f"{url} is not the address of a site; {_EXAMPLE}")
        if parts.username or parts.password:
            raise NoSiteError(f"{parts.scheme}://{parts.hostname}: a name and a password can't be part of the address")
        return cls(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme])

    @property
    def bare_host(self) -> str:
        """Return the host as it is written in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def has_default_port(self) -> bool:
        """Whether a URL need not name the port."""
        return self.port == _DEFAULT_PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """Return host and port as they are written in a URL and in `Host`."""
        return self.bare_host if self.has_default_port else f"{self.bare_host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def leads_elsewhere(location: str, site: Origin) -> str | None:
    """Return the origin of a redirect's target, if it is another one than the site's."""
    parts = urlsplit(location)
    if not parts.netloc:
        return None
    try:
        target = Origin.parse(location if parts.scheme else f"{site.scheme}:{location}")
    except NoSiteError:
        return location
    return None if target == site else str(target)
