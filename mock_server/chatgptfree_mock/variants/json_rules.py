"""The family `json/`: other spellings of the same JSON values (RFC 8259): a body, lines or the data of events."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from chatgptfree_mock.tape.json_value import duplicate_keys
from chatgptfree_mock.variants import json_text
from chatgptfree_mock.variants.event_blocks import BOM, Block, Line, join_blocks
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.json_lines import respelled_lines, with_crlf, without_last_line_end
from chatgptfree_mock.variants.json_text import respelled, spaced
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import TextRule

Spelling = Callable[[str], str]


def _spelled(answer: RecordedAnswer, spell: Spelling) -> bytes | None:
    if answer.kind == "JSON":
        return spell(answer.body.decode()).encode()
    if answer.kind == "text":
        return None
    if answer.kind == "JSON lines":
        return respelled_lines(answer.body, spell)
    prefix = BOM if answer.body.startswith(BOM) else b""
    chosen = answer.json_blocks
    return prefix + join_blocks(
        _block(block, spell) if index in chosen else block for index, block in enumerate(answer.blocks)
    )


def _block(block: Block, spell: Spelling) -> Block:
    text = spell(block.data.decode()).encode()
    return Block(tuple(Line(b"data: " + text, line.end) if line.field == b"data" else line for line in block.lines))


def _body_only(answer: RecordedAnswer, spell: Spelling) -> bytes | None:
    """Apply *spell* to a JSON body only: its white space may contain line ends, unlike that of an event."""
    return _spelled(answer, spell) if answer.kind == "JSON" else None


def _lines_only(rewrite: Callable[[bytes], bytes], answer: RecordedAnswer) -> bytes | None:
    return rewrite(answer.body) if answer.kind == "JSON lines" else None


def _reordered(alphabetical: bool, text: str) -> str:
    return text if duplicate_keys(text) else json_text.reordered(text, alphabetical=alphabetical)


def _around(before: str, after: str, text: str) -> str:
    return before + text + after


_WHITE: Final[dict[str, Spelling]] = {
    "compact": spaced,
    "spaces": partial(spaced, colon=": ", comma=", "),
    "wide-spaces": partial(spaced, colon=" : ", comma=" , ", inside=" "),
    "tabs": partial(spaced, colon=":\t", comma=",\t"),
    "space-before-colon": partial(spaced, colon=" :"),
    "space-inside": partial(spaced, inside=" "),
    "spaces-after": partial(_around, "", "  "),
}
_LINES: Final[dict[str, Spelling]] = {
    "indented": json_text.indented,
    "indented-tabs": partial(json_text.indented, step="\t"),
    "indented-wide": partial(json_text.indented, step="        "),
    "blank-lines-before": partial(_around, "\n\n", ""),
    "blank-lines-after": partial(_around, "", "\r\n\r\n"),
    "white-space-around": partial(_around, " \t\r\n", " \t\r\n"),
    "crlf": partial(spaced, colon=":\r\n", comma=",\r\n", inside="\r\n"),
    "line-per-token": partial(spaced, colon="\n:\n", comma="\n,\n", inside="\n"),
}
_ESCAPES: Final[dict[str, Spelling]] = {
    "ascii": partial(respelled, write=json_text.ascii_only),
    "utf8": partial(respelled, write=json_text.raw_text),
    "escaped-values": partial(respelled, write=json_text.escaped),
    "escaped-values-upper": partial(respelled, write=json_text.escaped_upper),
    "escaped-slashes": partial(respelled, write=json_text.slashed),
}
_KEYS: Final[dict[str, Spelling]] = {
    "keys-backwards": partial(_reordered, False),
    "keys-sorted": partial(_reordered, True),
}
_SHORT: Final = frozenset(
    {"wide-spaces", "indented", "white-space-around", "keys-backwards", "ascii", "utf8"}
    | {"escaped-values", "escaped-slashes"}
)


def _rewrite(
    rewrite: Callable[[RecordedAnswer, Spelling], bytes | None], spell: Spelling
) -> Callable[[RecordedAnswer], bytes | None]:
    return lambda answer: rewrite(answer, spell)


def _rules(
    spellings: dict[str, Spelling],
    source: str,
    rewrite: Callable[[RecordedAnswer, Spelling], bytes | None] = _spelled,
    grade: Grade = 1,
) -> list[TextRule]:
    return [
        TextRule(f"json/{name}", _rewrite(rewrite, spell), source, grade=grade, short=name in _SHORT)
        for name, spell in spellings.items()
    ]


JSON_RULES: Final[tuple[TextRule, ...]] = (
    *_rules(_WHITE, "RFC 8259 section 2"),
    *_rules(_LINES, "RFC 8259 section 2", _body_only),
    *_rules(_ESCAPES, "RFC 8259 section 7; PHP escapes slashes and all that is not ASCII"),
    *_rules(_KEYS, "RFC 8259 section 4"),
    *_rules(
        {
            "escaped-keys": partial(respelled, write=json_text.escaped, keys=True, values=False),
            "escaped-all": partial(respelled, write=json_text.escaped, keys=True),
        },
        "RFC 8259 section 7",
        grade=3,
    ),
    *(
        TextRule(f"json/{name}", partial(_lines_only, rewrite), source, grade=2, short=True)
        for name, rewrite, source in (
            ("lines-crlf", with_crlf, "ndjson specification section 3.2: a parser must accept CR LF"),
            (
                "lines-open-end",
                without_last_line_end,
                "jsonlines.org: a line end after the last line may be there or not",
            ),
        )
    ),
)
"""Equivalents of JSON: whole, in lines or in events."""
