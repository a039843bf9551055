"""robots.txt by RFC 9309: which group is meant, which rule is the longest, and what a file may look like."""

from __future__ import annotations

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.watch.robots import first_forbidden
from chatgptfree_mock.watch.visit import AGENT

AJAX = "/wp-admin/admin-ajax.php"
ALL = "User-agent: *\nDisallow: /\n"


def allowed(text: str, path: str = AJAX) -> bool:
    return first_forbidden(text, [path], site="https://example.com", agent=AGENT) is None


@for_each(
    ("text", "expected"),
    [
        pytest.param(ALL, False, id="everybody"),
        pytest.param(f"\ufeff{ALL}", False, id="a byte order mark"),
        pytest.param(ALL.replace("\n", "\r\n"), False, id="CR LF"),
        pytest.param(ALL.replace("\n", "\r"), False, id="CR"),
        pytest.param("user-agent:*\ndisallow:/\n", False, id="lower case, no blanks"),
        pytest.param("User-agent: *\n\nDisallow: / # all\n", False, id="a blank line and a comment"),
        pytest.param(f"User-agent: {AGENT.upper()}\nDisallow: /\n", False, id="the name in capitals"),
        pytest.param(f"User-agent: {AGENT}/1.0\nDisallow: /\n", False, id="the name and a version"),
        pytest.param("User-agent: chatgptfree\nDisallow: /\n", True, id="the beginning of the name is another's"),
        pytest.param(f"User-agent: chatgptfree\nAllow: /\n\n{ALL}", False, id="another's permission"),
        pytest.param(f"{ALL}\nUser-agent: {AGENT}\nAllow: /\n", True, id="its own group comes first"),
        pytest.param(f"User-agent: a\nUser-agent: {AGENT}\nDisallow: /\n", False, id="a group of several"),
        pytest.param("User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /wp-admin/\n", False, id="two groups"),
        pytest.param("Disallow: /\n", True, id="a rule before any group"),
        pytest.param("User-agent: *\nDisallow:\n", True, id="an empty rule"),
        pytest.param("", True, id="nothing"),
        pytest.param("<html><body>Not found</body></html>", True, id="a page"),
        pytest.param(f"User-agent: *\nDisallow: /wp-admin/\nAllow: {AJAX}\n", True, id="WordPress' own: the longest"),
        pytest.param("User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/\n", True, id="a tie allows"),
        pytest.param("User-agent: *\nDisallow: /*.php$\n", False, id="a star and an end"),
        pytest.param("User-agent: *\nDisallow: /%77p-admin/\n", False, id="percent-encoded"),
    ],
)
def test_what_is_allowed(text: str, expected: bool) -> None:
    assert allowed(text) is expected


def test_an_end_is_the_end_and_a_query_belongs_to_the_path() -> None:
    assert allowed("User-agent: *\nDisallow: /*.php$\n", f"{AJAX}?action=x")
    assert not allowed("User-agent: *\nDisallow: /*?action=\n", f"{AJAX}?action=x")


def test_the_first_forbidden_path_is_named() -> None:
    paths = ["/chat/", AJAX, "/other"]
    text = f"User-agent: *\nDisallow: {AJAX}\nDisallow: /other\n"
    assert first_forbidden(text, paths, site="https://example.com", agent=AGENT) == AJAX
