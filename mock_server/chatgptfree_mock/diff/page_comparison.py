"""
What differs between two pages: elements, their attributes, and the keys of their config.

Values are compared only by kind (a number, a nonce, nothing …), since they belong to one site; a value of the same kind
that depends on settings is a note.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from chatgptfree_mock.contract.page_marks import PageMarks
from chatgptfree_mock.diff.findings import Finding, added_and_removed, changed, retyped
from chatgptfree_mock.diff.masking import masked, quoted
from chatgptfree_mock.diff.pages import ComparedPage, Element, token_paths
from chatgptfree_mock.diff.shapes import Shape, shape_of
from chatgptfree_mock.tape.renames import moved, renamed


def compare_pages(before: ComparedPage, after: ComparedPage) -> list[Finding]:
    """Return what differs between the chats of two pages, which were read by the same marks."""
    marks = after.marks
    kind_of_key = partial(_kind_of_key, marks=marks)
    found = changed("page", "plugin's release:", before.release, after.release, note=True)
    elements = renamed(before.chats, after.chats, lambda _, element: tuple(element.attributes))
    found += _renames("page", "element", elements)
    found += added_and_removed("page", "elements", *_without(before.chats, after.chats, elements))
    moves = moved(_nonce_places(before, elements), _nonce_places(after, {}))
    if moves is not None and not _is_rename(*moves):
        found.append(Finding(topic="page", change="moved", what="nonce", before=(moves[0],), after=(moves[1],)))
    for name, element in before.chats.items():
        partner = elements.get(name, name)
        if partner in after.chats:
            found += _compare_elements(partner, element, after.chats[partner], marks)
    found += added_and_removed("page", "variables", before.variables, after.variables)
    for name, value in before.variables.items():
        if name in after.variables:
            keys = renamed(value, after.variables[name], kind_of_key)
            found += _renames("page", f"{name} key", keys)
            found += added_and_removed("page", f"{name} keys", *_without(value, after.variables[name], keys))
    return found


def _is_rename(before: str, after: str) -> bool:
    """Return whether *before* and *after*, places of a nonce, differ in the name only: a rename."""
    (place, _, name), (new_place, _, new_name) = before.rpartition(" "), after.rpartition(" ")
    return place == new_place and "." not in name + new_name


def _renames(topic: str, what: str, names: dict[str, str]) -> list[Finding]:
    return [
        Finding(topic=topic, change="renamed", what=what, before=(old,), after=(new,)) for old, new in names.items()
    ]


def _without(before: Iterable[str], after: Iterable[str], names: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return both lists of names without those that were renamed."""
    return [each for each in before if each not in names], [each for each in after if each not in names.values()]


def _nonce_places(page: ComparedPage, names: dict[str, str]) -> list[str]:
    """Return where nonces are, elements under their new *names*."""
    places, is_token = [], page.marks.is_token
    for name, element in page.chats.items():
        here = names.get(name, name)
        places += [f"{here} {each}" for each, value in element.attributes.items() if is_token(each, value)]
        places += [f"{here} {element.config_name} {path}" for path in token_paths(element.config, is_token)]
    for name, value in page.variables.items():
        places += [f"{name} {path}" for path in token_paths(value, is_token)]
    return [*places, *(f"script variable {name}" for name in page.tokens)]


def _kind_of_key(name: str, value: Any, *, marks: PageMarks) -> object:
    return "nonce" if marks.is_token(name, value) else _top(shape_of([value]))


def _compare_elements(name: str, before: Element, after: Element, marks: PageMarks) -> list[Finding]:
    old, new = before.attributes, after.attributes
    names = renamed(old, new, partial(_kind, marks=marks))
    found = _renames("page", f"{name} attribute", names)
    found += added_and_removed("page", f"{name} attributes", *_without(old, new, names))
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
    found += added_and_removed("config", f"{after.config_name} keys", *_without(_paths(old), _paths(new), names))
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
    before, after = (_text_start(json.dumps(each, ensure_ascii=False)) for each in (then, now))
    return changed("config", what, before, after, note=True)


def _paths(config: dict[str, Any]) -> list[str]:
    texts = config.get("text")
    return [*config, *(f"text.{name}" for name in (texts if isinstance(texts, dict) else {}))]


def _text_start(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _top(shape: Shape) -> tuple[str, ...]:
    return shape.types[""]
