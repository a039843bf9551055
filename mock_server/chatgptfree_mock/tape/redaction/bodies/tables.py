"""Values in columns that have a secret's name in their head: CSV (RFC 4180), TSV, and tables of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context, Rules
from chatgptfree_mock.tape.redaction.names.secret_names import Name, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value
from chatgptfree_mock.tape.redaction.text.byte_search import offsets_of
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at

FIRST_LINE: Final = LazyPattern(
    r"(?:\A\ufeff?|(?:\A\xef\xbb\xbf)|\0\n|\n[ \t\r]*\n|```\w{0,10}\r?\n)([^\n\0]{3,2000})(?=\n([^\n\0]*))"
)
"""The first line of a text, of a paragraph, or of a block of code, and the next line."""
_END: Final = "\0\n"
"""The end of `SEPARATOR`: after it another text begins."""
_SECOND_LINE: Final = LazyPattern(r"\n(?!\n?\0)(?<!\0\n)")
"""A line feed with another line after it, in one of the texts that `SEPARATOR` joins."""
_PARAGRAPH: Final = LazyPattern(r"\n(?=[ \t\r]*\n)")
_NAME: Final = LazyPattern(r"[A-Za-z_][\w.-]{0,40}(?:[ ][\w.-]{1,20}){0,2}", re.ASCII)
_LINE: Final = LazyPattern(r"[^\n\0]*")
_QUOTES: Final = " \t\r\"'`*"
_SQL_QUOTES: Final = " \t\r\n\"'`[]"
_INSERT: Final = LazyPattern(r"INSERT\s+INTO\s+[^\s(]{1,120}\s*\(([^()]{3,1000})\)\s*VALUES\s*", re.IGNORECASE)
_ROW: Final = LazyPattern(r"\(((?:'(?:[^'\\\n]|''|\\.)*+'|[^()'\n])*+)\)\s*,?\s*")


class _TextTable(NamedTuple):
    delimiter: str
    columns: list[tuple[str, Name | None]]
    start: int
    """Where the second line begins."""


def table_values(text: str, context: Context) -> Iterator[Secret]:
    """Yield the values of columns whose head is a secret's name."""
    for table in _tables(text, context.rules):
        yield from _values(text, table)


def inserted_values(text: str, rules: Rules) -> Iterator[Secret]:
    """Yield the values that SQL puts into columns with a secret's name (ISO 9075-2, 14.11)."""
    for found in _INSERT.finditer(text):
        names = [name.strip(_SQL_QUOTES) for name in found[1].split(",")]
        columns = [(name, None if needs_query(name) else rules.name(name)) for name in names]
        row = _ROW.match(text, found.end()) if any(named for _, named in columns) else None
        while row is not None:
            yield from _row_values(row[1], row.start(1), columns, "'")
            row = _ROW.match(text, row.end())


def _row_values(line: str, at: int, columns: list[tuple[str, Name | None]], quote: str) -> Iterator[Secret]:
    cells = list(_cells(line, ",", quote))
    for (name, named), (start, cell) in zip(columns, cells, strict=False):
        value = cell.strip(_QUOTES)
        quoted = cell.lstrip().startswith(quote)
        if named is not None and quoted and is_secret_value(named, name, value, Notation.QUOTED):
            first = at + start + cell.index(value)
            yield secret_at(first, first + len(value), named.rule, value, f"is put into the column `{name}`")


def table_places(text: str, rules: Rules) -> Iterator[int]:
    """Yield a place in each table of *text* that has such a column."""
    for table in _tables(text, rules):
        yield table.start - 1


def _tables(text: str, rules: Rules) -> Iterator[_TextTable]:
    reached = 0
    while line := _SECOND_LINE.search(text, reached):
        start = text.rfind(_END, 0, line.start()) + len(_END) if reached or _END in text[: line.start()] else 0
        end = text.find(_END, line.start())
        reached = len(text) if end < 0 else end + len(_END)
        for table in _tables_of(text[start : len(text) if end < 0 else end], rules):
            yield table._replace(start=start + table.start)


def _tables_of(text: str, rules: Rules) -> Iterator[_TextTable]:
    for found in first_lines(text):
        first = found[1]
        delimiter = "\t" if "\t" in first else ";" if ";" in first else "|" if "|" in first else ","
        if not 0 < first.count(delimiter) <= found[2].count(delimiter):
            continue
        heads = [cell.strip(_QUOTES) for cell in first.split(delimiter)]
        if not all(_NAME.fullmatch(head) or (delimiter == "|" and not head) for head in heads):
            continue
        columns = [(head, None if needs_query(head) else rules.name(head)) for head in heads]
        if any(named for _, named in columns):
            yield _TextTable(delimiter, columns, found.end() + 1)


def first_lines(text: str) -> Iterator[re.Match[str]]:
    """
    Yield the matches of `FIRST_LINE` in *text*, as `finditer` does.

    The pattern is tried only where one of its alternatives can begin: trying every place takes ten times as long.
    """
    reached = 0
    paragraphs = [found.start() for found in _PARAGRAPH.finditer(text)]
    for at in sorted({0, *paragraphs, *offsets_of(text, "\0\n"), *offsets_of(text, "```")}):
        if at >= reached and (found := FIRST_LINE.match(text, at)):
            yield found
            reached = found.end()


def _values(text: str, table: _TextTable) -> Iterator[Secret]:
    at = table.start
    while (line := _LINE.match(text, at)) and line[0].strip():
        cells = list(_cells(line[0], table.delimiter))
        if len(cells) != len(table.columns):
            return
        for (name, named), (start, cell) in zip(table.columns, cells, strict=True):
            value = cell.strip(_QUOTES)
            if named is not None and is_secret_value(named, name, value, Notation.QUOTED):
                first = at + start + cell.index(value)
                yield secret_at(first, first + len(value), named.rule, value, f"is in the column `{name}` of a table")
        at = line.end() + 1


def _cells(line: str, delimiter: str, quote: str = '"') -> Iterator[tuple[int, str]]:
    """Yield the cells of *line*, each with its place; a *delimiter* between quotes belongs to its cell."""
    start = quotes = joined = 0
    for piece in line.split(delimiter):
        end = start + len(piece)
        quotes += piece.count(quote)
        if quotes % 2 == 0:
            yield start - joined, line[start - joined : end]
            joined = 0
        else:
            joined += len(piece) + len(delimiter)
        start = end + len(delimiter)
