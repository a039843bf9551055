"""`RunningSite`: one site of a running server, as tests use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chatgptfree_mock.errors import ServingError, SettingsError
from chatgptfree_mock.journal import Exchange, Journal
from chatgptfree_mock.keyword_arguments import suggest_keywords
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.live import LiveReply
from chatgptfree_mock.server.live_handle import LiveHandle
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mounted_site import MountedSite, TurnableClock, check_pushable
from chatgptfree_mock.server.request_assertion import ExpectedRequest

if TYPE_CHECKING:
    from chatgptfree_mock.server.intercepted_site import InterceptedSite

DELIVERY = ("chunks", "pace", "fault")
"""The arguments of `RunningSite.deliver`, which are words of a delivery."""
_SETTLING = 0.2
"""Seconds that reading the journal waits for answers to end."""


class RunningSite:
    """
    One site on a running server; `MockSite` and the fixtures of the pytest plugin return it, users do not make it.

    In a forked process only `url` and `nonce` can be used; everything else raises a `ServingError`, because the server
    is in the parent.

    Args:
        server: the server, which need not run yet.
        mounted: the site among those that the server mounts.
        intercepted: the forward proxy in front of the site; None (default) without one.
    """

    def __init__(self, server: MockServer, mounted: MountedSite, intercepted: InterceptedSite | None = None) -> None:
        self.server = server
        self.mounted = mounted
        self.intercepted = intercepted
        """The forward proxy in front of the site; None without one."""
        self._live_handle: LiveHandle | None = None

    def __repr__(self) -> str:
        where = self.url if self.server.loop else "not running"
        total = self.mounted.journal.total
        return f"<{type(self).__name__} {where}, {self.mounted.described}, {total} request{'s' * (total != 1)}>"

    @property
    def url(self) -> str:
        """Return the address of the site, such as ``http://127.0.0.1:40123``, without a slash at the end."""
        return self.server.url + self.mounted.prefix

    @property
    def journal(self) -> Journal:
        """
        Return the journal: each request to the site with its response, the oldest first.

        A client may finish before the mock has noted the end of its answer.  So in code without ``async`` the journal
        waits up to 0.2 seconds for an answer that is under way.
        """
        self.server.process.require()
        self.server.settle(self.mounted.journal, _SETTLING)
        return self.mounted.journal

    @property
    def nonce(self) -> str:
        """Return a nonce that the chat accepts from a guest now: ten hexadecimal digits."""
        return self.mounted.site.nonce()

    @property
    def warnings(self) -> list[str]:
        """
        Return the settings that have had no effect so far, one line each.

        Examples: a fault that was never applied, a file that was left out, a scenario's response that was never used, a
        request that the forward proxy refused, or a proxy that no client used.
        """
        self.server.process.require()
        self.server.settle(self.mounted.journal, _SETTLING)
        return [*self.mounted.warnings(), *(self.intercepted.warnings() if self.intercepted else ())]

    @property
    def environment(self) -> dict[str, str]:
        """
        Return the environment variables with which a client's process reaches the site under the site's own name.

        Raises:
            ServingError: the site was made without *intercept*, or does not run.
        """
        if self.intercepted is None:
            raise ServingError("the site is not intercepted; make it with intercept=True")
        return self.intercepted.environment

    @property
    def clock(self) -> TurnableClock:
        """Return the clock of the site; turning it forward ages nonces."""
        self.server.process.require()
        return self.mounted.clock

    @property
    def reply(self) -> LiveHandle:
        """
        Return the handle that pushes the chat's live answers; from now on each answer waits for it.

        Reading this property switches the site over, so read it before the client asks.

        Raises:
            SettingsError: the site answers from recordings or plays a scenario, whose answers would be lost.
        """
        self.server.process.require()
        check_pushable(self.mounted)
        if self._live_handle is None or self.mounted.live is None:
            self.mounted.live = LiveReply()
            self._live_handle = LiveHandle(self.mounted.live, self.server.running_loop)
        return self._live_handle

    def assert_asked(
        self,
        *,
        times: int | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        fields: Mapping[str, Any] | None = None,
        **more_fields: Any,
    ) -> list[Exchange]:
        """
        Check that the client has sent such a request, and return the exchanges: ``assert_asked(message="Hi")``.

        Args:
            times: how often; None (default) for at least once, 0 for never.
            method: such as ``POST``; None (default) for any.
            path: below the site, without the query; None (default) for any.
            status: of the response; None (default) for any.
            fields: fields with names that are not keywords, or are of other arguments, such as ``{"path": "/a"}``.
            more_fields: fields of the form or the query, or members of the JSON body, and their values.

        Raises:
            AssertionError: it has not; the message contains the journal.
            ValueError: *times* is negative or no whole number.
        """
        __tracebackhide__ = True  # pytest shows the line of the test instead
        if times is not None and (times < 0 or times % 1):
            raise ValueError(f"`times` is how often the request was sent, a whole number from 0: {times!r}")
        expected = ExpectedRequest(
            {"method": method, "path": path, "status": status}, {**(fields or {}), **more_fields}
        )
        exchanges = self.journal[:]
        found = [exchange for exchange in exchanges if expected.fits(exchange)]
        if not found if times is None else len(found) != times:
            raise AssertionError(expected.failure(exchanges, len(found), times))
        return found

    def configure(self, **changes: Any) -> None:
        """
        Change some settings of the site, such as ``nonce="always-expired"`` or ``model={"reply": "Other"}``.

        Args:
            changes: settings by their names.  Settings inside of settings are merged, as in a JSON merge patch (RFC
                7396): other settings stay, None restores the default, a list is replaced as a whole.

        Raises:
            SettingsError: a setting or a value does not exist; nothing is changed.
        """
        self.server.process.require()
        settings = self.mounted.spec.pack.Settings.__struct_fields__
        if "reply" in changes and "reply" not in settings and "model" in settings:
            raise SettingsError(
                f"`reply` is a setting of the model: configure(model={{'reply': {changes['reply']!r}}})"
            )
        for word in (*DELIVERY, "delivery"):
            if word in changes and word not in settings:
                given = ", ".join(f"{each}={changes[each]!r}" for each in DELIVERY if each in changes)
                raise SettingsError(
                    f"`{word}` is not a setting; it belongs to the delivery: deliver({given or 'chunks=…'})"
                )
        sites = self.server.sites
        sites.configure(self.mounted, sites.patched_spec(self.mounted, changes))

    @suggest_keywords()
    def deliver(
        self, *, chunks: str | None = None, pace: str | None = None, fault: str | None = None, seed: int = 0
    ) -> None:
        """
        Set the delivery of the site's answers from now on: their cuts, pace and faults; by default as recorded.

        Args:
            chunks: how answers are cut, such as ``utf8`` or ``bytes``; None (default) for as recorded.
            pace: when chunks are sent, such as ``instant`` or ``every:20ms``; None (default) for the recorded times.
            fault: faults, separated by commas, such as ``reset@50%``; None (default) for none.
            seed: of the random parts of faults; 0 by default.

        Raises:
            DeliveryError: a word does not exist; the message has the nearest that does.
        """
        self.server.process.require()
        self.server.sites.deliver(self.mounted, Delivery.parse(chunks, pace, fault, seed))
