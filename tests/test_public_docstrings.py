"""Docstrings of what users call: each names its parameters."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import chatgptfree
from chatgptfree import ChatError, blocking, provider
from chatgptfree_mock import serving
from chatgptfree_mock.contract.pack import Recordings, SitePack, SiteSpec
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.live_handle import LiveHandle, PendingCall
from chatgptfree_mock.server.running_site import RunningSite

MODULES = {
    chatgptfree: chatgptfree.__all__,
    blocking: ("ChatClient", "Conversation", "ReplyStream"),
    provider: ("ChatgptFree", "format_prompt"),
    serving: serving.__all__,
}
OTHERS = (RunningSite, LiveHandle, PendingCall, Delivery, SitePack, SiteSpec, SiteRequest, Recordings)
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


def undocumented(value: type | Callable[..., Any]) -> Iterator[str]:
    """Yield the parameters of *value*, and of the public methods of a class, that no docstring names."""
    # A protocol is not called.
    functions: dict[str, Any] = {} if getattr(value, "_is_protocol", False) else {"": value}
    if inspect.isclass(value):
        if issubclass(value, Exception):  # `ChatError` has the parameters that all errors share
            functions = {"": value} if value is ChatError else {}
        functions |= {name: each for name, each in vars(value).items() if name[0] != "_"}
    for name, each in functions.items():
        function = getattr(each, "__func__", each)
        if not (inspect.isfunction(function) or inspect.isclass(function)):
            continue
        for parameter in inspect.signature(function).parameters:
            if parameter not in ("self", "cls") and not re.search(rf"\b{parameter}\b", documented(function)):
                yield f"{name}({parameter})"


@pytest.mark.parametrize("value", PUBLIC)
def test_a_docstring_names_every_parameter(value: type | Callable[..., Any]) -> None:
    if callable(value):
        assert list(undocumented(value)) == []
