"""Names: one thing has one, and tests use public names of the product only."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("chatgptfree", "chatgptfree_mock")
NOT_OURS = {"os._exit", "zlib._Decompress", "_is_protocol"}
"""Names of Python's own that begin with an underscore."""
TYPE_VARIABLES = {"T", "P", "R", "K"}
WITHOUT_ASYNC = {"ChatClient", "ReplyStream", "Conversation"}
"""The client's classes without async have the names of those that they wrap."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_names(source: str) -> Iterator[str]:
    """Yield what *source* takes of another object's private names: by an attribute, an import, a patch, or `vars`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if ast.unparse(node.value) not in ("self", "cls") and ast.unparse(node) not in NOT_OURS:
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PRODUCT:
            yield from (each.name for each in node.names if is_private(each.name))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("setattr", "getattr"):
            names = [each.value for each in node.args[1:2] if isinstance(each, ast.Constant)]
            yield from (name for name in names if isinstance(name, str) and is_private(name) and name not in NOT_OURS)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).startswith("vars("):
            yield ast.unparse(node)


TESTED = [file for file in sorted((ROOT / "tests").rglob("*.py")) if file != Path(__file__)]


PRIVATE = re.compile(
    r"""(?<!\bself)(?<!\bcls)\._[A-Za-z] | import\ .*\b_[A-Za-z] | ^\ +_\w+,?$ | ["']_[A-Za-z] | vars\(""",
    re.MULTILINE | re.VERBOSE,
)
"""What a source with a private name has; most have not, and need not be parsed."""


def test_no_test_reaches_into_the_product() -> None:
    sources = {str(file.relative_to(ROOT)): file.read_text() for file in TESTED}
    found = {file: list(private_names(source)) for file, source in sources.items() if PRIVATE.search(source)}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "line",
    [
        "clock._waiting",
        "from chatgptfree_mock.tape.redaction.bodies.markup_page import _TAG",
        'monkeypatch.setattr(serve, "_serve", note)',
        'getattr(site, "_plugin")',
        'vars(record)["_expected"]',
    ],
)
def test_a_private_name_is_found(line: str) -> None:
    assert PRIVATE.search(line)
    assert list(private_names(line))


def types_in(source: str) -> Iterator[str]:
    """Yield the classes and the names given to types (`Chunk = tuple[float, bytes]`), without underscores."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [each.id for each in node.targets if isinstance(each, ast.Name)]
        else:
            continue
        names = [name.lstrip("_") for name in names]
        yield from (name for name in names if name[:1].isupper() and not name.isupper())


@pytest.mark.parametrize(("package", "twice"), [("mock_server", set()), ("client", WITHOUT_ASYNC)])
def test_no_type_has_the_name_of_another(package: str, twice: set[str]) -> None:
    """An underscore does not make two names different: a public class has none that a private one has."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / package).rglob("*.py")):
        for name in types_in(file.read_text()):
            found[name].append(str(file.relative_to(ROOT)))
    assert {name for name, files in found.items() if len(files) > 1 and name not in TYPE_VARIABLES} == twice


def test_classes_and_aliases_are_found() -> None:
    source = "class Cut: ...\nPlace = int | None\nLIMIT = 3\nlow, High = 1, 2\n_Own = str\n"
    assert list(types_in(source)) == ["Cut", "Place", "Own"]


EMPTY_NAME = re.compile(
    r"^ *def (_(?:text|told|plain|say|named|written|cut|whole|places|short|shown)|told|said)\("
    r"|^ *(?:\w+, )*(told|said)(?:, \w+)* = |[(,] ?(told|said): ",
    re.MULTILINE,
)
"""Names of functions from which nobody knows what they return, and of variables that may hold anything."""


def test_nothing_has_a_name_without_a_meaning() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {name}"
        for folder in ("client", "mock_server", "tests", "docs", "benchmarks", "examples")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for name in empty_names(file.read_text())
    ]
    assert found == []


def empty_names(source: str) -> list[str]:
    return ["".join(found) for found in EMPTY_NAME.findall(source)]


def test_an_empty_name_is_found() -> None:
    assert empty_names("class A:\n    def _text(self) -> str: ...\n") == ["_text"]
    assert empty_names("def _shown() -> str: ...\ndef shown_value() -> str: ...\n") == ["_shown"]
    assert empty_names("status, told = 1, 2\ndef f(a: int, {}: str): ...\n".format("said")) == ["told", "said"]
