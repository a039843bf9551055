"""
The parts of a scenario: a site, the delivery of its answers, and the expected result.

A scenario consists of settings, releases, recordings and delivery; whole responses can be given where these do not
suffice.  Plain values only: nothing here reads a file or opens a socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.pack import SiteSpec
from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.errors import MockError, SettingsError, UnknownReleaseError
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.static_response import StaticResponse
from chatgptfree_mock.tape.recording import Count

Layer = Literal["page", "nonce", "ajax", "transport", "stream", "json", "text", "session"]
LAYERS: tuple[Layer, ...] = ("page", "nonce", "ajax", "transport", "stream", "json", "text", "session")

ErrorKind = Literal[
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
"""The kinds of error that a good client distinguishes."""

CaseId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][0-9]{2}$|^[a-z0-9.-]+$")]

DEFAULT_SECONDS = 10.0
_TLS_WORDS = ", ".join(TlsFault)


class Words(SettingsPart, frozen=True, kw_only=True):
    """A delivery in words; the same words as on the command line."""

    chunks: str = "as-recorded"
    """How answers are cut into HTTP chunks."""
    pace: str = "recorded"
    """How fast the chunks follow each other."""
    fault: str | list[str] = msgspec.field(default_factory=list)
    """The faults on the wire, as a list or separated by commas."""
    on: Literal["answer", "page", "everything"] | None = None
    """
    The responses that are cut, paced and broken: only the chat's answers, only pages, or all. By default the chat's
    answers, and all responses that are recorded or in `responses`.
    """
    first: Count | None = None
    """The number of responses that are delivered like this, from the first on; null: all."""
    tls: TlsFault | None = None
    """
    The TLS fault of all connections: the certificate (`expired`, `wrong-name`), or how connections end. It acts on
    intercepted clients only: `crashtest --intercept`, or `intercept=True` beside the scenario in a test.
    """
    recut: bool = True
    """Whether a crash test may cut the answer in other ways; false where that would change the scenario."""


class Big(SettingsPart, frozen=True, kw_only=True):
    """A text that is too long to write out: *text* repeated."""

    text: str
    """The text that repeats."""
    times: Count
    """How often."""
    head: str = ""
    """Before it."""
    tail: str = ""
    """After it."""


class Expect(SettingsPart, frozen=True, kw_only=True):
    """
    The result that is expected of a client: the exact *text*, or an *error* of one of these kinds after *partial*.

    *pages* and *posts* are the largest numbers of requests for that; *seconds* is the time limit.
    """

    text: str | Big | None = None
    """The whole answer, character for character."""
    error: ErrorKind | list[ErrorKind] | None = None
    """The kind of error to be reported, or several kinds, any of which is right."""
    partial: str | Big = ""
    """With `error`: the text before the error."""
    pages: Count | None = None
    """The largest number of pages that a client may fetch; by default any number."""
    posts: Count | None = None
    """The largest number of requests to the chat; by default any number."""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = DEFAULT_SECONDS
    """The time limit for a client."""
    disguises: list[str] = msgspec.field(default_factory=list)
    """Parts of error texts that a naive client mistakes for an answer."""

    def __post_init__(self) -> None:
        if (self.text is None) == (self.error is None):
            raise ValueError("`expect` needs either `text` or `error`, and not both")
        if self.text is not None and self.partial:
            raise ValueError("`partial` goes with `error`: it is the text delivered before")
        if isinstance(self.error, list) and not self.error:
            raise ValueError("`error` lists no kind")

    @property
    def kinds(self) -> tuple[ErrorKind, ...]:
        """Return the kinds of error that are right; empty if a text is expected."""
        if self.error is None:
            return ()
        return (self.error,) if isinstance(self.error, str) else tuple(self.error)

    @property
    def delivered(self) -> str:
        """Return the expected output: the text, or the partial one."""
        wanted = self.text if self.text is not None else self.partial
        return wanted if isinstance(wanted, str) else wanted.head + wanted.text * wanted.times + wanted.tail


class Scenario(SettingsPart, frozen=True, kw_only=True):
    """A site, the delivery of its answers, and the expected result of a client."""

    title: str
    """What happens, in a sentence."""
    cases: list[CaseId] = msgspec.field(default_factory=list)
    """What a scenario that ships covers of this project's list of edge cases, `tests/mock/scenario/test_catalogue.py`,
    or words for what the list does not have. Nothing but that test reads it; your own scenarios need none."""
    naive: Literal["wrong", "silent loss", "disguised error", "crash", "hang", "storm"] | None = None
    """The verdict on a client with the bad habit that the scenario is about. Only this project's tests read it."""
    pack: str = registry.DEFAULT
    """The site pack that imitates the site."""
    site: Any = None
    """The settings of the site, of the pack's type; null for its defaults."""
    delivery: Words = Words()
    """How the answers are sent."""
    message: Annotated[str, msgspec.Meta(min_length=1)] = "Hello"
    """The message that the client sends."""
    bot: str | None = None
    """The bot for the client, if the page has several; `{bot}` in a command."""
    releases: str | None = None
    """The releases on which it can happen, such as `>=2.3.41`; by default all, or its own alone with `responses`."""
    responses: list[StaticResponse] = msgspec.field(default_factory=list)
    """Responses that are sent in place of the site's own."""
    expect: Expect
    """The expected result of a client."""

    def __repr__(self) -> str:
        return f"<Scenario {self.title!r} for the pack {registry.base_name(self.pack)}>"

    def __post_init__(self) -> None:
        if self.site is None:
            msgspec.structs.force_setattr(self, "site", registry.load(self.pack).Settings())

    @property
    def spec(self) -> SiteSpec:
        """Return the pack and the settings of the site."""
        return SiteSpec(pack=registry.load(self.pack), settings=self.site)

    def way(self) -> Delivery:
        """Return the delivery, parsed."""
        fault = self.delivery.fault
        return Delivery.parse(
            chunks=self.delivery.chunks,
            pace=self.delivery.pace,
            fault=fault if isinstance(fault, str) else ",".join(fault),
        )


def scenario_from(value: Mapping[str, Any], *, pack: str = registry.DEFAULT, file: str | None = None) -> Scenario:
    """
    Convert plain data from YAML to a scenario; *pack* is used if the scenario names none.

    Raises:
        SettingsError: a key, a value or a combination is wrong; the message names file and place.
    """
    _refuse_tls(value, file)
    named = value.get("pack")
    # *pack* may be a reference with a user's own files; its plain name in the scenario means the same.
    own = {} if named in (None, registry.base_name(pack)) else {"pack": named}
    scenario = convert({**value, "pack": pack, **own}, Scenario, file=file)
    with _located(file, "$.pack"):
        chosen = registry.load(scenario.pack)
    site = convert(value.get("site", {}), chosen.Settings, file=file, place="$.site")
    scenario = replace(scenario, site=site)
    with _located(file, "$.delivery"):
        scenario.way()
    with _located(file, "$.releases"):
        _check_releases(scenario)
    return scenario


def _refuse_tls(value: Mapping[str, Any], file: str | None) -> None:
    """Raise `SettingsError` if a key for TLS is in the wrong place of a scenario or has the wrong name."""
    for place, part in (("$", value), ("$.delivery", value.get("delivery"))):
        for key in part if isinstance(part, Mapping) else ():
            if str(key).startswith("tls") and (place, key) != ("$.delivery", "tls"):
                with _located(file, place):
                    raise SettingsError(f"`{key}`: a scenario breaks TLS by `delivery: {{tls: WORD}}`: {_TLS_WORDS}")


@contextmanager
def _located(file: str | None, place: str) -> Iterator[None]:
    """Put *file* and *place* into the message of an error."""
    try:
        yield
    except MockError as exc:
        raise SettingsError(f"{file + ': ' if file else ''}{exc} - at `{place}`") from exc


def _check_releases(scenario: Scenario) -> None:
    if scenario.releases is None:
        return
    releases, own = scenario.spec.pack.releases, scenario.spec.release
    if releases.find(own) not in releases.select(scenario.releases):
        raise UnknownReleaseError(f"`{scenario.releases}` leaves out the scenario's own release, {own}")
