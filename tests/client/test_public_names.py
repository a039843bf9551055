"""What the package promises to keep: its names, its help, and what importing it costs."""

from __future__ import annotations

import copy
import pickle
import pkgutil
import subprocess
import sys

import pytest

import chatgptfree
from chatgptfree import ChatError, ChatTimeoutError, RateLimitedError, blocking


def test_public_names() -> None:
    assert chatgptfree.__all__ == sorted(chatgptfree.__all__)
    assert len(chatgptfree.__all__) <= 25
    assert set(chatgptfree.__all__) <= set(dir(chatgptfree))
    assert all(getattr(chatgptfree, name) is not None for name in chatgptfree.__all__)


def test_nothing_else_looks_public() -> None:
    modules = {"aio", "blocking", "cli", "control_characters", "core", "errors", "keyword_arguments", "messages"}
    modules |= {"json_lines", "provider", "terminal_output", "usage_error"}
    # An imported module is a name of the package; which ones are depends on the tests before this one.
    assert {each.name for each in pkgutil.iter_modules(chatgptfree.__path__)} - {"__main__"} == modules
    helpers = {"Any", "Final", "TYPE_CHECKING", "annotations", "import_module"}
    names = {name for name in dir(chatgptfree) if not name.startswith("_")}
    assert names - set(chatgptfree.__all__) <= modules | helpers


def test_a_name_that_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = chatgptfree.nonsense  # type: ignore[attr-defined]  # which is the point


def test_the_version_is_a_release() -> None:
    assert chatgptfree.__version__.count(".") == 2


def test_importing_costs_no_network_library() -> None:
    code = "import sys, chatgptfree; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"aiohttp", "selectolax", "importlib.metadata"} & set(loaded)


@pytest.mark.parametrize("client", [chatgptfree.ChatClient, blocking.ChatClient], ids=["asyncio", "blocking"])
def test_help_is_a_reference(client: type) -> None:
    for name in dir(client):
        if not name.startswith("_"):
            assert getattr(client, name).__doc__, f"{client.__module__}.{name} has no docstring"
    assert client.__doc__


@pytest.mark.parametrize(
    "error",
    [
        ChatError("it failed", status=500, url="http://h/", excerpt="Oops", partial="Hel"),
        ChatTimeoutError("silence", phase="idle", partial="Hel"),
        RateLimitedError("slow down", retry_after=7.0),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_can_be_copied_and_sent_to_another_process(error: ChatError) -> None:
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)


def test_an_excerpt_stays_short() -> None:
    assert len(ChatError("it failed", excerpt="x" * 1000).excerpt) == 300
