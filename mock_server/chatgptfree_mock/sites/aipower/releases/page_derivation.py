"""Derive the rows of a page, or of its texts, from those of another release and a file of differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import page_rows
from chatgptfree_mock.sites.aipower.releases.page_rows import AddedRow, ReleasePage, Row, Rows
from chatgptfree_mock.sites.aipower.releases.release_file import Generation, ReleaseFile, RowChanges, RowToAdd
from chatgptfree_mock.suggestion import nearest_or_all

_DATA: Final = "data-"
_NO_ATTRIBUTE: Final = re.compile(r"[\s\"'<>/=\x00-\x1f\x7f]")
"""Characters that end the name of an attribute (the HTML standard, 13.1.2.3)."""
_OF_THE_THEME: Final = "custom-theme"
"""An attribute, without `data-`, that the imitation writes beside the rows of a release."""
ELEMENTS: Final = ("shortcode", "widget")
"""The chat elements of WPAICG, whose attributes may differ."""


def derived_page(base: ReleasePage, file: ReleaseFile, generation: Generation) -> ReleasePage:
    """
    Return *base* with the differences in *file*.

    Raises:
        SettingsError: the file has a name that is not on the page, or an impossible new name or value.
    """
    if file.page == file.texts == RowChanges.empty():
        return base
    attributes, keys = _split(file.page, generation)
    places = [f"$.page.added[{number}]" for number in range(len(file.page.added))]
    of_attributes = [place for place, row in zip(places, file.page.added, strict=True) if row.name.startswith(_DATA)]
    of_keys = [place for place in places if place not in of_attributes]
    of_texts = [f"$.texts.added[{number}]" for number in range(len(file.texts.added))]
    value = _of_elements if generation == "wpaicg" else _text_value
    return ReleasePage(
        attributes=_Derivation("$.page", of_attributes, value, _DATA).rows(base.attributes, attributes),
        keys=_Derivation("$.page", of_keys, _as_is).rows(base.keys, keys),
        texts=_Derivation("$.texts", of_texts, _text_value).rows(base.texts, file.texts),
    )


def _split(changes: RowChanges, generation: Generation) -> tuple[RowChanges, RowChanges]:
    """Return the changes of attributes, their names without `data-`, and the changes of keys."""
    attributes, keys = RowChanges.empty(), RowChanges.empty()
    for old, new in changes.renamed.items():
        if old.startswith(_DATA) is not new.startswith(_DATA):
            kind, form = ("an attribute", f"write one such as `{_DATA}settings`")
            if not old.startswith(_DATA):
                kind, form = "a key of `data-config`", f"leave out `{_DATA}`"
            raise SettingsError(f"`{new}` is not the name of {kind}, as `{old}` is - at `$.page.renamed`; {form}")
        (attributes if old.startswith(_DATA) else keys).renamed[old.removeprefix(_DATA)] = new.removeprefix(_DATA)
    for name in changes.dropped:
        (attributes if name.startswith(_DATA) else keys).dropped.append(name.removeprefix(_DATA))
    for name, value in changes.changed.items():
        (attributes if name.startswith(_DATA) else keys).changed[name.removeprefix(_DATA)] = value
    for each in changes.added:
        (attributes if each.name.startswith(_DATA) else keys).added.append(each.without(_DATA))
    if generation == "wpaicg" and keys != RowChanges.empty():
        raise SettingsError("WPAICG pages have attributes only, so a name begins with `data-` - at `$.page`")
    return attributes, keys


class _Derivation:
    """Derives rows of one kind; it has the place of their changes in the file for messages."""

    def __init__(self, place: str, added: Sequence[str], value: Callable[[Any, str], Any], prefix: str = "") -> None:
        """
        Create one for the changes at *place*; the new rows are at the places *added*.

        *value* checks a value, *prefix* precedes the names in the file.
        """
        self._place, self._added, self._value, self._prefix = place, added, value, prefix

    def rows(self, rows: Rows, changes: RowChanges) -> Rows:
        """Return *rows* with *changes*."""
        if changes == RowChanges.empty():
            return rows
        place, prefix = self._place, self._prefix
        self._check_names(changes.renamed.values(), f"{place}.renamed")
        rows = page_rows.dropped(rows, changes.dropped, place, prefix)
        rows = page_rows.renamed(rows, changes.renamed, place, prefix)
        changed = changes.changed.items()
        values = {name: self._value(each, f"{place}.changed.{prefix}{name}") for name, each in changed}
        rows = page_rows.changed(rows, values, place, prefix)
        new = [self._new(each, here) for each, here in zip(changes.added, self._added, strict=True)]
        return page_rows.added(rows, new, prefix)

    def _new(self, row: RowToAdd, place: str) -> AddedRow:
        self._check_names((row.name,), place)
        value = self._value(row.value, f"{place}.value")
        made = Row(name=row.name, slot=row.name, value=value, spaced=row.spaced)
        return AddedRow(row=made, place=place, after=row.after, before=row.before)

    def _check_names(self, names: Iterable[str], place: str) -> None:
        for name in names:
            if not name.strip():
                raise SettingsError(f"a name is missing - at `{place}`")
            if self._prefix and name == _OF_THE_THEME:
                raise SettingsError(f"`{self._prefix}{name}` is on the page already - at `{place}`")
            if self._prefix and (wrong := _NO_ATTRIBUTE.search(name)) is not None:
                raise SettingsError(
                    f"no attribute can be named `{self._prefix}{name}`: it holds {wrong[0]!r} - at `{place}`"
                )


def _as_is(value: Any, _place: str) -> Any:
    return value


def _text_value(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"a text is wanted, not {value!r} (put it in quotes) - at `{place}`")
    return value


def _of_elements(value: Any, place: str) -> dict[str, str]:
    """Return an attribute's value by element: a text applies to both, a mapping only to those in it."""
    if not isinstance(value, dict):
        return dict.fromkeys(ELEMENTS, _text_value(value, place))
    for element in value:
        if element not in ELEMENTS:
            hint = nearest_or_all(element, ELEMENTS)
            raise SettingsError(f"no chat element is a `{element}` - at `{place}`{hint}")
    return {element: _text_value(text, f"{place}.{element}") for element, text in value.items()}
