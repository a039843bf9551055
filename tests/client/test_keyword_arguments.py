"""What is no argument of a client is refused with the nearest that is one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import chatgptfree
from chatgptfree import blocking


@pytest.mark.parametrize("make", [chatgptfree.ChatClient, blocking.ChatClient], ids=["asyncio", "blocking"])
def test_an_unknown_argument_names_what_was_meant(make: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"ChatClient has no argument `timout`; did you mean `timeout`\?"):
        make("http://127.0.0.1/", timout=3)
    with pytest.raises(TypeError, match=r"no argument `qqq`; there are: url, proxy, "):
        make("http://127.0.0.1/", qqq=3)


@pytest.mark.parametrize("make", [chatgptfree.ChatClient, blocking.ChatClient], ids=["asyncio", "blocking"])
def test_a_value_without_its_name_is_asked_for_it(make: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"ChatClient: give 3 by the name of its argument, such as `proxy=…`"):
        make("http://127.0.0.1/", 3)
