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

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.settings import SettingsPart, convert
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import MockError, SettingsError, UnknownReleaseError
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.expectation import Expect
from chatgptfree_mock.scenario.static_response import StaticResponse
from chatgptfree_mock.tape.extra_keys import Count

Layer = Literal["page", "nonce", "ajax", "transport", "stream", "json", "text", "session"]
LAYERS: tuple[Layer, ...] = ("page", "nonce", "ajax", "transport", "stream", "json", "text", "session")

CaseId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Z][0-9]{2}$|^[a-z0-9.-]+$", description="a row such as N02, or words such as end-mark-in-text"
    ),
]

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


class Scenario(SettingsPart, frozen=True, kw_only=True):
    """A site, the delivery of its answers, and the expected result of a client."""

    title: str
    """What happens, in a sentence."""
    cases: list[CaseId] = msgspec.field(default_factory=list)
    """What a scenario that ships covers of this project's list of edge cases, `tests/mock/scenario/test_catalogue.py`,
    or words for what the list does not have. Nothing but that test reads it; your own scenarios need none."""
    naive: Literal["wrong", "silent loss", "disguised error", "crash", "hang", "storm"] | None = None
    """The verdict on a client with the bad habit that the scenario is about. Only this project's tests read it."""
    pack: str = DEFAULT_PACK
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

    @property
    def has_pace(self) -> bool:
        """Whether it sets a pace of its own."""
        return Delivery.parse(pace=self.delivery.pace) != Delivery()

    def happens_on(self, plugin: str) -> bool:
        """
        Return whether it can happen on the release *plugin*.

        It can on the releases in its `releases`.  Without these it can on every release, or only on its own one if it
        has `responses`.  A recorded answer belongs to one release, so with a cassette it can on its own one only.

        Raises:
            UnknownReleaseError: there is no such release.
        """
        spec = self.spec
        name_of = spec.pack.releases.name_of
        release = name_of(plugin)
        if spec.files:
            return release == name_of(spec.release)
        if self.releases is not None:
            return release in spec.pack.releases.select(self.releases)
        return not self.responses or release == name_of(spec.release)

    def may_be_cut(self, chunks: str) -> bool:
        """Return whether its answer may be cut by *chunks*."""
        return self.delivery.recut or chunks == self.delivery.chunks

    def default_chunks(self, chunks: str | None) -> str | None:
        """Return *chunks*, a user's default, if it sets no chunks of its own and may be cut in other ways."""
        return chunks if self.delivery.recut and Delivery.parse(self.delivery.chunks) == Delivery() else None

    def varied(
        self, name: str, *, plugin: str | None = None, chunks: str | None = None, pace: str | None = None
    ) -> Scenario:
        """
        Return this scenario, called *name*, on the release *plugin* and with its answer cut by *chunks*.

        *pace* is used if it has none of its own.  None leaves each as it is.

        Raises:
            SettingsError: it cannot happen like that; the message gives the reason.
        """
        if plugin is not None and not self.happens_on(plugin):
            possible = self.releases or self.spec.release
            raise SettingsError(f"{name} cannot happen on {plugin}, only on {possible}")
        if chunks is not None and not self.may_be_cut(chunks):
            raise SettingsError(f"{name} must not be cut in other ways (`recut: false`); leave out chunks={chunks}")
        site = self.site if plugin is None else self.spec.on_release(plugin).settings
        words = self.delivery if chunks is None else replace(self.delivery, chunks=chunks)
        if pace is not None and not self.has_pace:
            words = replace(words, pace=pace)
        return replace(self, site=site, delivery=words)

    def parsed_delivery(self) -> Delivery:
        """Return the delivery, parsed."""
        words = self.delivery
        return Delivery.parse(chunks=words.chunks, pace=words.pace, fault=words.fault)


def scenario_from(value: Mapping[str, Any], *, pack: str = DEFAULT_PACK, file: str | None = None) -> Scenario:
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
        scenario.parsed_delivery()
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
    if releases.name_of(own) not in releases.select(scenario.releases):
        raise UnknownReleaseError(f"`{scenario.releases}` leaves out the scenario's own release, {own}")
