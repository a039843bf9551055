"""`assert_asked`: what the client has sent, with the journal in the message of the failure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from chatgptfree import blocking
from chatgptfree_mock.serving import MockSite


@pytest.fixture
def site() -> Iterator[MockSite]:
    with MockSite(plugin="1.8.93", reply="Hello") as site:
        yield site


def ask(site: MockSite, *messages: str) -> None:
    with blocking.ChatClient(site.url) as chat:
        for message in messages:
            chat.ask(message)


def test_a_request_that_came_is_returned(site: MockSite) -> None:
    ask(site, "Hi", "again")
    (exchange,) = site.assert_asked(action="wpaicg_chat_shortcode_message", message="Hi", times=1)
    assert exchange.fields["message"] == "Hi"
    assert len(site.assert_asked(method="POST", status=200)) == 2
    assert len(site.assert_asked(method="GET", path="/", times=1)) == 1
    site.assert_asked(message="never", times=0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"message": "no"}, "expected at least one request with message='no'; the site got 0 of 2 requests"),
        ({"message": "Hi", "times": 2}, "expected 2 requests with message='Hi'; the site got 1 of 2 requests"),
        ({"message": "Hi", "times": 0}, "expected 0 requests with message='Hi'; the site got 1 of 2 requests"),
        ({"mesage": "Hi"}, "no request has a field `mesage`; did you mean `message`?"),
        ({"fields": {"path": "/"}}, "no request has a field `path`"),
        ({"times": 5}, "expected 5 requests; the site got 2"),
    ],
)
def test_a_failure_shows_the_journal(site: MockSite, arguments: dict[str, object], sentence: str) -> None:
    ask(site, "Hi")
    with pytest.raises(AssertionError, match=re.escape(sentence)) as failed:
        site.assert_asked(**arguments)  # type: ignore[arg-type] # keywords as a test writes them
    assert "POST /wp-admin/admin-ajax.php" in str(failed.value)


def test_nothing_came(site: MockSite) -> None:
    with pytest.raises(AssertionError, match=r"^expected at least one request; the site got 0$"):
        site.assert_asked()
    site.assert_asked(times=0)
    for times in (-1, 1.5):
        with pytest.raises(ValueError, match=re.escape(f"a whole number from 0: {times}")):
            site.assert_asked(times=times)  # type: ignore[arg-type] # a mistake
    with pytest.raises(IndexError, match="no exchange 3: the journal has 0"):
        site.journal[3]


def test_pytest_shows_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(chat_site):\n    chat_site.assert_asked(message='Hi')\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio")
    result.stdout.fnmatch_lines(["E *AssertionError: expected at least one request with message='Hi'; the site got 0*"])
    result.stdout.no_fnmatch_line("*mock_site.py*")


def test_members_of_json_and_objects_that_compare_as_they_like(site: MockSite) -> None:
    class Anything:
        def __eq__(self, _other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment] # as those of dirty-equals

    body = json.dumps({"model": "m", "messages": [{"content": "Hi"}], "stream": True}).encode()
    with urlopen(Request(f"{site.url}/?model=query", body, {"Content-Type": "application/json"})):
        pass
    site.assert_asked(model="m", stream=True, messages=[{"content": "Hi"}], times=1)
    site.assert_asked(model=Anything(), times=1)
    site.assert_asked(missing=Anything(), times=0)
