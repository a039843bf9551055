"""
The contents of a release's chat elements, in order: attributes, keys of `data-config`, texts.

A row has a *name*, which is printed on the page, and a *slot*, which the code uses: the row's name when it was added.
So a renamed row still gets the same value, and the page's own script finds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import nearest, nearest_or_all

FILLED: Final = ("ajax_url", "bot_id", "nonce", "post_id", "release")
"""The names in braces that the value of a row may contain: `"{nonce}"` becomes the nonce of the page."""
COMPUTED: Final = frozenset(
    {
        *("ajaxUrl", "botId", "nonce", "postId", "popupEnabled", "streamEnabled", "headerName", "userIp"),
        *("bannedIpsConfig", "bannedWordsConfig", "provider", "ttsEnabled", "ttsProvider", "sttProvider"),
        *("enableOpenAIConversationState", "enableGoogleConversationState", "text", "config"),
        *("user-avatar", "ai-avatar", "ai-name", "post-id", "url", "bot-id", "openai_stream_nav", "memory-limit"),
        *("width", "height"),
    }
)
"""The slots of rows whose value the site computes, from its settings and the request."""
_FROM_BRACES: Final = frozenset({"ajaxUrl", "botId", "nonce", "postId", "bot-id", "post-id", "config", "text"})
"""The slots whose computed value a file can use anywhere, by a name in braces such as `"{nonce}"`."""
_BRACES: Final = re.compile(r"\{(\w+)\}")
_NAMES_SHOWN: Final = 10


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute, key or text."""

    name: str
    slot: str
    value: Any
    """Plain data; of an attribute of WPAICG a text per kind of element (`shortcode`, `widget`)."""
    spaced: bool = False
    """An attribute that is written with blanks around its equals sign."""
    given: bool = False
    """*value* is written as it is, although the site would compute one for this slot."""


Rows = tuple[Row, ...]


class ReleasePage(msgspec.Struct, frozen=True, kw_only=True):
    """
    The rows of one release.

    *attributes* belong to the element of a chat, their names without `data-`; *keys* to `data-config` and *texts* to
    its key `text` or, in WPAICG, to the languages in `wpaicgParams`.
    """

    attributes: Rows = ()
    keys: Rows = ()
    texts: Rows = ()


class AddedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row to add, after or before the row of that name, or at the end."""

    row: Row
    place: str = ""
    """The place of the row in the file, for messages."""
    after: str | None = None
    before: str | None = None


def renamed(rows: Rows, names: Mapping[str, str], place: str, prefix: str = "") -> Rows:
    """
    Return *rows* with other names, by the old ones; each stays in its place.

    *place*: of the rows in the file.  *prefix*: of their names there.  Both are for messages.

    Raises:
        SettingsError: a name is not on the page, or a new one is already.
    """
    _check(rows, names, f"{place}.renamed", prefix)
    taken = {row.name for row in rows} - set(names)
    for new in names.values():
        if new in taken:
            raise SettingsError(f"`{prefix}{new}` is on the page already - at `{place}.renamed`")
        taken.add(new)
    return tuple(replace(row, name=names[row.name]) if row.name in names else row for row in rows)


def dropped(rows: Rows, names: Sequence[str], place: str, prefix: str = "") -> Rows:
    """Return *rows* without those of these names."""
    _check(rows, names, f"{place}.dropped", prefix)
    return tuple(row for row in rows if row.name not in names)


def changed(rows: Rows, values: Mapping[str, Any], place: str, prefix: str = "") -> Rows:
    """Return *rows* with other values, by name; they also replace values that the site would compute."""
    _check(rows, values, f"{place}.changed", prefix)
    _check_braces(values, f"{place}.changed")
    return tuple(
        replace(row, value=values[row.name], given=row.slot in COMPUTED) if row.name in values else row for row in rows
    )


def added(rows: Rows, new: Iterable[AddedRow], prefix: str = "") -> Rows:
    """Return *rows* with new ones at their places."""
    found = list(rows)
    names, slots = {row.name for row in rows}, {row.slot for row in rows}
    for each in new:
        name = each.row.name
        _check_braces(each.row.value, each.place)
        if name in names:
            raise SettingsError(f"`{prefix}{name}` is on the page already - at `{each.place}`")
        row = replace(each.row, slot=_free_slot(name, slots), given=bool(rows) and name in _FROM_BRACES)
        found.insert(_index(found, each, each.place, prefix), row)
        names.add(name)
        slots.add(row.slot)
    return tuple(found)


def _free_slot(name: str, taken: Collection[str]) -> str:
    """Return the slot of a new row *name*; a row that was renamed keeps its own."""
    return (
        name if name not in taken else next(slot for slot in (f"{name} ({n})" for n in count(2)) if slot not in taken)
    )


def _index(rows: list[Row], new: AddedRow, place: str, prefix: str) -> int:
    if new.after is not None and new.before is not None:
        raise SettingsError(f"a row is either `after` or `before` another - at `{place}`")
    anchor = new.after if new.after is not None else new.before
    if anchor is None:
        return len(rows)
    _check(rows, (anchor,), f"{place}.{'before' if new.after is None else 'after'}", prefix)
    return [row.name for row in rows].index(anchor) + (new.after is not None)


def _check(rows: Iterable[Row], names: Iterable[str], place: str, prefix: str) -> None:
    """Check that *rows* have the *names*; messages write both with *prefix*, as in the file."""
    known = [row.name for row in rows]
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean `{prefix}{near}`?" if near else f"; there are: {_listed(known, prefix)}"
            raise SettingsError(f"`{prefix}{name}` is not on the page - at `{place}`{hint}")


def _listed(names: Sequence[str], prefix: str) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(prefix + name for name in names[:_NAMES_SHOWN]) + more if names else "none"


def _check_braces(value: object, place: str) -> None:
    for word in _words_in_braces(value):
        if word not in FILLED:
            hint = nearest_or_all(word, FILLED)
            raise SettingsError(f"`{{{word}}}` is filled with nothing - at `{place}`{hint}")


def _words_in_braces(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _BRACES.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words_in_braces(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words_in_braces(item)


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return *value* with its braces filled in; a text of one pair of braces becomes the value itself, of any type."""
    if isinstance(value, str):
        whole = _BRACES.fullmatch(value)
        if whole is not None:
            return known[whole[1]]
        return _BRACES.sub(lambda found: str(known[found[1]]), value)
    if isinstance(value, Mapping):
        return {key: filled(item, known) for key, item in value.items()}
    return [filled(item, known) for item in value] if isinstance(value, list | tuple) else value


def paths(rows: Rows) -> Iterator[tuple[str, list[str]]]:
    """
    Yield the values that are not under the name of their slot: the slot or word, and the path to it on the page.

    A renamed row is found by its new name; `"{nonce}"` inside the value of another row by the path to it.
    """
    for row in rows:
        if row.name != row.slot:
            yield row.slot, [row.name]
        for word, path in _braces_below(row.value):
            yield word, [row.name, *path]


def _braces_below(value: object) -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, str) and (whole := _BRACES.fullmatch(value)):
        yield whole[1], []
    elif isinstance(value, Mapping):
        for key, item in value.items():
            for word, path in _braces_below(item):
                yield word, [key, *path]
