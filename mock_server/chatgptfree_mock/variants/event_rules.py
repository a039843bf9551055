"""The family `events/`: the same events in another spelling (WHATWG HTML 9.2.5 and 9.2.6)."""

from __future__ import annotations

from functools import partial
from typing import Final

from chatgptfree_mock.variants.event_edits import (
    BlockEdit,
    EditedBlocks,
    blank_lines,
    edited_body,
    fields_backwards,
    line_after_data,
    line_before,
    line_separators,
    mixed_line_ends,
    over_lines,
    own_block,
    unless_field,
    with_bom,
    with_line_ends,
    with_space,
    without_space,
)
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.rule import TextRule

_CLAUSE: Final = "WHATWG HTML 9.2.5"
_FIELDS: Final = "WHATWG HTML 9.2.6"
_MEASURED: Final = "measured: 6 of 6 hand-written loops"


_SHORT: Final = frozenset(
    {"comment", "blank-lines", "unknown-field-after-data", "no-space", "several-data-lines", "event-before-data"}
    | {"comment-before-data", "retry-block", "id-block", "line-separators"}
)


def _table(grade: Grade, source: str, changes: dict[str, tuple[BlockEdit, tuple[EditedBlocks, ...]]]) -> list[TextRule]:
    """Make a rule for each change and place; of a change in the short list, the first place is in it."""
    return [
        TextRule(
            f"events/{name}" if where == "each" else f"events/{name}-{where}",
            partial(edited_body, change=change, where=where),
            source,
            grade=grade,
            short=number == 0 and name in _SHORT,
        )
        for name, (change, places) in changes.items()
        for number, where in enumerate(places)
    ]


_EVERYWHERE: Final[tuple[EditedBlocks, ...]] = ("each", "first", "mark", "last")
_LESS: Final[tuple[EditedBlocks, ...]] = ("each", "mark")

EVENT_RULES: Final[tuple[TextRule, ...]] = (
    *_table(
        1,
        _CLAUSE,
        {
            "comment": (partial(own_block, (b": keep-alive",)), _EVERYWHERE),
            "empty-comment": (partial(own_block, (b":",)), _LESS),
            "comment-after-data": (partial(line_after_data, b": a comment: data: none"), _LESS),
            "blank-lines": (partial(blank_lines, 2), _EVERYWHERE),
        },
    ),
    *_table(
        1,
        _FIELDS,
        {
            "event-message": (unless_field(b"event", partial(line_after_data, b"event: message")), _LESS),
            "id-after-data": (unless_field(b"id", partial(line_after_data, b"id: 7")), _LESS),
            "retry-after-data": (partial(line_after_data, b"retry: 3000"), _LESS),
            "unknown-field-after-data": (partial(line_after_data, b"x-trace: 1"), _LESS),
            "no-colon-after-data": (partial(line_after_data, b"note"), _LESS),
        },
    ),
    *_table(
        2,
        f"{_FIELDS}; Spring sends it so; {_MEASURED}",
        {"no-space": (without_space, ("each", "mark")), "space": (with_space, ("each",))},
    ),
    *_table(
        2,
        f"{_FIELDS}; {_MEASURED}",
        {"several-data-lines": (over_lines, ("each", "first")), "fields-reordered": (fields_backwards, ("each",))},
    ),
    *_table(
        2,
        "WHATWG HTML 9.2.6; loops that split at a blank line and test the beginning read nothing",
        {
            "event-before-data": (unless_field(b"event", partial(line_before, b"event: message")), _LESS),
            "id-before-data": (unless_field(b"id", partial(line_before, b"id: 7")), _LESS),
            "comment-before-data": (partial(line_before, b": a comment"), _LESS),
            "unknown-field-before-data": (partial(line_before, b"x-trace: 1"), _LESS),
        },
    ),
    *_table(
        2,
        "WHATWG HTML 9.2.6; openai 3.57 and httpx-sse 0.4.3 make an empty event of it",
        {
            "retry-block": (partial(own_block, (b"retry: 3000",)), ("first", "each")),
            "id-block": (partial(own_block, (b"id: 7",)), ("first", "each")),
        },
    ),
    *_table(
        2,
        "ECMA-404 allows them in texts; httpx and requests split lines there",
        {"line-separators": (line_separators, ("each",))},
    ),
    TextRule(
        "events/crlf",
        partial(with_line_ends, end=b"\r\n"),
        f"{_CLAUSE}; the default of sse-starlette",
        grade=2,
        short=True,
    ),
    TextRule("events/lf", partial(with_line_ends, end=b"\n"), _CLAUSE, short=True),
    TextRule("events/cr", partial(with_line_ends, end=b"\r"), _CLAUSE, grade=3, short=True),
    TextRule("events/mixed-line-ends", mixed_line_ends, _CLAUSE, grade=3, short=True),
    TextRule("events/bom", with_bom, _CLAUSE, grade=3, short=True),
)
"""Equivalents of an event stream."""
