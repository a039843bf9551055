"""
What changed on the wire from one release to another, in words that the author of a client understands.

Nothing is written down here twice: the words are those of the traits, and what stands on a page is read off the same
tables that the pages are rendered from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import takewhile
from typing import Final

from chatgptfree_mock.contract.releases import Change, Fact
from chatgptfree_mock.sites.aipower.pages import aipkit, wpaicg
from chatgptfree_mock.sites.aipower.pages.version_range import VersionRange, in_force
from chatgptfree_mock.sites.aipower.releases import RELEASES, Generation, Release
from chatgptfree_mock.sites.aipower.releases.providers import describe_providers
from chatgptfree_mock.sites.aipower.releases.traits import describe

_PROTOCOLS: Final[Mapping[Generation, str]] = {
    "wpaicg": "Generation 1 (WPAICG): one POST with a nonce, answered by an event stream or by JSON, as the server "
    "likes; the page's values stand in data- attributes of the chat element.",
    "aipkit": "Generation 2 (AIPKit): a POST that caches the message and a GET that streams the answer; the page's "
    "values stand as JSON in the attribute data-config.",
}
_BYWAYS: Final[tuple[tuple[Generation, VersionRange, str, str], ...]] = (
    ("wpaicg", wpaicg.STRAY, "The widget's data-post-id is a clean number.", 'The widget says data-post-id="<42".'),
    (
        "wpaicg",
        wpaicg.SIDEBAR,
        "The shortcode's content stands in the chat element itself.",
        "The shortcode's content stands in a div.wpaicg-chat-content-wrapper.",
    ),
    (
        "wpaicg",
        wpaicg.INNER_SCRIPT,
        "No script stands inside the chat element.",
        "A script stands inside the chat element.",
    ),
    ("wpaicg", wpaicg.NAMED_TEXTAREA, "The shortcode's textarea has no name.", "The shortcode's textarea has a name."),
    (
        "wpaicg",
        wpaicg.AVATAR_IN_GREETING,
        "The greeting is the text alone.",
        "The greeting begins with the bot's name, in strong.wpaicg-chat-avatar.",
    ),
    ("wpaicg", wpaicg.MARKED, "The page does not load marked.js.", "The page loads marked.js."),
    (
        "wpaicg",
        wpaicg.KATEX,
        "wpaicgParams has no katex_enabled.",
        'wpaicgParams ends with "katex_enabled":"0".',
    ),
    (
        "aipkit",
        aipkit.LEAN,
        "Fresh bots have full screen.",
        "Fresh bots have no full screen and no download.",
    ),
    ("aipkit", aipkit.CUSTOM_THEME, "Fresh bots have a plain theme.", "Fresh bots have a theme of their own colours."),
    (
        "aipkit",
        aipkit.BODY_WRAPPER,
        "The chat's parts stand in the container itself.",
        "The chat's parts stand in a div.aipkit_chat_body.",
    ),
)
"""Generation, releases in which it holds, and the page without it and with it."""


@cache
def facts(release: Release) -> Mapping[str, Fact]:
    """Return all that is known of *release*, by key: its protocol, its traits, its page."""
    return {fact.key: fact for fact in _facts(release)}


def _facts(release: Release) -> Iterator[Fact]:
    generation = release.generation
    yield Fact(key="generation", topic="request", value=generation, sentence=_PROTOCOLS[generation])
    for said in describe(release.traits):
        yield Fact(key=f"{generation}.{said.trait}", topic=said.topic, value=said.value, sentence=said.sentence)
    for said in describe_providers(release.name) if generation == "aipkit" else ():
        yield Fact(key=f"provider.{said.trait}", topic=said.topic, value=said.value, sentence=said.sentence)
    for kind, span, without, with_it in _BYWAYS:
        if kind == generation:
            holds = span.holds(release)
            yield Fact(key=with_it, topic="page", value=holds, sentence=with_it if holds else without)


@cache
def names_on_page(release: Release) -> Mapping[str, str]:
    """Return what a client may read off a chat element, in order, and where it stands."""
    if release.generation == "aipkit":
        keys = {key.name: "data-config" for key in in_force(aipkit.KEYS, release)}
        return keys | {f"text.{text.name}": "data-config" for text in in_force(aipkit.TEXTS, release)}
    where = {(True, True): "both chat elements", (True, False): "the shortcode", (False, True): "the widget"}
    rows = in_force(wpaicg.ATTRIBUTES, release)
    return {f"data-{row.name}": where[row.shortcode is not None, row.widget is not None] for row in rows}


def changes(first: Release, last: Release) -> list[Change]:
    """Return in what *last* differs from *first*, oldest change first; *last* may be the older of the two."""
    start, end = RELEASES.index(first), RELEASES.index(last)
    step = 1 if end >= start else -1
    way = [RELEASES[place] for place in range(start, end + step, step)]
    was, found = facts(first), []
    for key, fact in facts(last).items():
        old = was.get(key)
        if old is None or old.value != fact.value:
            since = _since(way, partial(_value, key=key))
            before = old.sentence if old is not None else ""
            found.append(Change(key=key, topic=fact.topic, before=before, after=fact.sentence, since=since))
    if first.generation == last.generation:
        found += _page_changes(way)
    order = {release.name: place for place, release in enumerate(way)}
    return sorted(found, key=lambda change: order[change.since])


def _value(release: Release, *, key: str) -> object:
    fact = facts(release).get(key)
    return fact.value if fact is not None else None


def _has(release: Release, *, name: str) -> bool:
    return name in names_on_page(release)


def _since(way: list[Release], state: Callable[[Release], object]) -> str:
    """Return the release of the way since which the *state* is what it is at the end."""
    reached = state(way[-1])
    same = takewhile(lambda release: state(release) == reached, reversed(way))
    return list(same)[-1].name


def _page_changes(way: list[Release]) -> Iterator[Change]:
    """Yield the names that came onto the page or left it, those that did so together as one change."""
    first, last = names_on_page(way[0]), names_on_page(way[-1])
    gathered: dict[tuple[str, str], list[str]] = {}
    for name in {**first, **last}:
        if (name in first) is not (name in last):
            since = _since(way, partial(_has, name=name))
            place = last.get(name) or first[name]
            said = f"New in {place}" if name in last else f"Gone from {place}"
            gathered.setdefault((since, said), []).append(name)
    for (since, said), names in gathered.items():
        sentence = f"{said}: {', '.join(names)}."
        yield Change(key=f"page {since} {said}", topic="page", before="", after=sentence, since=since)
