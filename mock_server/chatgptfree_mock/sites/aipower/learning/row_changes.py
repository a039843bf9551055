"""The differences of a page from the nearest release: attributes, keys and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

import msgspec

from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.releases.page_derivation import ELEMENTS
from chatgptfree_mock.sites.aipower.releases.page_rows import FILLED, Rows
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace
from chatgptfree_mock.tape.renames import renamed

Values = Mapping[str, Any]
_HINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "post_id": ("post", "page"),
    "bot_id": ("bot", "assistant", "chatid", "chat-id", "chat_id"),
}
"""Words in names of ids; a short number counts as an id only under such a name."""
_BRACES: Final = re.compile(r"\{(\w+)\}")
_SHOWN: Final = 60


def as_template(value: Any, fills: Mapping[str, str], own: Mapping[str, str], name: str = "") -> Any:
    """
    Return *value* with the values of this one page replaced by their words in braces (*fills*, by word).

    *name*: of the value; it helps to recognise a short id, as does *own*, which maps new names to words.
    """
    if isinstance(value, dict):
        return {key: as_template(item, fills, own, key) for key, item in value.items()}
    if isinstance(value, list):
        return [as_template(item, fills, own, name) for item in value]
    for word, text in fills.items():
        if word in _WHOLE:
            if text and value == text:
                return f"{{{word}}}"
            continue
        named = own.get(name) == word or any(hint in name.lower() for hint in _HINTS.get(word, ()))
        if text and (named or len(text) >= _LONG_ENOUGH_ALONE) and isinstance(value, str | int) and str(value) == text:
            return f"{{{word}}}"
        if len(text) >= _LONG_ENOUGH and isinstance(value, str):
            value = value.replace(text, f"{{{word}}}")
    return value


_LONG_ENOUGH: Final = 8
"""Characters from which on a text inside a longer one is not a coincidence."""
_LONG_ENOUGH_ALONE: Final = 4
"""Characters from which on an equal value is not a coincidence."""
_WHOLE: Final = frozenset({"page_address"})
"""Words for values that never count inside a longer one: the URL of the front page begins all others."""
_ADDRESSES: Final = {"page_address": "the recorded page's own address", "site_address": "the recorded site's address"}
"""Values of the recorded site for which release files have no word."""


class ElementTag(msgspec.Struct, frozen=True, kw_only=True):
    """A chat element of WPAICG: attributes may depend on its *kind*, and have blanks around the equals sign."""

    kind: str
    rows: Rows
    tag: str

    def value(self, name: str, value: str) -> Any:
        """Return the value of the attribute *name* for a release file; other kinds of elements keep theirs."""
        known: Any = next((row.value for row in self.rows if row.name == name), None)
        others = {kind: text for kind, text in (known or {}).items() if kind != self.kind}
        alike = known is None or set(others.values()) <= {value}
        return (
            value
            if alike and (known is None or set(others) | {self.kind} == set(ELEMENTS))
            else {**others, self.kind: value}
        )

    def spaced(self, name: str) -> bool:
        """Return whether blanks are around the attribute's equals sign."""
        return re.search(rf"\sdata-{re.escape(name)}\s+=", self.tag, re.IGNORECASE) is not None


class RowLearner:
    """Compares rows of one kind and writes the differences into a draft."""

    def __init__(
        self, draft: Draft, place: FilePlace, seen: str, *, prefix: str = "", element: ElementTag | None = None
    ) -> None:
        """
        Create a learner for the part of the file at *place*.

        *seen* names the exchange, *prefix* is put before the names of attributes; *element* is given for those of
        WPAICG.
        """
        self._draft, self._place, self._seen, self._prefix = draft, place, seen, prefix
        self._element = element

    def learn(self, before: Values, after: Values) -> None:
        """Write down how *after*, as recorded, differs from *before*, as the nearest release writes it."""
        names = renamed(before, after, _kind)
        for old, new in names.items():
            self._put("renamed", old, self._prefix + new, f"{self._name_and_value(new, after)} is where `{old}` was")
        kept = [names.get(name, name) for name in before if names.get(name, name) in after]
        moved = _out_of_order(kept, [name for name in after if name in kept])
        back = {new: old for old, new in names.items()}
        for name in before:
            if names.get(name, name) not in after:
                self._add("dropped", self._prefix + name, f"`{name}` is not there")
        for name in moved:
            self._drop_moved(name, back)
        for name in after:
            old = back.get(name, name)
            if name in kept and name not in moved and not same(before[old], after[name]):
                self._change(name, before[old], after[name])
        self._add_new(after, [name for name in kept if name not in moved])

    def _drop_moved(self, name: str, back: Mapping[str, str]) -> None:
        """Drop a row, to be added again at another place."""
        if name in back:
            old = back[name]
            del self._draft.data[self._place[0]]["renamed"][self._prefix + old]
            self._add("dropped", self._prefix + old, f"`{old}` is now `{name}`, at another place")
        else:
            self._add("dropped", self._prefix + name, f"`{name}` is at another place")

    def _change(self, name: str, before: Any, after: Any) -> None:
        if (word := unknown_braces(after)) is not None:
            self._ask_what_to_write(name, word, after)
            return
        evidence = f"{_json_start(after)}, not {_json_start(before)}"
        if self._place == ("page",) and not self._prefix:
            evidence += " (? the default of this release, or a setting of this bot: then remove the line)"
        value = after if self._element is None else self._element.value(name, after)
        self._put("changed", name, value, evidence)

    def _add_new(self, after: Values, kept: Sequence[str]) -> None:
        names, there = list(after), set(kept)
        for index, name in enumerate(names):
            if name in there:
                continue
            row: dict[str, Any] = {"name": self._prefix + name, "value": self._savable(name, after[name])}
            if index:
                row["after"] = self._prefix + names[index - 1]
            elif following := next((each for each in names if each in there), None):
                row["before"] = self._prefix + following
            if self._element is not None and self._element.spaced(name):
                row["spaced"] = True
            there.add(name)
            self._add("added", row, f"`{name}` is there")

    def _savable(self, name: str, value: Any) -> Any:
        word = unknown_braces(value)
        if word is None:
            return value
        self._ask_what_to_write(name, word, value)
        return ""

    def _ask_what_to_write(self, name: str, word: str, value: Any) -> None:
        held = _ADDRESSES.get(word, f"`{{{word}}}`")
        self._draft.ask(
            f"{self._seen}: `{name}` holds {held}, which a release file cannot hold; it is {_json_start(value)}"
        )

    def _put(self, what: str, name: str, value: Any, evidence: str) -> None:
        self._draft.put((*self._place, what), self._prefix + name, value, f"{self._seen}: {evidence}")

    def _add(self, what: str, item: Any, evidence: str) -> None:
        self._draft.add((*self._place, what), item, f"{self._seen}: {evidence}")

    def _name_and_value(self, name: str, values: Values) -> str:
        return f"`{name}`" + (f" ({_json_start(values[name])})" if values[name] not in ("", {}) else "")


def same(one: Any, other: Any) -> bool:
    """Return whether two values are written the same in JSON; True and 1 are not."""
    return json.dumps(one, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


def unknown_braces(value: Any) -> str | None:
    """Return the first word in braces in *value*, which a release file would try to fill in; None if there is none."""
    words = _BRACES.findall(json.dumps(value, ensure_ascii=False))
    return next((word for word in words if word not in FILLED), None)


def _kind(name: str, value: Any) -> object:
    if value == "{nonce}" or "nonce" in name.lower():
        return "nonce"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def _out_of_order(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the fewest names that have to move to turn one order into the other."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    stay = {name for block in matcher.get_matching_blocks() for name in before[block.a : block.a + block.size]}
    return [name for name in after if name not in stay]


def _json_start(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
