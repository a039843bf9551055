"""The family `events/`: the same events in another spelling (WHATWG HTML 9.2.5 and 9.2.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Literal

from chatgptfree_mock.variants.event_blocks import BOM, Block, Line, join_blocks
from chatgptfree_mock.variants.json_text import LINE_SEPARATORS, is_json, plain, raw_text, respelled, tokens
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import Grade, TextRule

BlockEdit = Callable[[Block], Iterable[Block]]
EditedBlocks = Literal["each", "first", "last", "mark"]
_CLAUSE: Final = "WHATWG HTML 9.2.5"
_FIELDS: Final = "WHATWG HTML 9.2.6"
_MEASURED: Final = "measured: 6 of 6 hand-written loops"


def _changed(answer: RecordedAnswer, change: BlockEdit, where: EditedBlocks = "each") -> bytes | None:
    """Apply *change* to the blocks with data: to each, the first, the last with text or the end mark."""
    chosen = [place for place, block in enumerate(answer.blocks) if block.has_data]
    if where == "first":
        chosen = chosen[:1]
    elif where == "mark":
        chosen = [] if answer.mark is None else [answer.mark]
    elif where == "last":
        chosen = [place for place in chosen if place != answer.mark][-1:]
    if not chosen or not answer.is_stream:
        return None
    blocks = [
        new for place, block in enumerate(answer.blocks) for new in (change(block) if place in chosen else (block,))
    ]
    return _prefix(answer) + join_blocks(blocks)


def _prefix(answer: RecordedAnswer) -> bytes:
    return BOM if answer.body.startswith(BOM) else b""


def _end(block: Block) -> bytes:
    return block.lines[0].end


def _behind(text: bytes, block: Block) -> Iterable[Block]:
    """Add a line after the last data line."""
    place = max(at for at, line in enumerate(block.lines) if line.field == b"data")
    yield Block((*block.lines[: place + 1], Line(text, _end(block)), *block.lines[place + 1 :]))


def _before(text: bytes, block: Block) -> Iterable[Block]:
    yield Block((Line(text, _end(block)), *block.lines))


def _own_block(texts: tuple[bytes, ...], block: Block) -> Iterable[Block]:
    """Add lines as a separate block before *block*."""
    return Block(tuple(Line(text, _end(block)) for text in (*texts, b""))), block


def _blank_lines(count: int, block: Block) -> Iterable[Block]:
    yield block
    for _ in range(count):
        yield Block((Line(b"", _end(block)),))


def _with_field(name: bytes, add: BlockEdit) -> BlockEdit:
    """Apply *add* only to blocks without the field *name*."""
    return lambda block: (block,) if any(line.field == name for line in block.lines) else add(block)


def _without_space(block: Block) -> Iterable[Block]:
    yield Block(tuple(_bare(line) for line in block.lines))


def _bare(line: Line) -> Line:
    name, colon, value = line.text.partition(b":")
    short = value.removeprefix(b" ")
    # A value that begins with a space needs the space after the colon.
    return Line(name + colon + short, line.end) if name and not short.startswith(b" ") else line


def _with_space(block: Block) -> Iterable[Block]:
    yield Block(tuple(_spaced(line) for line in block.lines))


def _spaced(line: Line) -> Line:
    name, colon, value = line.text.partition(b":")
    return Line(name + b": " + value, line.end) if name and colon and not value.startswith(b" ") else line


def _fields_backwards(block: Block) -> Iterable[Block]:
    """Write data before the other fields, or after them if it is first."""
    lines = block.lines[:-1]
    data = [line for line in lines if line.field == b"data"]
    others = [line for line in lines if line.field != b"data"]
    if not data or not others:
        return (block,)
    turned = [*others, *data] if lines[0].field == b"data" else [*data, *others]
    return (Block((*turned, block.lines[-1])),)


def _over_lines(block: Block) -> Iterable[Block]:
    """Write JSON data on several lines, cut at the first, middle and last place where white space may be."""
    data = block.data
    if not is_json(data) or b"\n" in data:
        return (block,)
    found = tokens(data.decode())
    cuts = sorted({1, len(found) // 2, len(found) - 1} - {0, len(found)})
    parts = ["".join(found[start:end]).encode() for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True)]
    place = next(at for at, line in enumerate(block.lines) if line.field == b"data")
    others = tuple(line for line in block.lines if line.field != b"data")
    lines = tuple(Line(b"data: " + part, _end(block)) for part in parts)
    return (Block((*others[:place], *lines, *others[place:])),)


def _line_ends(answer: RecordedAnswer, end: bytes) -> bytes | None:
    """End every line with *end*."""
    if not answer.blocks:
        return None
    lines = (line for block in answer.blocks for line in block.lines)
    return _prefix(answer) + b"".join(line.text + (end if line.end else b"") for line in lines)


def _mixed(answer: RecordedAnswer) -> bytes | None:
    """End text lines with CRLF and blank ones with LF."""
    if not answer.blocks:
        return None
    lines = [line for block in answer.blocks for line in block.lines]
    ends = (b"" if not line.end else b"\r\n" if line.text else b"\n" for line in lines)
    return _prefix(answer) + b"".join(line.text + end for line, end in zip(lines, ends, strict=True))


def _with_bom(answer: RecordedAnswer) -> bytes | None:
    return None if answer.body.startswith(BOM) or not answer.blocks else BOM + answer.body


def _line_separators(block: Block) -> Iterable[Block]:
    """Write Unicode line separators unescaped, where the recording has them escaped."""
    yield Block(tuple(_unescaped(line) for line in block.lines))


def _unescaped(line: Line) -> Line:
    if line.field != b"data" or not is_json(line.value):
        return line
    text = line.value.decode()
    shown = respelled(text, plain)
    if not any(character in shown for character in LINE_SEPARATORS):
        return line
    only = respelled(text, lambda character: character if character in LINE_SEPARATORS else raw_text(character))
    return Line(b"data: " + only.encode(), line.end)


_SHORT: Final = frozenset(
    {"comment", "blank-lines", "unknown-field-behind-data", "no-space", "several-data-lines", "event-before-data"}
    | {"comment-before-data", "retry-block", "id-block", "line-separators"}
)


def _table(grade: Grade, source: str, changes: dict[str, tuple[BlockEdit, tuple[EditedBlocks, ...]]]) -> list[TextRule]:
    """Make a rule for each change and place; of a change in the short list, the first place is in it."""
    return [
        TextRule(
            name=f"events/{name}" if where == "each" else f"events/{name}-{where}",
            rewrite=partial(_changed, change=change, where=where),
            source=source,
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
            "comment": (partial(_own_block, (b": keep-alive",)), _EVERYWHERE),
            "empty-comment": (partial(_own_block, (b":",)), _LESS),
            "comment-behind-data": (partial(_behind, b": a comment: data: none"), _LESS),
            "blank-lines": (partial(_blank_lines, 2), _EVERYWHERE),
        },
    ),
    *_table(
        1,
        _FIELDS,
        {
            "event-message": (_with_field(b"event", partial(_behind, b"event: message")), _LESS),
            "id-behind-data": (_with_field(b"id", partial(_behind, b"id: 7")), _LESS),
            "retry-behind-data": (partial(_behind, b"retry: 3000"), _LESS),
            "unknown-field-behind-data": (partial(_behind, b"x-trace: 1"), _LESS),
            "no-colon-behind-data": (partial(_behind, b"note"), _LESS),
        },
    ),
    *_table(
        2,
        f"{_FIELDS}; Spring sends it so; {_MEASURED}",
        {"no-space": (_without_space, ("each", "mark")), "space": (_with_space, ("each",))},
    ),
    *_table(
        2,
        f"{_FIELDS}; {_MEASURED}",
        {"several-data-lines": (_over_lines, ("each", "first")), "fields-reordered": (_fields_backwards, ("each",))},
    ),
    *_table(
        2,
        "WHATWG HTML 9.2.6; loops that split at a blank line and test the beginning read nothing",
        {
            "event-before-data": (_with_field(b"event", partial(_before, b"event: message")), _LESS),
            "id-before-data": (_with_field(b"id", partial(_before, b"id: 7")), _LESS),
            "comment-before-data": (partial(_before, b": a comment"), _LESS),
            "unknown-field-before-data": (partial(_before, b"x-trace: 1"), _LESS),
        },
    ),
    *_table(
        2,
        "WHATWG HTML 9.2.6; openai 3.57 and httpx-sse 0.4.3 make an empty event of it",
        {
            "retry-block": (partial(_own_block, (b"retry: 3000",)), ("first", "each")),
            "id-block": (partial(_own_block, (b"id: 7",)), ("first", "each")),
        },
    ),
    *_table(
        2,
        "ECMA-404 allows them in texts; httpx and requests split lines there",
        {"line-separators": (_line_separators, ("each",))},
    ),
    TextRule(
        name="events/crlf",
        rewrite=partial(_line_ends, end=b"\r\n"),
        source=f"{_CLAUSE}; the default of sse-starlette",
        grade=2,
        short=True,
    ),
    TextRule(name="events/lf", rewrite=partial(_line_ends, end=b"\n"), source=_CLAUSE, short=True),
    TextRule(name="events/cr", rewrite=partial(_line_ends, end=b"\r"), source=_CLAUSE, grade=3, short=True),
    TextRule(name="events/mixed-line-ends", rewrite=_mixed, source=_CLAUSE, grade=3, short=True),
    TextRule(name="events/bom", rewrite=_with_bom, source=_CLAUSE, grade=3, short=True),
)
"""Equivalents of an event stream."""
