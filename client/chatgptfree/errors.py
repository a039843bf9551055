"""
What can go wrong, one class a kind.

An error answers three questions without anybody parsing its text: what sort of thing
happened (`kind`), whether asking again can help (`retryable`), and what had been
delivered before it happened (`partial`).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from chatgptfree.control_characters import escape

Kind = Literal[
    "page",
    "challenge",
    "nonce",
    "rate_limited",
    "refused",
    "upstream",
    "protocol",
    "interrupted",
    "timeout",
    "connection",
    "too_large",
    "model",
]
"""Every value that `ChatError.kind` can have."""

Phase = Literal["connect", "idle", "total"]
"""Which of the three time limits ran out."""

_EXCERPT_LENGTH = 300


class ChatError(Exception):
    """
    The site or the network failed; the one base of all errors of this package.

    Attributes:
        kind: what sort of thing happened, one word a class: ``page``, ``challenge``, ``nonce``, ``rate_limited``,
            ``refused``, ``upstream``, ``protocol``, ``interrupted``, ``timeout``, ``connection``, ``too_large``
            or ``model``.
        retryable: whether the same call may succeed when it is made again later.
        status: the HTTP status of the response, if there was one.
        url: the address that was asked, if one was.
        excerpt: a short piece of what was received, without tags.  Here and in the message control characters are
            escaped: both are made to be printed.
        partial: all text that was delivered before the error.
    """

    kind: ClassVar[Kind] = "protocol"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        url: str | None = None,
        excerpt: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(escape(message))
        self.status = status
        self.url = url
        excerpt = escape(excerpt)
        self.excerpt = excerpt if len(excerpt) <= _EXCERPT_LENGTH else excerpt[: _EXCERPT_LENGTH - 1] + "…"
        self.partial = partial

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors be copied and sent between processes, whatever their constructors ask for."""
        return _rebuilt, (type(self), self.args), self.__dict__.copy()


def _rebuilt(kind: type[ChatError], arguments: tuple[object, ...]) -> ChatError:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class PageError(ChatError):
    """The page holds no chat that this client can use; the message names what is missing."""

    kind = "page"


class NoNonceFound(PageError, RuntimeError):  # noqa: N818 - the name that users of the classic API know
    """The page has no nonce; what was found instead is in `excerpt`."""

    def __init__(
        self,
        message: str = "No nonce found",
        *,
        status: int | None = None,
        url: str | None = None,
        excerpt: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(message, status=status, url=url, excerpt=excerpt, partial=partial)


class NoPostIdFound(PageError, RuntimeError):  # noqa: N818 - the name that users of the classic API know
    """The chat element names no post id; raised by the provider API only, as the classic one did."""

    def __init__(
        self,
        message: str = "No post id found",
        *,
        status: int | None = None,
        url: str | None = None,
        excerpt: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(message, status=status, url=url, excerpt=excerpt, partial=partial)


class ChallengeError(ChatError):
    """Something in front of the site wants a browser or a person: Cloudflare, a firewall, a login, consent."""

    kind = "challenge"


class NonceError(ChatError):
    """The site refuses the nonce, also a fresh one."""

    kind = "nonce"
    retryable = True


class RateLimitedError(ChatError):
    """Too many requests; `retry_after` is how many seconds the site wants to be left alone, None if it did not say."""

    kind = "rate_limited"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        url: str | None = None,
        excerpt: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(message, status=status, url=url, excerpt=excerpt, partial=partial)
        self.retry_after = retry_after


class RefusedError(ChatError):
    """The site said no: banned, flagged, out of quota, nothing asked."""

    kind = "refused"


class UpstreamError(ChatError):
    """The model's API behind the site failed, or the site itself did."""

    kind = "upstream"
    retryable = True


class ProtocolError(ChatError):
    """Not what any known generation of the site sends: empty, undecodable, of another shape."""

    kind = "protocol"


class InterruptedStreamError(ChatError):
    """The answer broke off; `partial` is what came before."""

    kind = "interrupted"
    retryable = True


class ChatTimeoutError(ChatError):
    """A time limit of `Timeout` ran out; `phase` says which: ``connect``, ``idle`` or ``total``."""

    kind = "timeout"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        phase: Phase,
        status: int | None = None,
        url: str | None = None,
        excerpt: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(message, status=status, url=url, excerpt=excerpt, partial=partial)
        self.phase: Phase = phase


class ChatConnectionError(ChatError):
    """No connection, or one that died before an answer began."""

    kind = "connection"
    retryable = True


class TooLargeError(ChatError):
    """A page, an event or a reply is over its limit."""

    kind = "too_large"


class UnknownModelError(ChatError):
    """The asked-for bot or model is not on the page; the message lists what is."""

    kind = "model"
