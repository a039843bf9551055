"""
Pages as a client author sees them: the elements that carry a chat, their attributes, and the keys of their config.

Values are compared only as kinds (a number, a nonce, nothing …), for they belong to one site; what is another setting
and not another kind is a note.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any, Final

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.diff.findings import Finding, came_and_went, changed, retyped
from chatgptfree_mock.diff.masking import masked, quoted
from chatgptfree_mock.diff.shapes import Shape, shape_of
from chatgptfree_mock.tape.renames import moved, renamed

_QUOTES: Final = re.compile(r"""(?<![^\s"'<>/=])([^\s"'<>/=]+)(\s*)=\s*(["']?)""")
# The look-behind changes no match: it keeps a long word from being tried from each of its letters.


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element that carries a chat."""

    attributes: dict[str, str]
    quotes: dict[str, str]
    """How each value is written: `"`, `'` or bare, with blanks before the equals sign or without."""
    config_name: str = ANY_PAGE.config
    """The attribute that holds its settings."""

    @property
    def config(self) -> dict[str, Any]:
        """Return its settings, empty if it has none that can be read."""
        try:
            value = json.loads(self.attributes.get(self.config_name, ""))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(slots=True, kw_only=True)
class Page:
    """The chats of a page, by the name of their element, and the site's own variables, found by *marks*."""

    chats: dict[str, Element] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    release: str = ""
    marks: PageMarks = ANY_PAGE


class _Reader(HTMLParser):
    def __init__(self, marks: PageMarks) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page(marks=marks)
        self._templates = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._templates += tag == "template"
        if self._templates:
            return  # a browser does not show templates
        attributes = {name: value or "" for name, value in attrs}
        classes = attributes.get("class", "").split()
        known = next((name for name in self.page.marks.chats if name in classes), None)
        if known is None and not _carries_chat(attributes, self.page.marks):
            return
        name = f"{tag}.{known or next(iter(classes), '')}".rstrip(".")
        number = sum(each == name or each.startswith(f"{name} #") for each in self.page.chats) + 1
        written = self.get_starttag_text() or ""
        quotes = {
            found[1].lower(): (found[3] or "no quotes") + (" after blanks" if found[2] else "")
            for found in _QUOTES.finditer(written)
        }
        here = {each: quotes.get(each, "no value") for each in attributes}
        self.page.chats[name if number == 1 else f"{name} #{number}"] = Element(
            attributes=attributes, quotes=here, config_name=self.page.marks.config
        )

    def handle_endtag(self, tag: str) -> None:
        self._templates = max(0, self._templates - (tag == "template"))


def _carries_chat(attributes: dict[str, str], marks: PageMarks) -> bool:
    """Whether an element without a known class looks like a chat: it has a config, or a nonce beside other data."""
    data = {name: value for name, value in attributes.items() if name.startswith("data-")}
    return marks.config in data or (len(data) > 1 and any(marks.is_token(name, value) for name, value in data.items()))


def page_of(text: str, marks: PageMarks = ANY_PAGE) -> Page:
    """Return the chats of a page, as *marks* describe them; anything else in it is left out."""
    reader = _Reader(marks)
    reader.feed(text)
    reader.close()
    for found in marks.variables.finditer(text) if marks.variables is not None else ():
        try:
            value, _ = json.JSONDecoder().raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        reader.page.variables[found[1]] = value
    version = marks.release.search(text) if marks.release is not None else None
    reader.page.release = version[1] if version else ""
    return reader.page


def compare_pages(before: Page, after: Page) -> list[Finding]:
    """Return what differs between the chats of two pages, which were read by the same marks."""
    marks = after.marks
    kind_of_key = partial(_kind_of_key, marks=marks)
    found = changed("page", "plugin's release:", before.release, after.release, note=True)
    elements = renamed(before.chats, after.chats, lambda _, element: tuple(element.attributes))
    found += _renames("page", "element", elements)
    found += came_and_went("page", "elements", *_without(before.chats, after.chats, elements))
    moves = moved(_nonce_places(before, elements), _nonce_places(after, {}))
    if moves is not None and not _is_rename(*moves):
        found.append(Finding(topic="page", change="moved", what="nonce", before=(moves[0],), after=(moves[1],)))
    for name, element in before.chats.items():
        partner = elements.get(name, name)
        if partner in after.chats:
            found += _compare_elements(partner, element, after.chats[partner], marks)
    found += came_and_went("page", "variables", before.variables, after.variables)
    for name, value in before.variables.items():
        if name in after.variables:
            keys = renamed(value, after.variables[name], kind_of_key)
            found += _renames("page", f"{name} key", keys)
            found += came_and_went("page", f"{name} keys", *_without(value, after.variables[name], keys))
    return found


def _is_rename(before: str, after: str) -> bool:
    """Return whether a nonce is in the same element and attribute, under another name, which is reported as such."""
    (place, _, name), (new_place, _, new_name) = before.rpartition(" "), after.rpartition(" ")
    return place == new_place and "." not in name + new_name


def _renames(topic: str, what: str, names: dict[str, str]) -> list[Finding]:
    return [
        Finding(topic=topic, change="renamed", what=what, before=(old,), after=(new,)) for old, new in names.items()
    ]


def _without(before: Iterable[str], after: Iterable[str], names: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return both lists of names without those that were renamed."""
    return [each for each in before if each not in names], [each for each in after if each not in names.values()]


def _nonce_places(page: Page, names: dict[str, str]) -> list[str]:
    """Return where nonces are, elements under their new *names*."""
    places, is_token = [], page.marks.is_token
    for name, element in page.chats.items():
        here = names.get(name, name)
        places += [f"{here} {each}" for each, value in element.attributes.items() if is_token(each, value)]
        places += [f"{here} {element.config_name} {path}" for path in _token_paths(element.config, is_token)]
    for name, value in page.variables.items():
        places += [f"{name} {path}" for path in _token_paths(value, is_token)]
    return places


def _token_paths(value: dict[str, Any], is_token: Callable[[str, object], bool], above: str = "") -> Iterator[str]:
    """Yield the paths of tokens in *value*, such as `nonce` or `security.token`."""
    for key, each in value.items():
        if isinstance(each, dict):
            yield from _token_paths(each, is_token, f"{above}{key}.")
        elif is_token(key, each):
            yield f"{above}{key}"


def _kind_of_key(name: str, value: Any, *, marks: PageMarks) -> object:
    return "nonce" if marks.is_token(name, value) else _top(shape_of([value]))


def _compare_elements(name: str, before: Element, after: Element, marks: PageMarks) -> list[Finding]:
    old, new = before.attributes, after.attributes
    names = renamed(old, new, partial(_kind, marks=marks))
    found = _renames("page", f"{name} attribute", names)
    found += came_and_went("page", f"{name} attributes", *_without(old, new, names))
    if _order(old, new, names) != _order(new, old, {}):
        found.append(Finding(topic="page", change="reordered", what=f"{name} attributes"))
    for each in old:
        if names.get(each, each) in new:
            found += _compare_attributes(name, before, after, (each, names.get(each, each)), marks)
    return found + _compare_configs(before, after, marks)


def _order(these: Iterable[str], others: Iterable[str], names: dict[str, str]) -> list[str]:
    """Return the common names in their order, renamed ones left out."""
    there = set(others)
    return [each for each in these if each in there and each not in names]


def _compare_attributes(
    element: str, before: Element, after: Element, names: tuple[str, str], marks: PageMarks
) -> list[Finding]:
    old, new = names
    what = f"{element} {new}"
    then, now = before.attributes[old], after.attributes[new]
    found = changed("page", f"{what} is written with", before.quotes[old], after.quotes[new])
    if new == after.config_name:
        return found
    kinds = _kind(old, then, marks=marks), _kind(new, now, marks=marks)
    if kinds[0] != kinds[1] and "nothing" not in kinds:
        return [*found, retyped("page", what, (kinds[0],), (f"{kinds[1]}, {quoted(now)}",))]
    if masked(then) != masked(now) and new not in marks.own_attributes:
        found += changed("page", what, quoted(then, 40), quoted(now, 40), note=True)
    return found


def _kind(name: str, value: str, *, marks: PageMarks) -> str:
    if not value:
        return "nothing"
    if marks.is_token(name, value):
        return "a nonce" if marks.token is None or marks.has_form(value) else "what is not a nonce"
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", value):
        return "a number"
    if re.match(r"https?://", value):
        return "an address"
    return "text" if name in marks.text_attributes else "a word"


def _compare_configs(before: Element, after: Element, marks: PageMarks) -> list[Finding]:
    old, new = before.config, after.config
    if not old and not new:
        return []
    names = renamed(old, new, partial(_kind_of_key, marks=marks))
    found = _renames("config", f"{after.config_name} key", names)
    found += came_and_went("config", f"{after.config_name} keys", *_without(_paths(old), _paths(new), names))
    if _order(old, new, names) != _order(new, old, {}):
        found.append(Finding(topic="config", change="reordered", what=f"{after.config_name} keys"))
    for key in old:
        if (partner := names.get(key, key)) in new:
            found += _compare_values(f"{after.config_name} {partner}", partner, (old[key], new[partner]), marks)
    return found


def _compare_values(what: str, key: str, values: tuple[Any, Any], marks: PageMarks) -> list[Finding]:
    then, now = values
    kinds = _top(shape_of([then])), _top(shape_of([now]))
    if kinds[0] != kinds[1]:
        return [retyped("config", what, *kinds)]
    if then == now or key in marks.own_keys or key == "text" or marks.is_token(key, now):
        return []
    before, after = (_short(json.dumps(each, ensure_ascii=False)) for each in (then, now))
    return changed("config", what, before, after, note=True)


def _paths(config: dict[str, Any]) -> list[str]:
    texts = config.get("text")
    return [*config, *(f"text.{name}" for name in (texts if isinstance(texts, dict) else {}))]


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def _top(shape: Shape) -> tuple[str, ...]:
    return shape.types[""]
