"""Edits of an event stream that change its spelling, not its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from chatgptfree_mock.variants.event_blocks import BOM, Block, Line, join_blocks
from chatgptfree_mock.variants.json_text import LINE_SEPARATORS, is_json, plain, raw_text, respelled, tokens
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer

BlockEdit = Callable[[Block], Iterable[Block]]
EditedBlocks = Literal["each", "first", "last", "mark"]


def edited_body(answer: RecordedAnswer, change: BlockEdit, where: EditedBlocks = "each") -> bytes | None:
    """Apply *change* to the blocks with data: to each, the first, the last with text or the end mark."""
    chosen = [place for place, block in enumerate(answer.blocks) if block.has_data]
    if where == "first":
        chosen = chosen[:1]
    elif where == "mark":
        chosen = [place for place in chosen if place == answer.mark]
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


def line_after_data(text: bytes, block: Block) -> Iterable[Block]:
    """Add a line after the last data line."""
    place = max(at for at, line in enumerate(block.lines) if line.field == b"data")
    yield Block((*block.lines[: place + 1], Line(text, _end(block)), *block.lines[place + 1 :]))


def line_before(text: bytes, block: Block) -> Iterable[Block]:
    """Add a line at the beginning of *block*."""
    yield Block((Line(text, _end(block)), *block.lines))


def own_block(texts: tuple[bytes, ...], block: Block) -> Iterable[Block]:
    """Add lines as a separate block before *block*."""
    return Block(tuple(Line(text, _end(block)) for text in (*texts, b""))), block


def blank_lines(count: int, block: Block) -> Iterable[Block]:
    """Add *count* blank lines after *block*."""
    yield block
    for _ in range(count):
        yield Block((Line(b"", _end(block)),))


def unless_field(name: bytes, add: BlockEdit) -> BlockEdit:
    """Apply *add* only to blocks without the field *name*."""
    return lambda block: (block,) if any(line.field == name for line in block.lines) else add(block)


def without_space(block: Block) -> Iterable[Block]:
    """Leave out the space after the colon."""
    yield Block(tuple(_bare(line) for line in block.lines))


def _bare(line: Line) -> Line:
    name, colon, value = line.text.partition(b":")
    short = value.removeprefix(b" ")
    # A value that begins with a space needs the space after the colon.
    return Line(name + colon + short, line.end) if name and not short.startswith(b" ") else line


def with_space(block: Block) -> Iterable[Block]:
    """Add a space after the colon."""
    yield Block(tuple(_spaced(line) for line in block.lines))


def _spaced(line: Line) -> Line:
    name, colon, value = line.text.partition(b":")
    return Line(name + b": " + value, line.end) if name and colon and not value.startswith(b" ") else line


def fields_backwards(block: Block) -> Iterable[Block]:
    """Write data before the other fields, or after them if it is first."""
    lines = block.lines[:-1]
    data = [line for line in lines if line.field == b"data"]
    others = [line for line in lines if line.field != b"data"]
    if not data or not others:
        return (block,)
    turned = [*others, *data] if lines[0].field == b"data" else [*data, *others]
    return (Block((*turned, block.lines[-1])),)


def over_lines(block: Block) -> Iterable[Block]:
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


def with_line_ends(answer: RecordedAnswer, end: bytes) -> bytes | None:
    """End every line with *end*."""
    if not answer.blocks:
        return None
    lines = (line for block in answer.blocks for line in block.lines)
    return _prefix(answer) + b"".join(line.text + (end if line.end else b"") for line in lines)


def mixed_line_ends(answer: RecordedAnswer) -> bytes | None:
    """End text lines with CRLF and blank ones with LF."""
    if not answer.blocks:
        return None
    lines = [line for block in answer.blocks for line in block.lines]
    ends = (b"" if not line.end else b"\r\n" if line.text else b"\n" for line in lines)
    return _prefix(answer) + b"".join(line.text + end for line, end in zip(lines, ends, strict=True))


def with_bom(answer: RecordedAnswer) -> bytes | None:
    """Begin the stream with a byte order mark."""
    return None if answer.body.startswith(BOM) or not answer.blocks else BOM + answer.body


def line_separators(block: Block) -> Iterable[Block]:
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
