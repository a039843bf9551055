"""Docstrings that only the source has: those below an attribute or a member of an enumeration."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType


def members(cls: type) -> dict[str, str]:
    """Return the docstring below each plain assignment in the body of *cls*, by its name."""
    found = {}
    for node in ast.parse(textwrap.dedent(inspect.getsource(cls))).body:
        for assignment, below in pairwise(getattr(node, "body", ())):
            match assignment, below:
                case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(text.split())
                case _:
                    pass
    return found


def paragraphs(docstring: str | None) -> list[str]:
    """Return the paragraphs of a docstring; below `Attributes:`, `Args:` and `Raises:` the entries are a list."""
    return [_as_list(part) if _is_list(part) else part for part in inspect.cleandoc(docstring or "").split("\n\n")]


def _is_list(part: str) -> bool:
    return part.partition("\n")[0] in ("Attributes:", "Args:", "Raises:")


def _as_list(part: str) -> str:
    title, *lines = part.split("\n")
    entries: list[str] = []
    for line in lines:
        if line.startswith("     "):
            entries[-1] += f" {line.strip()}"
        else:
            name, _, text = line.strip().partition(": ")
            entries.append(f"- `{name}`: {text}")
    return f"{title}\n\n" + "\n".join(entries)


def fixtures(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield name and docstring of each pytest fixture in the source of *module*."""
    functions = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if any("fixture" in ast.unparse(decorator) for decorator in function.decorator_list):
            yield function.name, ast.get_docstring(function) or ""
