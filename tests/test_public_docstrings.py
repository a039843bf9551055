"""Docstrings: each names its subject, and that of what users call its parameters."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.many_cases import for_each

import chatgptfree
from chatgptfree import ChatError, blocking, provider
from chatgptfree_mock import serving
from chatgptfree_mock.clock import ManualClock, SystemClock
from chatgptfree_mock.contract.optional_members import OptionalMembers
from chatgptfree_mock.contract.pack import SitePack
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.reply import SiteReply, TextFraming
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.settings import SettingsPart
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.contract.store import Store, Table
from chatgptfree_mock.journal.exchange import Exchange
from chatgptfree_mock.journal.filter import Filter
from chatgptfree_mock.journal.journal import Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.live_handle import LiveHandle, PendingCall
from chatgptfree_mock.server.running_site import RunningSite

SOURCES = [Path(chatgptfree.__file__).parent, Path(serving.__file__).parent]
FRAGMENT = re.compile(
    r"(Those|These|They|Its?|The same|Likewise|As|Of|And|Or|In (bytes|seconds|milliseconds)|Return (its?|them|those))\b"
)
"""The beginning of a docstring that leaves open what it is about; the reader sees it without the lines above."""
MODULES = {
    chatgptfree: chatgptfree.__all__,
    blocking: ("ChatClient", "Conversation", "ReplyStream"),
    provider: ("ChatgptFree", "format_prompt"),
    serving: serving.__all__,
}
OTHERS = (
    *(RunningSite, LiveHandle, PendingCall, SystemClock, ManualClock),
    *(Journal, Exchange, Filter),
    *(
        SitePack,
        OptionalMembers,
        SiteSpec,
        SettingsPart,
        Recordings,
        Site,
        SiteRequest,
        SiteReply,
        TextFraming,
        Store,
        Table,
        Delivery,
    ),
)
"""What users and authors of packs get from a public name, or have to pass to one."""
PUBLIC = [
    *(
        pytest.param(getattr(module, name), id=f"{module.__name__}.{name}")
        for module in MODULES
        for name in MODULES[module]
    ),
    *(pytest.param(each, id=each.__name__) for each in OTHERS),
]


def documented(value: type | Callable[..., Any]) -> str:
    """Return the docstring of *value*, and of a class the names of the fields that have one below them as well."""
    text = inspect.getdoc(value) or ""
    if not inspect.isclass(value):
        return text
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    assert isinstance(tree, ast.ClassDef)
    fields = [
        node.target.id
        for node, below in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(below, ast.Expr)
    ]
    return " ".join([text, *fields])


def called(value: type | Callable[..., Any]) -> Iterator[tuple[str, type | Callable[..., Any]]]:
    """Yield what users call of *value*: itself, and the public methods of a class, each with its name."""
    # A protocol is not called.
    functions: dict[str, Any] = {} if getattr(value, "_is_protocol", False) else {"": value}
    if inspect.isclass(value):
        if issubclass(value, Exception):  # `ChatError` has the parameters that all errors share
            functions = {"": value} if value is ChatError else {}
        functions |= {name: each for name, each in vars(value).items() if name[0] != "_"}
    for name, each in functions.items():
        function = getattr(each, "__func__", each)
        if inspect.isfunction(function) or inspect.isclass(function):
            yield name, function


def undocumented(value: type | Callable[..., Any]) -> Iterator[str]:
    """Yield the parameters of *value*, and of the public methods of a class, that no docstring names."""
    for name, function in called(value):
        for parameter in inspect.signature(function).parameters:
            if parameter not in ("self", "cls") and not re.search(rf"\b{parameter}\b", documented(function)):
                yield f"{name}({parameter})"


def in_words(default: object) -> str:
    """Return *default* as docstrings have it; empty for those that need no word: false, 0, nothing."""
    if isinstance(default, bool) or not isinstance(default, int | float | str) or not default:
        return ""
    if isinstance(default, str):
        return default
    return f"{default // 2**20} MiB" if default >= 2**20 and default % 2**20 == 0 else f"{default:,.10g}"


def without_default(value: type | Callable[..., Any]) -> Iterator[str]:
    """Yield the parameters of *value*, and of its methods, whose default is a number or a word that is not named."""
    for name, function in called(value):
        text = texts_of(function)
        for parameter in inspect.signature(function).parameters.values():
            word = in_words(parameter.default)
            if word and not ("default" in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)):
                yield f"{name}({parameter.name}={word})"


def texts_of(value: type | Callable[..., Any]) -> str:
    """Return the docstring of *value*, and of a class those of its fields."""
    return (
        " ".join(docstrings(textwrap.dedent(inspect.getsource(value)))) if inspect.isclass(value) else documented(value)
    )


def unlisted_errors(value: type | Callable[..., Any]) -> Iterator[str]:
    """Yield the errors that *value* or one of its methods raises, if its docstring names neither them nor a base."""
    for name, function in called(value):
        if not inspect.isfunction(function):
            continue
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            named = ast.unparse(node.exc.func)
            raised = getattr(sys.modules[function.__module__], named, None) or getattr(builtins, named, None)
            if inspect.isclass(raised) and not any(each.__name__ in documented(function) for each in raised.__mro__):
                yield f"{name}: {raised.__name__}"


@pytest.mark.parametrize("value", PUBLIC)
def test_a_docstring_names_every_parameter(value: type | Callable[..., Any]) -> None:
    if callable(value):
        assert list(undocumented(value)) == []


@for_each("value", PUBLIC)
def test_a_docstring_names_defaults_and_errors(value: type | Callable[..., Any]) -> None:
    if callable(value):
        assert list(without_default(value)) == []
        assert list(unlisted_errors(value)) == []


def wait(seconds: float = 2.5, *, size: int = 8 * 2**20) -> None:
    """Wait for *seconds*, 2.5 by default."""
    raise OSError(f"{seconds} {size}")


def test_a_default_and_an_error_that_are_not_named_are_found() -> None:
    assert list(without_default(wait)) == ["(size=8 MiB)"]
    assert list(unlisted_errors(wait)) == [": OSError"]


def docstrings(source: str) -> Iterator[str]:
    """Yield the docstrings in *source*, those of constants and fields included, each on one line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield " ".join(node.value.value.split())


def test_a_docstring_names_what_it_is_about() -> None:
    found = [
        f"{file.relative_to(root)}: {text}"
        for root in SOURCES
        for file in sorted(root.rglob("*.py"))
        for text in docstrings(file.read_text())
        if FRAGMENT.match(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["Its name.", "In bytes; 0 between two lines.", "Return it in words.", "Those of the page."]
)
def test_a_fragment_is_found(text: str) -> None:
    assert FRAGMENT.match(text)
