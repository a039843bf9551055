"""Redirects: their targets, and the errors for those that are not followed."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from chatgptfree.core.protocol.http import is_web_address
from chatgptfree.core.protocol.site import without_user_info
from chatgptfree.errors import ChallengeError, ChatError, ProtocolError


def target_of(url: str, location: str, status: int) -> str:
    """
    Return the target of a redirect from *url*.

    Raises:
        ProtocolError: it is not an http or https address.
    """
    try:
        target = urljoin(url, location)
        if is_web_address(target):
            return without_user_info(target)
    except ValueError:
        pass
    raise ProtocolError(
        f"the site redirects to {location!r}, which is not an http or https address", status=status, url=url
    )


def losing_redirect(target: str, status: int, url: str) -> ChatError:
    """Return the error for a redirect from *url* that would lose the message."""
    if urlsplit(target).path.endswith("/wp-login.php"):
        return ChallengeError(f"the site requires a login: it redirects to {target}", status=status, url=url)
    return ProtocolError(
        f"the site redirects the message to {target} with status {status}, which would lose it on the way",
        status=status,
        url=url,
    )
