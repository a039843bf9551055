"""What a site pack may have besides what every pack has: each member with its default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, Self, TypeVar

import msgspec

from chatgptfree_mock.contract.learned_release import AnswerJudge, LearnedRelease
from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.releases import SINGLE, Releases, release_of_recordings
from chatgptfree_mock.contract.reply import PLAIN, SiteReply, TextFraming
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.json_schema import Schema
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.model import Cassette, Interaction, Response
from chatgptfree_mock.tape.request_key import RequestKey

S = TypeVar("S", bound=msgspec.Struct)


class OptionalMembers(Protocol[S]):
    """The members of a `SitePack` that have a default; a pack overrides those that it has something for."""

    name: str
    Settings: type[S]
    releases: Releases = SINGLE
    release_key: str | None = None
    """The setting that holds the release; None for a pack without releases."""
    version_keys: tuple[str, ...] = ()
    """The top-level settings that hold version numbers, and so are text although YAML reads `2.10` as a number."""
    host: str | None = None
    """The imitated host, such as `chatgptfree.ai`; None for a pack that imitates any host."""
    page_marks: PageMarks = ANY_PAGE
    """How comparisons of recordings find the chat in a page."""
    scenarios: Path | None = None
    """A folder of scenarios, ``<layer>/<name>.yaml``, that ships with the pack."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the imitated host, and all hosts below it; nothing for a pack that imitates any host."""
        return () if self.host is None else (self.host, f"*.{self.host}")

    def with_releases(self, paths: Sequence[Path], *, strict: bool = False) -> Self:
        """
        Return this pack with a user's own releases, from files and folders at *paths*.

        *strict*: refuse unknown releases; by default they behave as the nearest older one.

        Raises:
            SettingsError: the pack has no releases, or a file cannot be used; the message names file and place.
        """
        if paths or strict:
            raise SettingsError(f"the pack {self.name} has no releases to choose from")
        return self

    def release_schema(self) -> Schema:
        """
        Return the JSON Schema of a file that `with_releases` reads.

        Raises:
            SettingsError: the pack has no such files.
        """
        raise SettingsError(f"the pack {self.name} has no releases that a file could hold")

    def with_templates(self, folders: Sequence[Path]) -> Self:
        """
        Return this pack with a user's own templates of pages, from *folders*.

        Raises:
            SettingsError: the pack has no templates, or one cannot be used; the message names file and line.
        """
        if folders:
            raise SettingsError(f"the pack {self.name} has no page templates")
        return self

    def learn(
        self, cassettes: Sequence[Cassette], *, name: str, base: str | None, judge: AnswerJudge
    ) -> LearnedRelease:
        """
        Derive the release *name* from *cassettes*, as a file that `with_releases` reads.

        *base* is the release that the file is based on, None for the nearest; *judge* compares responses.

        Raises:
            MockError: the pack has no releases, *name* or *base* is not valid, or the recording is not sufficient.
        """
        del cassettes, name, base, judge
        raise SettingsError(f"the pack {self.name} has no releases to be learned; use `--pack` with one that has some")

    def action(self, settings: S, request: SiteRequest) -> str:
        """
        Return the name of *request*, on a site with *settings*, for the key `to` of a scenario's responses.

        By default it is the path.
        """
        del settings
        return request.path

    def check(self, settings: S) -> None:
        """
        Check *settings* beyond their types, without building a site.

        Raises:
            MockError: the message names the place, written as in ``$.plugin``.
        """
        del settings

    def default_release(self, cassettes: Sequence[Cassette], default: str) -> str:
        """
        Return the release to imitate beside *cassettes* if the user names none: that of *cassettes*, else *default*.

        Raises:
            UnknownReleaseError: the release in a cassette is not a release number.
        """
        return release_of_recordings(cassettes, self.releases) or default

    def replay(self, site: Site, settings: S, recordings: Recordings) -> Site:
        """
        Return *site* behind *recordings* and those in *settings*, which answer first.

        Raises:
            MockError: a recording cannot be read, or a setting cannot act beside it.
        """
        del settings
        if recordings.cassettes:
            raise SettingsError(f"the pack {self.name} does not answer from recordings; leave them out, or use another")
        return site

    def token_refusal(
        self, cassettes: Sequence[Cassette], request: SiteRequest, *, name: str, value: str, now: float
    ) -> SiteReply | None:
        """
        Return the recorded site's refusal of a wrong token in *request*, as far as it is known; else None.

        *cassettes*: the recordings of the site.  *name*: of the token.  *value*: in the request, empty for none.
        *now*: Unix seconds.  The last line of `why` names the source of the refusal.
        """
        del cassettes, request, name, value, now
        return None

    def client_result(self, interaction: Interaction, recorded: Sequence[Interaction] = ()) -> str:
        """
        Describe in a few words what the reference client makes of *interaction*; empty (default) if it is unknown.

        *recorded*: all interactions of the same recording.
        """
        del interaction, recorded
        return ""

    def match_rules(self, key: RequestKey) -> MatchRules:
        """Return the rules for matching requests with the recorded request *key*."""
        del key
        return ANY_SITE

    def with_reply(self, settings: S, reply: str | list[str]) -> S:
        """
        Return *settings* with *reply*, a text or a list of deltas, as the model's answer.

        Raises:
            SettingsError: the pack has no setting for it; by default the setting `reply` is.
        """
        if "reply" not in self.Settings.__struct_fields__:
            raise SettingsError(f"the pack {self.name} has no setting for `reply`")
        return msgspec.structs.replace(settings, reply=reply)

    def files(self, settings: S) -> tuple[str, ...]:
        """Return the names of files in *settings*, as written there."""
        del settings
        return ()

    def with_files(self, settings: S, resolve: Callable[[str], str]) -> S:
        """Return *settings* with each name of `files` replaced by the result of *resolve*."""
        del resolve
        return settings

    def frame_text(self, settings: S, head: Response) -> TextFraming:
        """
        Return the framing of text in a response with the status and headers of *head*, for live answers.

        *settings* are those of the site; by default the bytes are the text in UTF-8.
        """
        del settings, head
        return PLAIN
