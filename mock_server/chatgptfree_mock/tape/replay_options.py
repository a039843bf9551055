"""The options of a replay, the same on the command line, in Python and in a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeVar, get_args

import msgspec

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules

W = TypeVar("W", bound=str)
OnMiss = Literal["refuse", "same-path", "nearest"]
RewriteScope = Literal["off", "pages", "all"]
ON_MISS: Final[tuple[OnMiss, ...]] = get_args(OnMiss)
REWRITE: Final[tuple[RewriteScope, ...]] = get_args(RewriteScope)
TOKENS: Final = (
    *("on", "off", "fresh", "longer", "other-letters", "base64", "html-references", "string-escapes"),
    *("expired", "expired/once", "missing"),
)
"""The words of the option `tokens`; all but the first two may name one token, as in `expired@csrf_token`."""
OPTIONS: Final = ("match_on", "volatile", "on_miss", "repeat", "rewrite", "tokens")
"""The names of all options, for lists and messages."""


class TokenMode(msgspec.Struct, frozen=True, kw_only=True):
    """
    How tokens are replayed: a *word* of `TOKENS`, and the *name* of the token that it is for; None: for all tokens.

    `on`: minted and demanded as the block `x-tokens` has it.  `off`: given out and taken as recorded.  The other words
    are those of the variants `tokens/…` of a crash test, also for a recording without the block.
    """

    word: str = "on"
    name: str | None = None

    @classmethod
    def parse(cls, value: object) -> TokenMode:
        """
        Read `WORD` or `WORD@NAME`.

        Raises:
            SettingsError: there is no such word, or it takes no name.
        """
        word, at, name = str(_switch(value)).partition("@")
        if at and word in ("on", "off"):
            raise SettingsError(f"tokens: `{word}` is for all tokens: leave out `@{name}`")
        return cls(word=_one_of(word, TOKENS, "tokens"), name=name if at else None)

    def __str__(self) -> str:
        """Return the word as a user writes it."""
        return self.word if self.name is None else f"{self.word}@{self.name}"


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    How recordings are played back.

    *match_on*: the words of what must fit (see `match_rules.MATCH_WORDS`); None: the rules of each recording.
    *volatile*: fields, patterns, JSON paths or headers that are not compared, besides those that never are.
    *on_miss*: `refuse` a request that no recording fits; or play one of the `same-path` and method, of several the one
    that fits best, then the next in order; or play the `nearest`.
    *repeat*: whether a recording may be played more than once.
    *rewrite*: where the recorded site's own addresses become the mock's: in `pages`, redirects and cookies; in `all`
    texts, data included; or not at all (`off`).
    *tokens*: how tokens are replayed, see `TokenMode`.

    Raises:
        SettingsError: a word does not exist.
    """

    match_on: tuple[str, ...] | None = None
    volatile: tuple[str, ...] = ()
    on_miss: OnMiss = "refuse"
    repeat: bool = True
    rewrite: RewriteScope = "pages"
    tokens: TokenMode = TokenMode()

    def __post_init__(self) -> None:
        self.rules(ANY_SITE)

    def rules(self, own: MatchRules) -> MatchRules:
        """Return *own* rules of a recording with the user's in them."""
        return own.changed(match_on=self.match_on, volatile=self.volatile)

    @classmethod
    def parse(cls, words: Mapping[str, Any]) -> ReplayOptions:
        """
        Read options from plain values: lists, or texts with one word a line or parted by commas; None is left out.

        Raises:
            SettingsError: an option or a word does not exist, *repeat* is neither true nor false, or a list is none.
        """
        given = {name: value for name, value in words.items() if value is not None}
        if not given:
            return DEFAULT_OPTIONS
        for name in given:
            if name not in OPTIONS:
                hint = nearest_or_all(name, OPTIONS)
                raise SettingsError(f"no such option of a replay: `{name}`{hint}")
        for name in ("match_on", "volatile"):
            if not isinstance(given.get(name, ()), Iterable):
                raise SettingsError(f"{name}: give a text or a list of texts, not {given[name]!r:.60}")
        return cls(
            match_on=words_of(given["match_on"]) if "match_on" in given else None,
            volatile=_names(given.get("volatile", ())),
            on_miss=_one_of(given.get("on_miss", "refuse"), ON_MISS, "on_miss"),
            repeat=_flag(given.get("repeat", True)),
            rewrite=_one_of(given.get("rewrite", "pages"), REWRITE, "rewrite"),
            tokens=TokenMode.parse(given.get("tokens", "on")),
        )


DEFAULT_OPTIONS: Final = ReplayOptions()


def refuse_without_recordings(given: Mapping[str, object], *, recorded: bool) -> None:
    """
    Refuse options of a replay where nothing is *recorded*.

    *given* are the options under the names that the user gave them; None, False and an empty value are not given.

    Raises:
        SettingsError: an option has no effect; the message names it.
    """
    idle = [name for name, value in given.items() if value or (value is False and name.endswith("repeat"))]
    if idle and not recorded:
        names, (have, them) = (
            ", ".join(f"`{name}`" for name in idle),
            ("has", "it") if len(idle) == 1 else ("have", "them"),
        )
        raise SettingsError(f"without a recording {names} {have} no effect: give a cassette, or leave {them} out")


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names of `volatile`; none at all are an empty list, as an empty text would have no effect."""
    given = [value] if isinstance(value, str) else list(value)
    names = words_of(value if isinstance(value, str) else given)
    if given and not names:
        raise SettingsError("volatile: no name at all; leave it out, or name a field, a JSON path or a header")
    return names


def words_of(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the words of a list, or of a text with one word a line or parted by commas."""
    parts = value.replace("\n", ",").split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _one_of(value: object, words: tuple[W, ...], name: str) -> W:
    for word in words:
        if word == value:
            return word
    raise SettingsError(f"{name}: no such word: `{value}`{nearest_or_all(str(value), words)}")


def _switch(value: object) -> object:
    """Return `on` and `off` for True and False: YAML and TOML have no other words for these."""
    return {True: "on", False: "off", "True": "on", "False": "off"}.get(value, value)


def _flag(value: object) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise SettingsError(f"repeat: `{value}` is neither true nor false")
    return text == "true"
