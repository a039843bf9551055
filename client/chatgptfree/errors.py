"""
The errors of this package, one class per kind.

Code that handles an error need not parse its text: `kind` names the sort of failure, `retryable` whether asking again
can help, and `partial` is the text delivered before.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypedDict, Unpack

from chatgptfree.control_characters import escape
from chatgptfree.messages import ReplyWarning

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


class ErrorFacts(TypedDict, total=False):
    """The keyword arguments that all errors have; see the attributes of `ChatError`."""

    status: int | None
    url: str | None
    excerpt: str
    retry_after: float | None
    partial: str


class ChatError(Exception):
    """
    The site or the network failed; the base class of all errors of this package.

    Attributes:
        kind: the sort of failure, one word a class: ``page``, ``challenge``, ``nonce``, ``rate_limited``,
            ``refused``, ``upstream``, ``protocol``, ``interrupted``, ``timeout``, ``connection``, ``too_large``
            or ``model``.
        retryable: whether the same call may succeed when it is made again later.
        status: the HTTP status of the response; None without a response.
        url: the URL of the request; None without a request.
        excerpt: at most 300 characters of what was received, without tags.  In it and in the message control
            characters are escaped, so that both can be printed.
        raw_message: the message with control characters as the site sent them, for programs and logs.
        raw_excerpt: the same for the excerpt.
        retry_after: seconds to wait before the next try, from the response's header Retry-After (RFC 9110, section
            10.2.3), whatever its status; None without one.
        partial: all text that was delivered before the error.
        warnings: the warnings about the page and the answer until then, as in `Reply.warnings` after a success.
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
        retry_after: float | None = None,
        partial: str = "",
    ) -> None:
        super().__init__(escape(message))
        self.raw_message = message
        self.raw_excerpt = _shortened(excerpt)
        self.status = status
        self.url = url
        self.excerpt = _shortened(escape(excerpt))
        self.retry_after = retry_after
        self.partial = partial
        self.warnings: tuple[ReplyWarning, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors be copied and pickled, whatever arguments their constructors require."""
        return _rebuilt, (type(self), self.args), self.__dict__.copy()


def _shortened(excerpt: str) -> str:
    return excerpt if len(excerpt) <= _EXCERPT_LENGTH else excerpt[: _EXCERPT_LENGTH - 1] + "…"


def _rebuilt(kind: type[ChatError], arguments: tuple[object, ...]) -> ChatError:
    error = kind.__new__(kind)
    error.args = arguments
    return error


class PageError(ChatError):
    """The page holds no chat that this client can use; the message names what is missing."""

    kind = "page"


class NoNonceFound(PageError, RuntimeError):  # noqa: N818 - the name that users of the classic API know
    """The page has no nonce; `excerpt` shows what was found instead."""

    def __init__(self, message: str = "No nonce found", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)


class NoPostIdFound(PageError, RuntimeError):  # noqa: N818 - the name that users of the classic API know
    """The chat element has no post id; raised by the provider API only, as by the classic one."""

    def __init__(self, message: str = "No post id found", **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)


class ChallengeError(ChatError):
    """A block page in front of the site requires a browser or a person: Cloudflare, a firewall, a login, consent."""

    kind = "challenge"


class NonceError(ChatError):
    """The site refused the nonce, and a fresh one as well."""

    kind = "nonce"
    retryable = True


class RateLimitedError(ChatError):
    """Too many requests, or too many for this visitor; `retry_after` is the wait that the site asks for."""

    kind = "rate_limited"
    retryable = True


class RefusedError(ChatError):
    """The site refused the question: banned, flagged, out of quota, an empty message."""

    kind = "refused"


class UpstreamError(ChatError):
    """The model's API behind the site failed, or the site itself did."""

    kind = "upstream"
    retryable = True


class ProtocolError(ChatError):
    """The response is not one that any known generation of the site sends: empty, undecodable, of another shape."""

    kind = "protocol"


class InterruptedStreamError(ChatError):
    """The answer broke off; `partial` is the text received before."""

    kind = "interrupted"
    retryable = True


class ChatTimeoutError(ChatError):
    """
    A time limit of `Timeout` ran out.

    Attributes:
        phase: which one: ``connect``, ``idle`` or ``total``.
    """

    kind = "timeout"
    retryable = True

    def __init__(self, message: str, *, phase: Phase, **facts: Unpack[ErrorFacts]) -> None:
        super().__init__(message, **facts)
        self.phase: Phase = phase


class ChatConnectionError(ChatError):
    """The connection failed, or was closed before an answer began."""

    kind = "connection"
    retryable = True


class TooLargeError(ChatError):
    """A page, an event or a reply is over its limit."""

    kind = "too_large"


class UnknownModelError(ChatError):
    """The requested bot or model is not on the page; the message lists those that are."""

    kind = "model"
